//! `make bench`: measures the operator on a real control plane on this machine.
//!
//! [`figure`] has the table of all that is measured; [`run`] is the order in which it is measured.

mod bench;
mod burst;
mod counts;
mod figure;
mod hour;
mod install;
mod machine;
mod processes;
mod quiet;
mod report;
mod restart;
mod run;
mod sample;
mod scrape;
mod single;
mod statistics;
mod timeline;

use std::process::ExitCode;

use clap::Parser;

/// Measures the cloud resource operator on this machine. A missed aim is a result, not a failure.
#[derive(Parser)]
struct Options {
    /// Claims of each kind that are made one after the other
    #[arg(long, env = "BENCH_CLAIMS", default_value_t = 20)]
    claims: usize,
    /// In-cluster claims that are made at once
    #[arg(long, env = "BENCH_BURST", default_value_t = 100)]
    burst: usize,
    /// Postgres claims on AWS that are made at once
    #[arg(long, env = "BENCH_BURST_AWS", default_value_t = 50)]
    burst_aws: usize,
    /// How long to look on while nothing is asked for
    #[arg(long, env = "BENCH_QUIET_SECONDS", default_value_t = 120)]
    quiet_seconds: u64,
    /// Databases and caches on AWS that there are when metrics are scraped
    #[arg(long, env = "BENCH_SCRAPE_CLAIMS", default_value_t = 1000)]
    scrape_claims: usize,
    /// Measure nothing but the scrape of metrics
    #[arg(long, env = "BENCH_ONLY_SCRAPE")]
    only_scrape: bool,
    /// Measure an installation by Helm on a real node, with images that are there, and nothing else
    #[arg(long)]
    install: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = if options.install { install::run().await } else { run::run(options).await };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
