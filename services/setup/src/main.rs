//! Prepares an installation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use setup::{InstallConfig, folder};

/// Prepares an installation of the cloud resource operator.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Write keys and certificates of all services into a folder; what is there stays
    Keys {
        /// The folder: one inside it for each service, and one for NATS
        #[arg(long)]
        folder: PathBuf,
        /// A further name or address under which the servers are reached; may be given several times
        #[arg(long)]
        host: Vec<String>,
    },
    /// Install the definitions of the kinds, and make keys and certificates that are missing, in the cluster
    Install(InstallConfig),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Keys { folder, host } => folder::write(&folder, &host),
        Command::Install(config) => setup::install(&config).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
