//! What monitoring costs: a scrape with many claims.

use std::time::Duration;

use anyhow::Context as _;
use futures::future::try_join_all;
use jiff::Timestamp;
use proto::Service;
use stack::{Claim, eventually};
use tokio::time::Instant;

use crate::bench::{Bench, per_claim};
use crate::counts::{Class, Counts};
use crate::figure;
use crate::sample::Sample;
use crate::statistics::percentile;
use crate::timeline::Moment;

const SCRAPES: usize = 50;
/// A thousand databases take a while: ten calls of a kind a second.
const PATIENCE: Duration = Duration::from_mins(15);
/// The two whose metrics grow with the claims.
const SERVICES: [Service; 2] = [Service::Watcher, Service::AwsProvisioner];
/// As they are by default: the hour in a minute has left others.
const PERIODS: [(&str, &str); 3] = [
    ("INVENTORY_PERIOD_SECONDS", "600"),
    ("DRIFT_PERIOD_SECONDS", "3600"),
    ("CLOUDWATCH_PERIOD_SECONDS", "300"),
];
const OF_POSTGRES: [&str; 3] = ["FreeStorageSpace", "CPUUtilization", "FreeableMemory"];
const OF_REDIS: [&str; 4] =
    ["DatabaseMemoryUsagePercentage", "FreeableMemory", "CPUUtilization", "EngineCPUUtilization"];

/// Makes claims, has CloudWatch measure something of all of them, and scrapes. They stay.
pub async fn measure(bench: &mut Bench, count: usize) -> anyhow::Result<()> {
    let samples = [Sample::PostgresAws, Sample::RedisAws].into_iter().cycle().zip(0..count);
    let claims: Vec<Claim> =
        samples.map(|(sample, number)| sample.claim("scrape", number)).collect();
    try_join_all(claims.iter().map(|claim| bench.stack.create(claim))).await?;
    let names: Vec<String> = claims.iter().map(|claim| claim.name.clone()).collect();
    bench.timeline.until(Moment::Complete, &names, PATIENCE).await?;
    let values = measured(bench, &claims).await?;
    // Soon after its start it looks at CloudWatch, and then not for a while.
    bench.restart_with(&PERIODS).await?;
    until_shown(bench, values).await?;
    bench.settled().await?;
    let before = Counts::read(&mut bench.stack).await?;
    for service in SERVICES {
        scrape(bench, service).await?;
    }
    let spent = Counts::read(&mut bench.stack).await?.since(&before);
    let calls = spent.total(Class::ProviderCall) + spent.total(Class::Listing);
    bench.report.add(figure::SCRAPE_CALLS, "", per_claim(calls, 1));
    Ok(())
}

/// Has CloudWatch measure all that there is of a claim. Returns the number of values.
async fn measured(bench: &Bench, claims: &[Claim]) -> anyhow::Result<usize> {
    let (mut databases, mut members) = (Vec::new(), Vec::new());
    for claim in claims {
        let object = bench.stack.get(claim).await?.context("it was made")?;
        let id = object.data["status"]["placement"]["identifier"].as_str();
        let id = id.context("it was named")?.to_owned();
        match claim.kind {
            crds::ClaimKind::Postgres => databases.push(id),
            _ => members.extend([1, 2].map(|number| format!("{id}-00{number}"))),
        }
    }
    let (aws, now) = (&bench.stack.aws, Timestamp::now());
    for (metrics, namespace, dimension, ids) in [
        (OF_POSTGRES.as_slice(), "AWS/RDS", "DBInstanceIdentifier", &databases),
        (OF_REDIS.as_slice(), "AWS/ElastiCache", "CacheClusterId", &members),
    ] {
        for metric in metrics {
            aws.measured_of_all((namespace, metric), dimension, ids, now, 1.0).await?;
        }
    }
    Ok(databases.len() * OF_POSTGRES.len() + members.len() * OF_REDIS.len())
}

async fn until_shown(bench: &mut Bench, values: usize) -> anyhow::Result<()> {
    let replica = bench.stack.service(Service::AwsProvisioner).replicas().first();
    let replica = replica.context("it was started")?;
    eventually("what CloudWatch measured is shown", PATIENCE, async || {
        let text = replica.metrics().await?;
        let is_value = |line: &&str| line.starts_with("cro_") && line.contains("_average{");
        let shown = text.lines().filter(is_value).count();
        anyhow::ensure!(shown >= values, "{shown} of {values}");
        Ok(Some(()))
    })
    .await
}

async fn scrape(bench: &mut Bench, service: Service) -> anyhow::Result<()> {
    let replica = bench.stack.service(service).replicas().first().context("it was started")?;
    let (mut times, mut series) = (Vec::new(), 0);
    for _ in 0..SCRAPES {
        let begun = Instant::now();
        let text = replica.metrics().await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        series = text.lines().filter(|line| !line.starts_with('#')).count();
    }
    bench.report.add(figure::SCRAPE_P50, service.as_str(), percentile(&times, 50));
    bench.report.add(figure::SCRAPE_P95, service.as_str(), percentile(&times, 95));
    bench.report.add(figure::SCRAPE_SERIES, service.as_str(), per_claim(series as u64, 1));
    Ok(())
}
