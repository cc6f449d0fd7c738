//! The AWS double: moto.

use std::path::Path;
use std::time::Duration;

use crate::child::{Child, Spawn, free_port};
use crate::tools::aws_tools;

/// A moto server. Tests share it; each has an account of its own, through its [`Proxy`](crate::Proxy).
pub struct Aws {
    port: u16,
    _server: Child,
}

impl Aws {
    /// Starts it and waits until it answers.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut server = Spawn::new("moto", aws_tools()?.join("moto_server"), folder)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .start()?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            server.check()?;
            anyhow::ensure!(
                tokio::time::Instant::now() < deadline,
                "moto does not listen:\n{}",
                server.tail()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { port, _server: server })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}
