//! What databases and caches must withstand alike: each test is one of both kinds.

pub mod store;
mod words;

mod answers;
mod changing;
mod creating;
mod deleting;
mod drifting;
mod faults;
mod hands;
mod many;
mod replicas;
