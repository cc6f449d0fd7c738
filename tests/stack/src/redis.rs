//! A real Redis, to stand behind the endpoint of a replication group of ElastiCache or a pod.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::Command;

use crate::child::{Child, Spawn};
use crate::pki;
use crate::port::free_port;
use crate::tools::servers;

/// A Redis server on loopback.
pub struct Redis {
    port: u16,
    folder: PathBuf,
    has_tls: bool,
    password: Option<String>,
    _server: Child,
}

impl Redis {
    /// Starts an empty server whose files lie in a new folder `redis-<port>`, and waits until it listens. With TLS it
    /// listens to nothing else; without a password it lets everybody in.
    pub async fn start(
        folder: &Path,
        has_tls: bool,
        password: Option<&str>,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = std::path::absolute(folder)?.join(format!("redis-{port}"));
        std::fs::create_dir_all(&folder)?;
        pki::write(&folder)?;
        std::fs::write(folder.join("redis.conf"), config(port, has_tls, password))?;
        let mut server = Spawn::new("redis-server", servers()?.join("bin/redis-server"), &folder)
            .arg("redis.conf")
            .env("LD_LIBRARY_PATH", servers()?.join("lib").to_string_lossy())
            .start()?;
        server.until_listening(port).await?;
        let password = password.map(str::to_owned);
        Ok(Self { port, folder, has_tls, password, _server: server })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that has signed its own.
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// From now on it lets in whoever has one of these passwords, as a group does whose token is being rotated.
    pub async fn admit(&mut self, passwords: &[&str]) -> anyhow::Result<()> {
        let [first, ..] = passwords else { anyhow::bail!("a password is needed") };
        let rules = passwords.iter().map(|password| format!(">{password}"));
        let words = ["ACL", "SETUSER", "default", "resetpass"].map(str::to_owned);
        let command: Vec<String> = words.into_iter().chain(rules).collect();
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let answer = self.ask(self.password.as_deref(), self.has_tls, &command).await?;
        anyhow::ensure!(answer == "OK", "redis: {answer}");
        self.password = Some((*first).to_owned());
        Ok(())
    }

    /// Connects as a client does, and asks. Returns the answer, or fails with what the server said.
    pub async fn ask(
        &self,
        password: Option<&str>,
        tls: bool,
        command: &[&str],
    ) -> anyhow::Result<String> {
        let mut client = Command::new(servers()?.join("bin/redis-cli"));
        client.env_clear().env("LD_LIBRARY_PATH", servers()?.join("lib"));
        client.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-e", "--no-auth-warning"]);
        if tls {
            client.arg("--tls").arg("--cacert").arg(self.ca());
        }
        if let Some(password) = password {
            client.env("REDISCLI_AUTH", password);
        }
        client.args(command).stdin(Stdio::null()).kill_on_drop(true);
        let output = client.output().await.context("failed to run redis-cli")?;
        let [answer, errors] =
            [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
        // A refused password is only warned about.
        let is_refused = errors.contains("AUTH failed");
        anyhow::ensure!(
            output.status.success() && !is_refused,
            "redis: {} {}",
            answer.trim(),
            errors.trim()
        );
        Ok(answer.trim().to_owned())
    }
}

fn config(port: u16, has_tls: bool, password: Option<&str>) -> String {
    let mut lines =
        vec!["bind 127.0.0.1".to_owned(), "save \"\"".to_owned(), "appendonly no".to_owned()];
    if has_tls {
        lines.extend([
            "port 0".to_owned(),
            format!("tls-port {port}"),
            "tls-auth-clients no".to_owned(),
        ]);
        let files = [
            ("tls-cert-file", "server.crt"),
            ("tls-key-file", "server.key"),
            ("tls-ca-cert-file", "ca.crt"),
        ];
        lines.extend(files.map(|(name, file)| format!("{name} {file}")));
    } else {
        lines.push(format!("port {port}"));
    }
    lines.extend(password.map(|password| format!("requirepass \"{password}\"")));
    lines.join("\n")
}
