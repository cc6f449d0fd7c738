//! Starts the real things on loopback: a Kubernetes control plane, nats-server, the AWS double, and the four services.
//!
//! - [`ControlPlane`]: etcd, kube-apiserver, controller manager, scheduler, kwok; shared by the tests of a binary
//! - [`Stack`]: what one test has for itself: a namespace, a nats-server, an AWS account, the four services
//! - [`Claim`]: samples of what users write
//!
//! Everything listens on free ports, logs to files in one folder, and ends with the process that started it.

#![allow(clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod apiserver;
mod aws;
mod child;
mod claim;
mod control_plane;
mod keys;
mod kubeconfig;
mod nats;
mod pki;
mod proxy;
mod services;
#[allow(clippy::module_inception, reason = "the stack is what the crate is about")]
mod stack;
mod tools;

pub use aws::Aws;
pub use child::{Child, Spawn};
pub use claim::Claim;
pub use control_plane::{ControlPlane, read_objects};
pub use keys::write_keys;
pub use kubeconfig::Kubeconfig;
pub use nats::Nats;
pub use proxy::{Call, Fault, Proxy};
pub use services::{Replica, Services};
pub use stack::{Scope, Stack, eventually};
pub use tools::{aws_tools, binaries, repository, tools};
