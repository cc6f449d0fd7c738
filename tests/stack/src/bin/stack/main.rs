//! `make run`: the whole operator on this machine.

mod run;
mod table;

use std::process::ExitCode;

use clap::Parser;

/// Runs the cloud resource operator on a real control plane on this machine.
#[derive(Parser)]
enum Command {
    /// Start everything, apply the samples, and stay until Ctrl-C
    Run {
        /// End when all samples are complete, or fail when they are not 120 s after the start
        #[arg(long)]
        once: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Run { once } = Command::parse();
    match run::run(once).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
