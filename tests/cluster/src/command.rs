//! Programs whose output matters.

use std::ffi::OsStr;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::Command;

/// What a program printed; an error with what it complained about unless it ended well.
pub(crate) async fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.kill_on_drop(true).output().await;
    let output = output.with_context(|| format!("failed to run {:?}", command.as_std()))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{}\n{:?}", complaint.trim(), command.as_std());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Docker's client; `DOCKER_HOST` says where the engine is.
pub(crate) fn docker() -> Command {
    program("docker")
}

/// A program that reads nothing of ours.
pub(crate) fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    command.stdin(Stdio::null());
    command
}
