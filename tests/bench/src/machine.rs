//! What is measured, and on what.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

/// Name to version.
pub type Versions = BTreeMap<&'static str, String>;

/// Versions of everything that takes part.
pub async fn versions(client: &kube::Client) -> anyhow::Result<Versions> {
    let tools = stack::tools()?;
    let python = stack::moto_tools()?.join("python");
    let moto = "import importlib.metadata as m; print(m.version('moto'))";
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    Ok(Versions::from([
        ("operator", said(Path::new("git"), &["describe", "--always", "--dirty", "--abbrev=12"])?),
        ("profile", profile.to_owned()),
        ("rustc", said(Path::new("rustc"), &["--version"])?),
        ("kubernetes", client.apiserver_version().await?.git_version),
        ("nats-server", said(&tools.join("nats-server"), &["--version"])?),
        ("moto", said(&python, &["-c", moto])?),
    ]))
}

/// Cores that this process may use.
pub fn cores() -> anyhow::Result<usize> {
    Ok(std::thread::available_parallelism()?.get())
}

/// Load average of the last minute.
pub fn load() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    let first = text.split(' ').next().context("no load average")?;
    Ok(first.parse()?)
}

fn said(program: &Path, args: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(stack::repository())
        .output()
        .with_context(|| format!("failed to run {}", program.display()))?;
    anyhow::ensure!(output.status.success(), "{} {args:?} failed", program.display());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
