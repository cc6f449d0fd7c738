//! Starts secret-writer.

use std::process::ExitCode;

use clap::Parser as _;
use secret_writer::Config;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::parse();
    service::exit_code(secret_writer::run(config).await)
}
