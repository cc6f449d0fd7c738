//! The whole service against a real API server and a real nats-server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

mod asking;
mod buckets;
mod keeping;
mod restoring;
mod writing;
