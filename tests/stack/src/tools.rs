//! Where the pinned tools and our own binaries are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::Context as _;

/// The checkout.
pub fn repository() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).expect("this crate is tests/stack")
}

/// The folder of kube-apiserver, etcd, nats-server, kwok and kubectl; builds them when they are missing.
pub fn tools() -> anyhow::Result<&'static Path> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    made_by("build.sh", &FOLDER)
}

/// The folder of the AWS double; installs it when it is missing.
pub fn aws_tools() -> anyhow::Result<&'static Path> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    made_by("moto.sh", &FOLDER)
}

/// The folder of PostgreSQL, Redis and Prometheus: programs in `bin`, libraries in `lib`; unpacks them when they are missing.
pub fn servers() -> anyhow::Result<&'static Path> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    made_by("servers.sh", &FOLDER)
}

fn made_by(script: &str, folder: &'static OnceLock<PathBuf>) -> anyhow::Result<&'static Path> {
    if let Some(folder) = folder.get() {
        return Ok(folder);
    }
    let output = Command::new(repository().join("tests/tools/locked.sh"))
        .arg(script)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("failed to run tests/tools/{script}"))?;
    anyhow::ensure!(output.status.success(), "tests/tools/{script} failed");
    Ok(folder.get_or_init(|| String::from_utf8_lossy(&output.stdout).trim().into()))
}

/// The folder of our four services, built for the profile that the caller runs in.
pub fn binaries() -> anyhow::Result<&'static Path> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    static BUILD: Mutex<()> = Mutex::new(());
    // The tests of a binary ask at once; one build is enough.
    let _build = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = FOLDER.get() {
        return Ok(folder);
    }
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--locked", "--workspace", "--bins", "--profile", profile])
        .current_dir(repository())
        .status()
        .context("failed to run cargo")?;
    anyhow::ensure!(status.success(), "the services do not build");
    let executable = std::env::current_exe()?;
    let profile = executable
        .ancestors()
        .find(|folder| folder.join("watcher").is_file())
        .context("the services are not beside this executable")?;
    Ok(FOLDER.get_or_init(|| profile.to_owned()))
}
