//! The worker with a scripted provisioner, against a real nats-server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../../bus/tests/bus/fixture.rs"]
#[allow(dead_code, reason = "shared with the tests of the bus")]
mod fixture;
mod scripted;

mod calls;
mod settling;
