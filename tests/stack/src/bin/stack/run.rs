//! Starts, shows, waits, stops.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use kube::ResourceExt as _;
use kube::api::DynamicObject;
use proto::Service;
use stack::{Aws, ControlPlane, Scope, Stack, aws_tools, binaries, repository, tools};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use crate::table::{Row, Table};

const NAMESPACE: &str = "cloud-resource-operator";
/// With `--once`, counted from the moment that the claims are applied.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(250);

/// Runs until Ctrl-C, or until all samples are complete.
pub async fn run(once: bool) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = all(once) => ended,
        _ = interrupt.recv() => { println!("\nstopping"); Ok(()) }
        _ = terminate.recv() => { println!("\nstopping"); Ok(()) }
    }
}

async fn all(once: bool) -> anyhow::Result<()> {
    let started = Instant::now();
    let step = |what: &str| println!("[{:5.1}s] {what}", started.elapsed().as_secs_f32());
    let folder = folder()?;
    step(&format!("logs are in {}", folder.display()));
    step("tools and services");
    tools()?;
    aws_tools()?;
    binaries()?;
    let plane = ControlPlane::start(&folder, step).await?;
    step("moto");
    let aws = Aws::start(&folder).await?;
    step("nats-server, accounts, roles and sample ConfigMaps");
    let mut stack = Stack::prepare(&plane, aws.port(), NAMESPACE, Scope::Cluster, &folder).await?;
    step("watcher, aws-provisioner, openshift-provisioner, secret-writer");
    stack.start_services().await?;
    let samples = apply_samples(&stack).await?;
    step("samples are applied");
    show_until_complete(&mut stack, &samples, once).await?;
    print_secrets(&stack, &samples).await?;
    println!("\nexport KUBECONFIG={}", plane.admin().path().display());
    println!("kubectl --namespace {NAMESPACE} get postgres,redis,blobstorage");
    if once {
        return Ok(());
    }
    println!("\nCtrl-C stops everything.");
    watch_services(&mut stack).await
}

/// A folder of this run's own, so that a second one can run beside it.
fn folder() -> anyhow::Result<PathBuf> {
    let folder = repository().canonicalize()?.join(format!("target/run/{}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make {}", folder.display()))?;
    Ok(folder)
}

async fn apply_samples(stack: &Stack) -> anyhow::Result<Vec<DynamicObject>> {
    let samples = stack::read_objects(&repository().join("deploy/samples"))?;
    for sample in &samples {
        stack.apply(sample.clone()).await?;
    }
    Ok(samples)
}

async fn show_until_complete(
    stack: &mut Stack,
    samples: &[DynamicObject],
    once: bool,
) -> anyhow::Result<()> {
    let applied = Instant::now();
    let mut table = Table::default();
    loop {
        let mut rows = Vec::new();
        for sample in samples {
            rows.push(Row::of(&stack.live(sample).await?));
        }
        table.show(&rows);
        if rows.iter().all(Row::is_complete) {
            return Ok(());
        }
        check_services(stack)?;
        if once && applied.elapsed() > PATIENCE {
            let waiting: Vec<String> =
                rows.iter().filter(|row| !row.is_complete()).map(Row::explain).collect();
            anyhow::bail!("not complete after {PATIENCE:?}: {}", waiting.join("; "));
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn print_secrets(stack: &Stack, samples: &[DynamicObject]) -> anyhow::Result<()> {
    println!("\nSecrets and their keys:");
    for sample in samples {
        let name = sample.data["spec"]["secretRef"]["name"].as_str().unwrap_or_default();
        for secret in [name.to_owned(), format!("{name}-binding")] {
            let values = stack.secret(&secret).await?;
            let keys: Vec<String> = values.unwrap_or_default().into_keys().collect();
            println!("  {secret} ({}): {}", sample.name_any(), keys.join(", "));
        }
    }
    Ok(())
}

/// Ends when a service does.
async fn watch_services(stack: &mut Stack) -> anyhow::Result<()> {
    loop {
        check_services(stack)?;
        tokio::time::sleep(LOOK).await;
    }
}

fn check_services(stack: &mut Stack) -> anyhow::Result<()> {
    Service::ALL.into_iter().try_for_each(|service| stack.service(service).check())
}
