//! Networks: the whole path of a cluster's one item.

mod nets;

mod crashes;
mod databases;
mod existing;
mod faults;
mod making;
mod removing;
