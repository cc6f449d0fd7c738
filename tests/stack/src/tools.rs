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
    made_by(&["build.sh"], &FOLDER)
}

/// The folder of moto; installs it when it is missing.
pub fn moto_tools() -> anyhow::Result<&'static Path> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    made_by(&["python.sh", "moto"], &FOLDER)
}

/// The folder of LocalStack; installs it when it is missing.
pub fn localstack_tools() -> anyhow::Result<&'static Path> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    made_by(&["python.sh", "localstack"], &FOLDER)
}

/// The folder of PostgreSQL, Redis and Prometheus: programs in `bin`, libraries in `lib`; unpacks them when they are missing.
/// Where there is no checkout, `$SERVERS` is that folder.
pub fn servers() -> anyhow::Result<&'static Path> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    if let Some(folder) = std::env::var_os("SERVERS") {
        return Ok(FOLDER.get_or_init(|| folder.into()));
    }
    made_by(&["servers.sh"], &FOLDER)
}

fn made_by(script: &[&str], folder: &'static OnceLock<PathBuf>) -> anyhow::Result<&'static Path> {
    if let Some(folder) = folder.get() {
        return Ok(folder);
    }
    let name = script.join(" ");
    let output = Command::new(repository().join("tests/tools/locked.sh"))
        .args(script)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("failed to run tests/tools/{name}"))?;
    anyhow::ensure!(output.status.success(), "tests/tools/{name} failed");
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
    let status = cargo()
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

/// Cargo as a person calls it. What the cargo that runs us has told us of our crate would make it build anew each crate
/// whose build script looks at that, and all that depend on it: ring does.
fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    let is_told = |name: &str| {
        ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|prefix| name.starts_with(prefix))
            || name == "OUT_DIR"
    };
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_told) {
            cargo.env_remove(name);
        }
    }
    cargo
}
