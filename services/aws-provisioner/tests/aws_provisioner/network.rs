//! Networks: the whole path of a cluster's one item.

pub mod nets;

mod crashes;
mod databases;
mod existing;
mod faults;
mod making;
mod removing;
