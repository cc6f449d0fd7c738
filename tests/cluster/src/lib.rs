//! A real Kubernetes that runs real pods, with the operator installed by Helm from images.
//!
//! - [`Cluster`]: a node in a container, with images loaded into it
//! - [`Release`]: what Helm does, and how the operator's pods fare
//! - [`Installation`]: one cluster with one release, which tests share or change
//! - [`Client`]: a pod that uses a Secret as an application does
//! - [`Load`]: claims that are made while something else happens
//!
//! It ends with the process that started it, whatever ends that.

mod client;
mod cluster;
mod command;
mod images;
mod installation;
mod load;
mod localstack;
mod node;
mod pods;
mod release;

pub use client::Client;
pub use cluster::Cluster;
pub use images::{Size, sizes};
pub use installation::{Installation, Shared};
pub use load::Load;
pub use localstack::LocalStack;
pub use pods::{database_pod, is_ready, kill, metric, metrics, operator_pods};
pub use release::{NAMESPACE, Release};
