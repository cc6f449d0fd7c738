//! moto: the AWS double.

use std::path::Path;

use crate::child::{Child, Spawn};
use crate::port::free_port;
use crate::tools::aws_tools;

/// A moto server. Tests share it; each has an account of its own, through its [`Proxy`](crate::Proxy).
pub struct Moto {
    port: u16,
    _server: Child,
}

impl Moto {
    /// Starts it and waits until it answers.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut server = Spawn::new("moto", aws_tools()?.join("moto_server"), folder)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .start()?;
        server.until_listening(port).await?;
        Ok(Self { port, _server: server })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}
