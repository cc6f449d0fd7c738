//! Starts openshift-provisioner.

use std::process::ExitCode;

use clap::Parser as _;
use openshift_provisioner::Config;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::parse();
    service::exit_code(openshift_provisioner::run(config).await)
}
