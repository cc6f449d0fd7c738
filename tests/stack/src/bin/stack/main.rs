//! `make run`: the whole operator on this machine. `make run/cluster`: its services, for a cluster elsewhere. And AWS alone,
//! for docker-compose.

mod cluster;
mod run;
mod signals;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use stack::Alone;

/// Runs the cloud resource operator on this machine.
#[derive(Parser)]
enum Command {
    /// Start everything on a real control plane, apply the samples, and stay until Ctrl-C
    Run {
        /// End when all samples are complete, or fail when they are not in time
        #[arg(long)]
        once: bool,
        /// With `--once`: how long that may take, counted from the start of the first process, seconds
        #[arg(long, default_value_t = 120)]
        timeout_seconds: u64,
    },
    /// Start the services on this machine for the current kubeconfig's cluster, and stay until Ctrl-C
    Cluster {
        /// The operator's namespace
        #[arg(long, default_value = "cloud-resource-operator")]
        namespace: String,
    },
    /// Stand for AWS, with a real server behind each database
    Aws(Alone),
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Command::parse() {
        Command::Run { once, timeout_seconds } => {
            run::run(once.then(|| Duration::from_secs(timeout_seconds))).await
        }
        Command::Cluster { namespace } => cluster::run(&namespace).await,
        Command::Aws(alone) => alone.serve().await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
