//! What an installation needs before its services start: the definitions of the kinds, and keys and certificates.
//!
//! - [`keys`]: one login to NATS, one key to sign and one to seal for each service, and who trusts whom
//! - [`certificates`]: an authority of this installation, and what it signs
//! - [`folder`]: both as files, for tests and docker-compose
//! - [`install`]: both as Secrets, and the definitions, in a cluster
//!
//! Everything may be repeated: what is there stays, and nothing is ever deleted.

pub mod certificates;
mod definitions;
pub mod folder;
mod install;
pub mod keys;
mod secrets;

pub use install::{Certificates, Definitions, InstallConfig, install, install_with};
