//! The watcher: turns claims into work items, and records into statuses.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    service::exit_code(watcher::run(watcher::Config::parse()).await)
}
