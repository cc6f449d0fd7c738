//! The operator as it is installed: real pods from images, by Helm, on a real Kubernetes node.
//!
//! Tests share one installation. Those that change it have it alone, and find it as it was in the beginning.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod buckets;
mod databases;
mod install;
mod nats;
mod replicas;
mod uninstall;
mod upgrade;
