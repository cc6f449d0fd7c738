//! Starts everything, shows the samples on their way, stays until it is told to stop.

use std::time::Duration;

use anyhow::Context as _;
use crds::ClaimKind;
use futures::stream::{SelectAll, StreamExt as _};
use kube::api::{Api, DynamicObject};
use kube::runtime::{WatchStreamExt as _, watcher};
use proto::Service;
use stack::{Folder, Place, Scope, Site, Stack, Steps, repository};
use tokio::time::{Instant, interval, sleep, sleep_until, timeout_at};

use crate::signals::Signals;
use crate::table::{Row, Table};

const NAMESPACE: &str = "cloud-resource-operator";
/// By then the table has said what is missing, if there was one.
const LAST_WORD: Duration = Duration::from_secs(2);
/// What does not stop by itself in this time is killed.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs until Ctrl-C; with a limit, counted from the start of the first process, until all samples are complete.
pub async fn run(limit: Option<Duration>) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let mut started = None;
    let ended = tokio::select! {
        ended = all(&mut started, limit) => ended,
        () = signals.next() => {
            println!("\nstopping");
            Ok(())
        }
    };
    if let Some(mut stack) = started {
        tokio::select! {
            _ = stack.stop_services() => {}
            () = sleep(DRAIN) => {}
            () = signals.next() => {}
        }
    }
    ended
}

async fn all(started: &mut Option<Stack>, limit: Option<Duration>) -> anyhow::Result<()> {
    let folder = Folder::make("run")?;
    println!("logs: {}", folder.path().join("logs").display());
    build(Steps::Shown).await?;
    let Some(limit) = limit else { return serve(started, folder, None).await };
    let deadline = Instant::now() + limit;
    let complete = timeout_at(deadline + LAST_WORD, serve(started, folder, Some(deadline))).await;
    complete.with_context(|| format!("not started in {} s", limit.as_secs()))?
}

async fn serve(
    started: &mut Option<Stack>,
    folder: Folder,
    deadline: Option<Instant>,
) -> anyhow::Result<()> {
    let steps = Steps::Shown;
    let path = folder.path().to_owned();
    let site = Site::start(folder, steps).await?;
    let kubeconfig = site.plane.admin().in_namespace(path.join("kubeconfig"), NAMESPACE)?;
    let place = Place { namespace: NAMESPACE.to_owned(), scope: Scope::Cluster, folder: path };
    let what = "starting nats-server; roles, sample ConfigMaps";
    let stack = started.insert(steps.step(what, Stack::at(site, place)).await?);
    let what = "starting watcher, aws-provisioner, openshift-provisioner, secret-writer";
    steps.step(what, stack.start_services()).await?;
    let samples = apply_samples(stack).await?;
    show_until_complete(stack, &samples, deadline).await?;
    print_secrets(stack, &samples).await?;
    if deadline.is_some() {
        return Ok(());
    }
    println!("\nexport KUBECONFIG={}", kubeconfig.path().display());
    println!("kubectl is {}", stack::tools()?.join("kubectl").display());
    println!("Ctrl-C stops everything.");
    keep_alive(stack).await
}

/// Says what is built only when it has to be; nothing here takes long when `make` was used.
async fn build(steps: Steps) -> anyhow::Result<()> {
    let build = async {
        tokio::task::spawn_blocking(|| {
            stack::tools()?;
            stack::moto_tools()?;
            stack::binaries().map(drop)
        })
        .await?
    };
    steps.step("building tools and services", build).await
}

async fn apply_samples(stack: &Stack) -> anyhow::Result<Vec<DynamicObject>> {
    let samples = stack::read_folder(&repository().join("deploy/samples"))?;
    for sample in &samples {
        stack.apply(sample).await?;
    }
    println!();
    Ok(samples)
}

type Claims = SelectAll<futures::stream::BoxStream<'static, Row>>;

fn watch(stack: &Stack) -> Claims {
    let mut claims = Claims::new();
    for kind in ClaimKind::ALL {
        let api: Api<DynamicObject> =
            Api::namespaced_with(stack.client.clone(), &stack.namespace, &kind.api_resource());
        let events = watcher(api, watcher::Config::default()).default_backoff().applied_objects();
        let rows = events.filter_map(move |claim| async move { Some(Row::of(kind, &claim.ok()?)) });
        claims.push(rows.boxed());
    }
    claims
}

async fn show_until_complete(
    stack: &mut Stack,
    samples: &[DynamicObject],
    deadline: Option<Instant>,
) -> anyhow::Result<()> {
    let mut table = Table::new(samples);
    let mut claims = watch(stack);
    let mut second = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            Some(row) = claims.next() => table.set(row),
            _ = second.tick() => check_services(stack)?,
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                anyhow::bail!("not complete in time: {}", table.explain());
            }
        }
        table.show();
        if table.is_complete() {
            return Ok(());
        }
    }
}

fn check_services(stack: &mut Stack) -> anyhow::Result<()> {
    Service::ALL.into_iter().try_for_each(|service| stack.service(service).check())
}

async fn print_secrets(stack: &Stack, samples: &[DynamicObject]) -> anyhow::Result<()> {
    println!("\n{:<42}KEYS", "SECRET");
    for sample in samples {
        // A snapshot has none.
        let Some(name) = sample.data["spec"]["secretRef"]["name"].as_str() else { continue };
        for secret in [name.to_owned(), format!("{name}-binding")] {
            let Some(values) = stack.secret(&secret).await? else { continue };
            let keys: Vec<String> = values.into_keys().collect();
            println!("{secret:<42}{}", keys.join(", "));
        }
    }
    Ok(())
}

/// Whoever kills a service to see what happens sees it come back.
async fn keep_alive(stack: &mut Stack) -> anyhow::Result<()> {
    let mut second = interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        for service in Service::ALL {
            for reason in stack.service(service).revive()? {
                println!("started again: {reason}");
            }
        }
    }
}
