//! moto: the AWS double.

use std::path::Path;

use http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::child::{Child, Spawn};
use crate::port::free_port;
use crate::tools::moto_tools;

/// A moto server. Tests share it; each has an account of its own, through its [`Proxy`](crate::Proxy).
pub struct Moto {
    port: u16,
    _server: Child,
}

impl Moto {
    /// Starts it and waits until it answers.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut server = Spawn::new("moto", moto_tools()?.join("moto_server"), folder)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .start()?;
        server.until_listening(port).await?;
        Ok(Self { port, _server: server })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on calls are checked as IAM does: their signature, and the policies of whose key it is.
    /// <https://docs.getmoto.org/en/latest/docs/iam.html>
    pub async fn enforce_permissions(&self) -> anyhow::Result<()> {
        let url = format!("http://127.0.0.1:{}/moto-api/reset-auth", self.port);
        let client: Client<_, String> = Client::builder(TokioExecutor::new()).build_http();
        // That many calls are not checked.
        let answer = client.request(Request::post(url).body("0".to_owned())?).await?;
        anyhow::ensure!(answer.status().is_success(), "moto answered {}", answer.status());
        Ok(())
    }
}
