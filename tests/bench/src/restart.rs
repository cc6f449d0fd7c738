//! Services that end and start anew.

use std::time::Duration;

use proto::Service;
use tokio::time::{Instant, sleep};

use crate::bench::{Bench, per_claim};
use crate::counts::{Class, Counts, labelled};
use crate::figure;

const LOOK: Duration = Duration::from_millis(20);
/// Without another reconcile for this long, all were looked at.
const SETTLED: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// Restarts each service. There are so many claims.
pub async fn measure(bench: &mut Bench, claims: u64) -> anyhow::Result<()> {
    for service in Service::ALL {
        let before = Counts::read(&mut bench.stack).await?;
        let stop = Instant::now();
        anyhow::ensure!(bench.stack.service(service).stop().await, "{service} did not drain");
        let stop = stop.elapsed();
        let start = Instant::now();
        bench.stack.service(service).start()?;
        bench.stack.service(service).ready().await?;
        let ready = start.elapsed();
        bench.report.add(figure::RESTART_STOP, service.as_str(), stop.as_secs_f64());
        bench.report.add(figure::RESTART_READY, service.as_str(), ready.as_secs_f64());
        if service == Service::Watcher {
            let looked = looked_at(bench, claims, start).await?;
            bench.report.add(figure::RESTART_LOOKED, "", looked.as_secs_f64());
        }
        let spent = bench.settled().await?.since(&before);
        if service == Service::AwsProvisioner {
            let calls = spent.total(Class::ProviderCall) + spent.total(Class::Listing);
            bench.report.add(figure::RESTART_CALLS, service.as_str(), per_claim(calls, 1));
            bench.explain("restart", &spent, 1);
        }
    }
    Ok(())
}

/// Until the last reconcile after the start, when there were at least as many as claims.
async fn looked_at(bench: &mut Bench, claims: u64, start: Instant) -> anyhow::Result<Duration> {
    let (mut seen, mut last) = (0, Instant::now());
    while seen < claims || last.elapsed() < SETTLED {
        anyhow::ensure!(start.elapsed() < PATIENCE, "only {seen} of {claims} were looked at");
        let now = reconciles(bench).await?;
        if now > seen {
            (seen, last) = (now, Instant::now());
        }
        sleep(LOOK).await;
    }
    Ok(last - start)
}

async fn reconciles(bench: &mut Bench) -> anyhow::Result<u64> {
    let mut count = 0;
    for replica in bench.stack.service(Service::Watcher).replicas() {
        let metrics = replica.metrics().await?;
        let lines = metrics.lines().filter_map(|line| labelled(line, "watcher_reconciles_total"));
        count += lines.map(|(_, count)| count).sum::<u64>();
    }
    Ok(count)
}
