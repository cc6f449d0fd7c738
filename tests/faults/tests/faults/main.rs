//! What breaks while users wait, on a real control plane with the four services as processes of their own. Whatever it
//! is: everything becomes complete by itself, nothing is made twice, and no password changes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod aws;
mod bus;
mod kubernetes;
mod lives;
mod losses;
mod orphans;
mod scene;
mod services;
mod witness;
