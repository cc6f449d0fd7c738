//! The bus against a real nats-server: what is promised, and what is left when the server is killed or wiped.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod fixture;

mod credentials;
mod deliveries;
mod jwt;
mod leases;
mod metrics;
mod records;
mod store;
mod tls;
