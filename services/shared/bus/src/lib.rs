//! The bus: the only door to NATS.
//!
//! - [`Bus`]: a connection; reads a subject's last message from the stream leader, writes by compare-and-set
//! - [`topology`]: streams and consumers; only the watcher's leader makes them
//! - [`Delivery`]: one handing-over of a message; owns its acknowledgement
//! - [`Lease`]: the right to act on one uid, for a time
//! - [`RecordFollower`]: every record of one service, in memory, for its status server
//! - [`credentials`]: sealed requests to secret-writer
//! - [`Epoch`]: which incarnation of the store this is; the bus may be wiped at any moment
//!
//! Every stored message is signed by its writer and accepted only from the writer of its subject. What cannot be
//! verified counts as missing. It knows nothing of AWS or Kubernetes.

mod config;
mod connection;
mod consumer;
pub mod credentials;
mod delivery;
mod epoch;
mod error;
mod follower;
mod lease;
mod metrics;
mod store;
pub mod topology;

pub use config::BusConfig;
pub use connection::Bus;
pub use consumer::{Stopped, consume};
pub use delivery::{Delivery, Disposition};
pub use epoch::Epoch;
pub use error::Error;
pub use follower::RecordFollower;
pub use lease::Lease;
pub use store::{Message, Stored};
