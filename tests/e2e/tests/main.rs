//! What users do, on a real control plane with the four services as processes of their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod buckets;
mod by_hand_on_aws;
mod claim;
mod config;
mod crd;
mod credentials;
mod databases_on_aws;
mod input;
mod kinds;
mod lost_passwords;
mod many;
mod mapping;
mod metrics;
mod monitoring;
mod namespaces;
mod neighbours;
mod reference;
mod secrets;
mod snapshots;
mod stored;
mod traces;
