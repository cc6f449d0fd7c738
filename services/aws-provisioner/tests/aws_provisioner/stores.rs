//! What databases and caches must withstand alike: each test is one of both kinds.

pub mod store;

mod creating;
mod deleting;
mod faults;
mod many;
