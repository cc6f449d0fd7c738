//! The order in which things are measured.

use std::time::Duration;

use proto::Service;
use stack::{Claim, Folder, Place, Scope, Site, Stack, Steps};

use crate::bench::{Bench, per_claim};
use crate::burst::Burst;
use crate::report::Report;
use crate::sample::Sample;
use crate::timeline::{Moment, Timeline};
use crate::{Options, burst, figure, hour, machine, processes, quiet, restart, scrape, single};

const NAMESPACE: &str = "bench";
/// As it is by default, s.
const MONITORING: [(&str, &str); 1] = [("CLOUDWATCH_PERIOD_SECONDS", "300")];
/// What stays of the first claims.
const KEPT: [Sample; 2] = [Sample::PostgresAws, Sample::RedisAws];

/// Measures everything, prints the figures, and writes the report.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let load = machine::load()?;
    let mut bench = start().await?;
    bench.report.add(figure::LOAD, "", load);
    let outcome = if options.only_scrape {
        scrape(&mut bench, &options).await
    } else {
        measure(&mut bench, &options).await
    };
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
    // What is looked at now and then counts from the steady state on.
    stack.service(Service::AwsProvisioner).set("CLOUDWATCH_PERIOD_SECONDS", "0");
    steps.step("starting the services", stack.start_services()).await?;
    let timeline = Timeline::watch(&stack.client, NAMESPACE);
    let report = Report::new(machine::versions(&stack.client).await?, machine::cores()?);
    Ok(Bench { stack, timeline, report })
}

async fn measure(bench: &mut Bench, options: &Options) -> anyhow::Result<()> {
    let steps = Steps::Shown;
    steps.step("warming up", warm_up(bench)).await?;
    for sample in Sample::ALL {
        let what = format!("{} x {}, one after the other", options.claims, sample.as_str());
        let made = single::measure(bench, sample, options.claims);
        let made = steps.step(&what, Box::pin(made)).await?;
        if !sample.stays() {
            steps.step("removing them", bench.remove(&made)).await?;
        }
    }
    for burst in bursts(options) {
        let what = format!("{} claims at once: {}", burst.count, burst.name);
        steps.step(&what, Box::pin(burst::measure(bench, &burst))).await?;
    }
    bench.restart_with(&MONITORING).await?;
    let quiet_time = Duration::from_secs(options.quiet_seconds);
    steps.step("steady state", Box::pin(quiet::measure(bench, quiet_time))).await?;
    processes::add_memory(bench)?;
    let staying = Sample::ALL.iter().filter(|sample| sample.stays()).count();
    let on_aws = staying * options.claims + 3 * options.burst_aws + KEPT.len();
    let claims = u64::try_from(options.burst + on_aws)?;
    steps.step("restarting each service", Box::pin(restart::measure(bench, claims))).await?;
    steps.step("an hour in a minute", Box::pin(hour::measure(bench, options, on_aws))).await?;
    scrape(bench, options).await
}

async fn scrape(bench: &mut Bench, options: &Options) -> anyhow::Result<()> {
    let what = format!("metrics of {} claims", options.scrape_claims);
    let measured = scrape::measure(bench, options.scrape_claims);
    Steps::Shown.step(&what, Box::pin(measured)).await
}

fn bursts(options: &Options) -> [Burst; 3] {
    [
        Burst {
            name: "burst",
            samples: &[Sample::Postgres, Sample::Redis],
            count: options.burst,
            all: figure::BURST_ALL,
        },
        Burst {
            name: "burst-aws",
            samples: &[Sample::PostgresAws],
            count: options.burst_aws,
            all: figure::BURST_AWS_ALL,
        },
        Burst {
            name: "burst-aws-many",
            samples: &[Sample::PostgresAws],
            count: 2 * options.burst_aws,
            all: figure::BURST_MANY_ALL,
        },
    ]
}

/// The first claim of each kind pays for connections, caches and the network; it is not measured, and gone afterwards
/// but for those that keep the network and have snapshots taken of them.
async fn warm_up(bench: &mut Bench) -> anyhow::Result<()> {
    let claims: Vec<Claim> = Sample::ALL.iter().map(|sample| sample.warm()).collect();
    for claim in &claims {
        bench.stack.create(claim).await?;
    }
    bench.until(Moment::Complete, &claims).await?;
    let calls = bench.stack.aws.calls();
    let is_of_network =
        |it: &&stack::Call| it.service == "ec2" || it.operation.contains("SubnetGroup");
    let of_network = calls.iter().filter(is_of_network).count() as u64;
    bench.report.add(figure::NETWORK_CALLS, "", per_claim(of_network, 1));
    let kept = KEPT.map(|sample| sample.warm().name);
    let others: Vec<Claim> =
        claims.into_iter().filter(|claim| !kept.contains(&claim.name)).collect();
    bench.remove(&others).await
}

fn about(options: &Options) -> String {
    let Options { claims, burst, burst_aws, quiet_seconds, scrape_claims, .. } = options;
    format!(
        "One claim after the other: {claims} of each kind. At once: {burst} in-cluster claims, then {burst_aws} Postgres \
         on AWS, then twice as many. Steady state, memory and restarts: with all those, {claims} buckets, Redis, mail credentials, and snapshots of each sort on AWS; {quiet_seconds} s of steady \
         state. Scrapes: with {scrape_claims} more Postgres and Redis on AWS, by turns, and four or three values of CloudWatch for each node of theirs. Pods become ready without a node, AWS is moto on the same machine, where databases take no time, and the \
         services are built in the profile named below."
    )
}
