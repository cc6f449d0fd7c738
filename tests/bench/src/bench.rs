//! What every measurement works on.

use std::time::Duration;

use proto::Service;
use stack::{Claim, Stack};
use tokio::time::{Instant, sleep};

use crate::counts::{Class, Counts};
use crate::report::Report;
use crate::timeline::{Moment, Timeline};

/// How long claims may take before there is nothing to measure.
const PATIENCE: Duration = Duration::from_secs(180);
/// Without anything done for this long, what was asked for is done.
const SETTLED: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(500);

/// A running stack, what is seen of it, and what it came to.
pub struct Bench {
    /// What is measured.
    pub stack: Stack,
    /// What watches see.
    pub timeline: Timeline,
    /// What was found.
    pub report: Report,
}

impl Bench {
    /// Waits until it has happened to all of these.
    pub async fn until(&self, moment: Moment, claims: &[Claim]) -> anyhow::Result<()> {
        let names: Vec<String> = claims.iter().map(|claim| claim.name.clone()).collect();
        self.timeline.until(moment, &names, PATIENCE).await
    }

    /// Everything done so far, once nothing more is done, or after a while.
    pub async fn settled(&mut self) -> anyhow::Result<Counts> {
        let mut counts = Counts::read(&mut self.stack).await?.without_renewals();
        let (start, mut since) = (Instant::now(), Instant::now());
        while since.elapsed() < SETTLED && start.elapsed() < PATIENCE {
            sleep(LOOK).await;
            let now = Counts::read(&mut self.stack).await?.without_renewals();
            if now != counts {
                (counts, since) = (now, Instant::now());
            }
        }
        Ok(counts)
    }

    /// Starts aws-provisioner anew with these periods, s.
    pub async fn restart_with(&mut self, periods: &[(&str, &str)]) -> anyhow::Result<()> {
        let service = self.stack.service(Service::AwsProvisioner);
        anyhow::ensure!(service.stop().await, "aws-provisioner did not drain");
        for (variable, seconds) in periods {
            service.set(variable, seconds);
        }
        service.start()?;
        service.ready().await
    }

    /// Notes what a phase consisted of.
    pub fn explain(&mut self, phase: &str, spent: &Counts, claims: usize) {
        let classes =
            [Class::Write, Class::Read, Class::Publish, Class::ProviderCall, Class::Listing];
        for class in classes {
            for (what, count) in spent.of(class) {
                let share = per_claim(count, claims);
                self.report.explain(format!("| {phase} | {class:?} | {what} | {share:.2} |"));
            }
        }
    }

    /// Removes claims and waits until they are gone.
    pub async fn remove(&self, claims: &[Claim]) -> anyhow::Result<()> {
        for claim in claims {
            self.stack.delete(claim).await?;
        }
        for claim in claims {
            self.stack.until_gone(claim).await?;
        }
        Ok(())
    }
}

/// The share of one claim.
#[allow(clippy::cast_precision_loss, reason = "counts of a bench are small")]
pub fn per_claim(count: u64, claims: usize) -> f64 {
    count as f64 / claims.max(1) as f64
}
