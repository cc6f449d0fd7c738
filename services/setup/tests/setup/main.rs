//! An installation is prepared in a real cluster.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod definitions;
mod secrets;
