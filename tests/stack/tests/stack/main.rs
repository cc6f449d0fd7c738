//! What the other tests stand on.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without fails it")]

mod aws;
mod bus_users;
mod children;
mod control_plane;
mod grants;
mod make;
mod permissions;
mod run;
mod status_tls;
