//! openshift-provisioner with its own rights, against a real API server, pods that kwok makes ready, and nats-server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

mod buckets;
mod deleting;
mod healing;
mod provisioning;
mod volumes;
