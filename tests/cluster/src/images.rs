//! Images that a cluster without a registry needs.

use std::process::Stdio;

use anyhow::Context as _;
use stack::repository;

use crate::command::{docker, output, program};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const SERVICES: [&str; 5] =
    ["watcher", "aws-provisioner", "openshift-provisioner", "secret-writer", "tools"];

/// An image of others, by the name that `deploy/images` gives it.
fn named(variable: &str) -> anyhow::Result<String> {
    let names = std::fs::read_to_string(repository().join("deploy/images/names.env"))?;
    let mut lines = names.lines().filter_map(|line| line.split_once('='));
    let found = lines.find(|(name, _)| *name == variable);
    Ok(found.with_context(|| format!("deploy/images names no {variable}"))?.1.to_owned())
}

/// PostgreSQL, which has psql too.
pub(crate) fn postgres() -> anyhow::Result<String> {
    named("POSTGRES_IMAGE")
}

/// Redis, which has redis-cli too.
pub(crate) fn redis() -> anyhow::Result<String> {
    named("REDIS_IMAGE")
}

/// LocalStack, which has a Python with boto3 too.
pub(crate) fn localstack() -> anyhow::Result<String> {
    named("LOCALSTACK_IMAGE")
}

/// The image of the node.
pub(crate) fn node() -> String {
    ours("kubernetes")
}

fn ours(name: &str) -> String {
    format!("localhost/cloud-resource-operator/{name}:{VERSION}")
}

/// Loads them all into the containerd of a node.
pub(crate) async fn load(node: &str) -> anyhow::Result<()> {
    let others = [named("NATS_IMAGE")?, postgres()?, redis()?, localstack()?];
    let names: Vec<String> = SERVICES.into_iter().map(ours).chain(others).collect();
    require(&names).await?;
    let mut save = docker();
    let mut save =
        save.arg("save").args(&names).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let archive: Stdio = save.stdout.take().context("it is piped")?.try_into()?;
    let mut import = docker();
    import.args(["exec", "--interactive", node, "ctr", "images", "import", "-"]).stdin(archive);
    output(&mut import).await?;
    anyhow::ensure!(save.wait().await?.success(), "docker could not save {names:?}");
    Ok(())
}

async fn require(names: &[String]) -> anyhow::Result<()> {
    for name in names {
        let there = output(docker().args(["image", "inspect", "--format", "{{.Id}}", name])).await;
        there.with_context(|| {
            format!("the image {name} is missing: make test/e2e/cluster builds it")
        })?;
    }
    Ok(())
}

/// How large an image of ours is.
#[derive(Clone, Debug)]
pub struct Size {
    /// The service.
    pub service: &'static str,
    /// What a registry stores, bytes.
    pub compressed: u64,
}

/// The sizes of our images, compressed as for a registry.
pub async fn sizes() -> anyhow::Result<Vec<Size>> {
    let mut sizes = Vec::new();
    for name in SERVICES {
        let script = "set -o pipefail; docker save \"$0\" | gzip | wc --bytes";
        let bytes = output(program("bash").args(["-c", script, &ours(name)])).await?;
        sizes.push(Size { service: name, compressed: bytes.trim().parse()? });
    }
    Ok(sizes)
}
