//! An hour of aws-provisioner in a minute: its periods are a sixtieth of the defaults.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use stack::{Call, Claim};

use crate::Options;
use crate::bench::{Bench, per_claim};
use crate::counts::{Class, Counts};
use crate::figure;
use crate::sample::Sample;

const HOUR: Duration = Duration::from_mins(1);
/// Names of the periods, s.
const PERIODS: [(&str, &str); 3] = [
    ("INVENTORY_PERIOD_SECONDS", "10"),
    ("DRIFT_PERIOD_SECONDS", "60"),
    ("CLOUDWATCH_PERIOD_SECONDS", "5"),
];

/// Looks on. There are so many claims on AWS.
pub async fn measure(bench: &mut Bench, options: &Options, claims: usize) -> anyhow::Result<()> {
    bench.restart_with(&PERIODS).await?;
    // What has settled just now is not looked at within its first hour.
    tokio::time::sleep(HOUR).await;
    let (before, begin) = (Counts::read(&mut bench.stack).await?, Timestamp::now());
    tokio::time::sleep(HOUR).await;
    add_kinds(bench, options, begin).await?;
    let spent = Counts::read(&mut bench.stack).await?.since(&before);
    let (calls, listings) = (spent.total(Class::ProviderCall), spent.total(Class::Listing));
    bench.report.add(figure::HOUR_CALLS, "", per_claim(calls, claims));
    bench.report.add(figure::HOUR_LISTINGS, "", per_claim(listings, 1));
    bench.explain("hour", &spent, 1);
    Ok(())
}

/// Calls that name what a claim of each kind has.
async fn add_kinds(bench: &mut Bench, options: &Options, begin: Timestamp) -> anyhow::Result<()> {
    let calls = bench.stack.aws.calls();
    for sample in Sample::ALL {
        let Some(row) = sample.calls_in_an_hour() else { continue };
        let (what_for, count) = match sample {
            Sample::PostgresAws => ("burst-aws", options.burst_aws),
            _ => ("single", options.claims),
        };
        let mut names = Vec::new();
        for number in 0..count {
            names.push(identifier(bench, &sample.claim(what_for, number)).await?);
        }
        let is_of_one = |call: &&Call| {
            call.at >= begin && names.iter().any(|name| call.resource.contains(name))
        };
        let made = calls.iter().filter(is_of_one).count();
        bench.report.add(row, sample.as_str(), per_claim(made as u64, count));
    }
    Ok(())
}

async fn identifier(bench: &Bench, claim: &Claim) -> anyhow::Result<String> {
    let object = bench.stack.get(claim).await?.context("it was made")?;
    let name = object.data["status"]["placement"]["identifier"].as_str();
    Ok(name.context("it was named")?.to_owned())
}
