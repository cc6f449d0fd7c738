//! A child process that ends with us, whatever ends us.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

use anyhow::Context as _;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::wait::eventually;

/// What to start.
pub struct Spawn {
    name: String,
    program: PathBuf,
    args: Vec<String>,
    envs: Vec<(String, String)>,
    folder: PathBuf,
}

impl Spawn {
    /// A program that works in `folder` and logs to `logs/<name>.log` there. Its environment is empty but for what
    /// is added, so nothing of the caller's leaks in: no credentials, profiles or proxies.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>, folder: &Path) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            args: Vec::new(),
            envs: Vec::new(),
            folder: folder.to_owned(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<T: Into<String>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds a variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.envs.push((name.into(), value.into()));
        self
    }

    /// Starts it.
    pub fn start(self) -> anyhow::Result<Child> {
        let log = log_file(&self.folder, &self.name)?;
        let output = File::options().create(true).append(true).open(&log)?;
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "sh", "-c", UNLESS_ORPHANED])
            .arg(std::process::id().to_string())
            .arg(&self.program)
            .args(&self.args)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", &self.folder)
            .envs(self.envs)
            .current_dir(&self.folder)
            // Ctrl-C is for us; we stop the children, in order.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let process = spawn(command)
            .with_context(|| format!("failed to start {} by setpriv of util-linux", self.name))?;
        Ok(Child { name: self.name, log, process })
    }
}

/// util-linux's setpriv asks the kernel to kill the child when the thread that started it ends. If that has happened
/// before, the child has another parent by now.
const UNLESS_ORPHANED: &str = r#"test "$PPID" = "$0" && exec "$@""#;

fn log_file(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs)?;
    Ok(logs.join(format!("{name}.log")))
}

type Order = (Command, mpsc::Sender<std::io::Result<std::process::Child>>);

/// The thread that starts every child. It lives as long as the process: a runtime's threads end with their test.
static SPAWNER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
    let (sender, orders) = mpsc::channel::<Order>();
    std::thread::spawn(move || {
        for (mut command, answer) in orders {
            let _ = answer.send(command.spawn());
        }
    });
    sender
});

fn spawn(command: Command) -> anyhow::Result<std::process::Child> {
    let (sender, answer) = mpsc::channel();
    SPAWNER.send((command, sender))?;
    Ok(answer.recv()??)
}

/// A running child. Killed when dropped.
pub struct Child {
    name: String,
    log: PathBuf,
    process: std::process::Child,
}

impl Child {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it logs.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Resident memory, bytes.
    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.context("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(kilobytes.parse::<u64>()? * 1024)
    }

    /// Fails when it has ended, and says where it logged.
    pub fn check(&mut self) -> anyhow::Result<()> {
        let Some(status) = self.process.try_wait()? else { return Ok(()) };
        let last = self.tail(1);
        anyhow::bail!("{} ended with {status}: {last} (log: {})", self.name, self.log.display())
    }

    /// The last lines of its log.
    pub fn tail(&self, count: usize) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    /// Polls until it is ready; fails at once when it has ended.
    pub async fn until_ready(
        &mut self,
        patience: Duration,
        mut is_ready: impl AsyncFnMut() -> bool,
    ) -> anyhow::Result<()> {
        let what = format!("{} is not ready (log: {})", self.name, self.log.display());
        eventually(&what, patience, async || match self.check() {
            Ok(()) => Ok(is_ready().await.then_some(Ok(()))),
            Err(ended) => Ok(Some(Err(ended))),
        })
        .await?
    }

    /// Polls until it accepts connections on a port of loopback.
    pub async fn until_listening(&mut self, port: u16) -> anyhow::Result<()> {
        let connect = async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok();
        self.until_ready(Duration::from_secs(60), connect).await
    }

    /// Waits until it ends by itself; fails when it does not end well.
    pub async fn until_ended(&mut self) -> anyhow::Result<()> {
        let what = format!("{} has not ended (log: {})", self.name, self.log.display());
        let ended =
            eventually(&what, Duration::from_secs(60), async || Ok(self.process.try_wait()?));
        let status = ended.await?;
        let last = self.tail(1);
        anyhow::ensure!(
            status.success(),
            "{} ended with {status}: {last} (log: {})",
            self.name,
            self.log.display()
        );
        Ok(())
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let pid = i32::try_from(self.process.id()).context("a process id fits")?;
        Ok(kill(Pid::from_raw(pid), signal)?)
    }

    /// Lets it stand still.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    /// Lets it go on.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// Kills it with no chance to clean up.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Asks it to stop and waits; kills it when that takes too long. True when it stopped by itself.
    pub async fn stop(&mut self, patience: Duration) -> bool {
        let _ = self.signal(Signal::SIGTERM);
        let ended = eventually("stopped", patience, async || Ok(self.process.try_wait()?));
        let drained = ended.await.is_ok();
        self.kill();
        drained
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}
