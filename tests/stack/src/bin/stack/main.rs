//! `make run`: the whole operator on this machine.

mod run;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// Runs the cloud resource operator on a real control plane on this machine.
#[derive(Parser)]
enum Command {
    /// Start everything, apply the samples, and stay until Ctrl-C
    Run {
        /// End when all samples are complete, or fail when they are not in time
        #[arg(long)]
        once: bool,
        /// With --once: seconds from the start of the first process until the samples must be complete
        #[arg(long, default_value_t = 120)]
        patience: u64,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Run { once, patience } = Command::parse();
    match run::run(once.then(|| Duration::from_secs(patience))).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
