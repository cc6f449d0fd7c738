//! What the other tests stand on.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without fails it")]

mod account;
mod admission;
mod away;
mod aws;
mod aws_ec2;
mod aws_elasticache;
mod aws_faults;
mod aws_rds;
mod bus_users;
mod children;
mod control_plane;
mod databases;
mod grants;
mod localstack;
mod make;
mod permissions;
mod run;
mod status_tls;
