//! The service as a process, against a real nats-server and doubles of AWS; the tests play watcher and secret-writer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod clients;
mod ground;
mod keeper;
mod world;

mod buckets;
mod credentials;
mod mail;
mod network;
mod postgres;
mod redis;
mod snapshots;
mod stores;
