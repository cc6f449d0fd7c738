//! Says what is being started, and how long it took.

use std::io::Write as _;
use std::time::Instant;

/// A line for each step, or silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// For people who wait.
    Shown,
    /// For tests.
    Quiet,
}

impl Steps {
    /// Does a step.
    pub async fn step<T>(
        self,
        what: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        if self == Self::Quiet {
            return work.await;
        }
        print!("{what:<60}");
        let _ = std::io::stdout().flush();
        let start = Instant::now();
        let outcome = work.await;
        match &outcome {
            Ok(_) => println!("{:>6.1} s", start.elapsed().as_secs_f64()),
            Err(_) => println!("failed"),
        }
        outcome
    }
}
