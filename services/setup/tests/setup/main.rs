//! An installation is prepared in a real cluster.

mod definitions;
mod secrets;
