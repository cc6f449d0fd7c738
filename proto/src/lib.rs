//! Everything that the four services say to each other.
//!
//! - [`WorkItem`]: the desired state of one claim; the watcher writes it, a provisioner reads it.
//! - [`Connection`]: connection details without secrets; a provisioner writes it, secret-writer reads it.
//! - [`Record`]: what a worker knows of one uid; only that worker writes it.
//! - [`wire::Status`] and `StatusService`: records as others may see them, over gRPC.
//! - [`wire::EnsureRequest`] and its siblings: sealed requests for credentials; never stored.
//! - [`Subject`]: the address of each of them.
//!
//! Generated types live in [`wire`]; the types above are stricter and are made from them once, by `TryFrom`,
//! when a message is read. This crate starts no task and knows nothing of NATS, Kubernetes or AWS.

mod connection;
mod convert;
mod hash;
mod identity;
mod item;
mod record;
mod redacted;
mod subject;

pub use connection::{Connection, Digest, Field};
pub use convert::Malformed;
pub use hash::{AWS_NAME_PREFIX, HASH_LENGTH, short_hash};
pub use identity::{Identity, Kind, Placement, Provider, Service, Uid};
pub use item::{Cluster, Defaults, Desired, ItemId, Strategy, WorkItem};
pub use record::{ErrorClass, Intent, Record, State};
pub use subject::{CredentialVerb, Subject};
pub use wire::{Network, NetworkMode, Options, Snapshot};

/// Generated from `cro/v1/*.proto`.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "generated code; the .proto files carry the comments"
)]
pub mod wire {
    tonic::include_proto!("cro.v1");
}
