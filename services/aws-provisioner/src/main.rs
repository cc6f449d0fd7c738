//! Starts aws-provisioner.

use std::process::ExitCode;

use aws_provisioner::Config;
use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::parse();
    service::exit_code(aws_provisioner::run(config).await)
}
