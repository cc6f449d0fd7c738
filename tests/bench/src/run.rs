//! The order in which things are measured.

use std::time::Duration;

use stack::{Claim, Folder, Place, Scope, Site, Stack, Steps};

use crate::bench::Bench;
use crate::report::Report;
use crate::sample::Sample;
use crate::timeline::{Moment, Timeline};
use crate::{Options, burst, figure, machine, processes, quiet, restart, single};

const NAMESPACE: &str = "bench";

/// Measures everything, prints the figures, and writes the report.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let load = machine::load()?;
    let mut bench = start().await?;
    bench.report.add(figure::LOAD, "", load);
    let outcome = measure(&mut bench, &options).await;
    bench.stack.stop_services().await;
    outcome?;
    let folder = stack::target()?.join("bench");
    bench.report.write(&folder, &about(&options))?;
    println!("\n{}\nwritten: {}", bench.report.table(), folder.join("report.json").display());
    Ok(())
}

async fn start() -> anyhow::Result<Bench> {
    let steps = Steps::Shown;
    let folder = Folder::make("bench")?;
    println!("logs: {}", folder.path().join("logs").display());
    let build = async { tokio::task::spawn_blocking(|| stack::binaries().map(drop)).await? };
    steps.step("building the services", build).await?;
    let path = folder.path().to_owned();
    let site = Site::start(folder, steps).await?;
    let place = Place { namespace: NAMESPACE.to_owned(), scope: Scope::Cluster, folder: path };
    let mut stack = steps.step("starting nats-server", Stack::at(site, place)).await?;
    steps.step("starting the services", stack.start_services()).await?;
    let timeline = Timeline::watch(&stack.client, NAMESPACE);
    let report = Report::new(machine::versions(&stack.client).await?, machine::cores()?);
    Ok(Bench { stack, timeline, report })
}

async fn measure(bench: &mut Bench, options: &Options) -> anyhow::Result<()> {
    let steps = Steps::Shown;
    steps.step("warming up", warm_up(bench)).await?;
    let mut in_cluster = Vec::new();
    for sample in Sample::ALL {
        let what = format!("{} x {}, one after the other", options.claims, sample.as_str());
        let made = single::measure(bench, sample, options.claims);
        let made = steps.step(&what, Box::pin(made)).await?;
        // Buckets stay: steady state has to hold for what AWS serves too.
        if sample != Sample::Bucket {
            in_cluster.extend(made);
        }
    }
    steps.step("removing those in the cluster", bench.remove(&in_cluster)).await?;
    let what = format!("{} in-cluster claims at once", options.burst);
    steps.step(&what, Box::pin(burst::measure(bench, options.burst))).await?;
    let quiet_time = Duration::from_secs(options.quiet_seconds);
    steps.step("steady state", Box::pin(quiet::measure(bench, quiet_time))).await?;
    processes::add_memory(bench)?;
    let claims = u64::try_from(options.burst + options.claims)?;
    steps.step("restarting each service", Box::pin(restart::measure(bench, claims))).await
}

/// The first claim of each kind pays for connections and caches; it is not measured, and is gone afterwards.
async fn warm_up(bench: &Bench) -> anyhow::Result<()> {
    let claims: Vec<Claim> = Sample::ALL.iter().map(|sample| sample.claim("warm", 0)).collect();
    for claim in &claims {
        bench.stack.create(claim).await?;
    }
    bench.until(Moment::Complete, &claims).await?;
    bench.remove(&claims).await
}

fn about(options: &Options) -> String {
    let Options { claims, burst, quiet_seconds } = options;
    format!(
        "One claim after the other: {claims} of each kind. At once: {burst} in-cluster claims. Steady state, memory and \
         restarts: with those {burst} claims and {claims} buckets; {quiet_seconds} s of steady state. Pods become ready \
         without a node, AWS is moto on the same machine, and the services are built in the profile named below."
    )
}
