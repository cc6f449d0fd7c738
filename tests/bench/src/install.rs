//! What an installation takes: a real node, images, Helm.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use cluster::{Installation, sizes};
use stack::{Claim, Steps};
use tokio::process::Command;

use crate::figure;
use crate::machine;
use crate::report::Report;

/// How long an installation has nothing to do before its memory is read.
const IDLE: Duration = Duration::from_secs(60);

/// Measures an installation, prints the figures, and writes `bench/install/report.json` and `report.md`.
pub async fn run() -> anyhow::Result<()> {
    let (load, steps) = (machine::load()?, Steps::Shown);
    let installation = Installation::start(steps).await?;
    let client = installation.cluster.client().await?;
    let mut report = Report::new(machine::versions(&client).await?, machine::cores()?);
    report.add(figure::INSTALL_READY, "", installation.ready_after.as_secs_f64());

    let idle = async {
        tokio::time::sleep(IDLE).await;
        Ok(())
    };
    steps.step("waiting until it is idle", idle).await?;
    let mut all = 0;
    for (program, bytes) in installation.cluster.resident().await? {
        all += bytes;
        report.add(figure::INSTALL_MEMORY, program, megabytes(bytes));
    }
    report.add(figure::INSTALL_MEMORY_ALL, "", megabytes(all));

    let started = Instant::now();
    steps.step("waiting for claims in the cluster", samples(&installation)).await?;
    report.add(figure::INSTALL_SAMPLES, "", started.elapsed().as_secs_f64());
    // It has the machine for itself, like the installation.
    drop(installation);
    report.add(figure::INSTALL_COMPOSE, "", steps.step("docker compose up", compose()).await?);
    for size in steps.step("compressing images", sizes()).await? {
        report.add(figure::INSTALL_IMAGE, size.service, megabytes(size.compressed));
    }
    report.add(figure::LOAD, "", load);

    let folder = stack::target()?.join("bench/install");
    let about =
        "An installation with default values, on a node in a container; nothing else runs there.";
    report.write(&folder, about)?;
    println!("\n{}\nwritten: {}", report.table(), folder.join("report.json").display());
    Ok(())
}

async fn samples(installation: &Installation) -> anyhow::Result<()> {
    let tenant = installation.tenant("samples").await?;
    let claims = [
        Claim::postgres("postgres"),
        Claim::redis("redis"),
        Claim::placeholder("blobstorage"),
        Claim::mail("smtp"),
    ];
    for claim in &claims {
        tenant.create(claim).await?;
    }
    for claim in &claims {
        tenant.until_complete(claim).await?;
    }
    Ok(())
}

/// What the test of docker-compose counted, seconds.
async fn compose() -> anyhow::Result<f64> {
    let output = Command::new(stack::repository().join("tests/compose/test.sh")).output().await?;
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anyhow::ensure!(output.status.success(), "docker-compose does not work: {said}{errors}");
    let took = said.split_once("that took ").and_then(|(_, rest)| rest.split_once(" s,"));
    Ok(took.context("it says how long it took")?.0.parse()?)
}

#[allow(clippy::cast_precision_loss, reason = "sizes are far below what a float holds exactly")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
