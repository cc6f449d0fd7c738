//! Buckets on S3, with their users.

mod deleting;
mod drifting;
mod faults;
mod keys;
mod permissions;
mod provisioning;
