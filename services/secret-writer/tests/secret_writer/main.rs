//! The whole service against a real API server and a real nats-server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cluster;
#[path = "../../../shared/bus/tests/bus/fixture.rs"]
#[allow(dead_code, reason = "shared with the tests of the bus")]
mod fixture;
mod world;

mod keeping;
mod restoring;
mod writing;
