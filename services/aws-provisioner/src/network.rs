//! The network of a cluster's databases: one for all of them, a work item of its own.

pub mod reference;
