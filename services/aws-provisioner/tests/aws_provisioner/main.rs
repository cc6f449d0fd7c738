//! The service as a process, against a real nats-server and the AWS double; the tests play watcher and secret-writer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod clients;
mod ground;
mod keeper;
mod world;

mod credentials;
mod deleting;
mod drifting;
mod faults;
mod keys;
mod mail;
mod network;
mod permissions;
mod postgres;
mod provisioning;
mod redis;
mod snapshots;
mod stores;
