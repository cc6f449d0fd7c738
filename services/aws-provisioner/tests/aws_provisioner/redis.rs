//! Caches: the whole path of a claim, with the network's record written by the tests.

mod caches;

mod changing;
mod creating;
mod deleting;
mod drifting;
