//! The Helm chart, rendered as users render it.

use std::process::Command;

use anyhow::Context as _;
use kube::api::DynamicObject;

use crate::{objects, repository, tools};

/// The pinned helm, in the checkout.
pub fn helm() -> anyhow::Result<Command> {
    let mut helm = Command::new(tools()?.join("helm"));
    helm.current_dir(repository());
    Ok(helm)
}

/// The folder of the chart, in the checkout.
pub const CHART: &str = "charts/cloud-resource-operator";

/// What the chart installs in this namespace with these values, each as in `--set`.
pub fn render(namespace: &str, values: &[String]) -> anyhow::Result<Vec<DynamicObject>> {
    let mut helm = helm()?;
    helm.args(["template", "cloud-resource-operator", CHART, "--namespace", namespace]);
    for value in values {
        helm.args(["--set", value]);
    }
    let output = helm.output().context("failed to run helm")?;
    let error = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "the chart does not render: {error}");
    objects::read(&String::from_utf8(output.stdout)?)
}
