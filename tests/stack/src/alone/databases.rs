//! A real server behind each instance of RDS, and behind each group of ElastiCache that has a token: it lets in whom AWS
//! was told to let in.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use futures::future::{FutureExt as _, LocalBoxFuture};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::forward::forward;
use super::near_address;
use crate::aws::Login;
use crate::postgres::Postgres;
use crate::proxy::Proxy;
use crate::redis::Redis;

const PERIOD: Duration = Duration::from_millis(200);

pub(super) struct Databases {
    folder: PathBuf,
    address: IpAddr,
    starting: FuturesUnordered<LocalBoxFuture<'static, anyhow::Result<(String, Running)>>>,
    known: BTreeMap<String, Option<Running>>,
}

struct Running {
    login: Login,
    server: Server,
    way: AbortHandle,
}

enum Server {
    Postgres(Postgres),
    Redis(Redis),
}

impl Databases {
    /// `address`: where clients reach this machine.
    pub(super) fn new(folder: PathBuf, address: IpAddr) -> Self {
        Self { folder, address, starting: FuturesUnordered::new(), known: BTreeMap::new() }
    }

    /// Starts and stops servers as databases come and go. Ends only when one cannot be started.
    pub(super) async fn follow(mut self, proxy: &Proxy) -> anyhow::Result<()> {
        loop {
            let logins = proxy.logins();
            self.known.retain(|id, _| logins.contains_key(id));
            for (id, login) in logins {
                match self.known.get_mut(&id) {
                    Some(Some(running)) => running.admit(&login).await?,
                    Some(None) => {}
                    None => {
                        // Nobody is told where it is before it is there.
                        proxy.set_status(&id, Some("creating"));
                        let start = start(id.clone(), login, self.folder.clone(), self.address);
                        self.starting.push(start.boxed_local());
                        self.known.insert(id, None);
                    }
                }
            }
            tokio::select! {
                Some(started) = self.starting.next() => {
                    let (id, running) = started?;
                    proxy.set_endpoint(&id, &self.address.to_string(), running.server.port());
                    proxy.set_status(&id, None);
                    if let Some(known) = self.known.get_mut(&id) {
                        *known = Some(running);
                    }
                }
                () = sleep(PERIOD) => {}
            }
        }
    }
}

async fn start(
    id: String,
    login: Login,
    folder: PathBuf,
    address: IpAddr,
) -> anyhow::Result<(String, Running)> {
    let server = if login.user.is_empty() {
        // AWS has tokens only where there is TLS.
        Server::Redis(Redis::start(&folder, true, Some(&login.password)).await?)
    } else {
        let server = Postgres::start(&folder).await?;
        server.admit(&login.user, &login.password).await?;
        server.make_database(&login.database, &login.user).await?;
        Server::Postgres(server)
    };
    // Servers listen on the loopback interface, under the same port.
    let port = server.port();
    let listener = TcpListener::bind((address, port)).await?;
    let way = tokio::spawn(forward(listener, near_address(port))).abort_handle();
    Ok((id, Running { login, server, way }))
}

impl Running {
    async fn admit(&mut self, login: &Login) -> anyhow::Result<()> {
        if self.login == *login {
            return Ok(());
        }
        match &mut self.server {
            Server::Postgres(server) => server.admit(&login.user, &login.password).await?,
            Server::Redis(server) => {
                let passwords = [Some(login.password.as_str()), login.previous.as_deref()];
                let passwords: Vec<&str> = passwords.into_iter().flatten().collect();
                server.admit(&passwords).await?;
            }
        }
        self.login = login.clone();
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.way.abort();
    }
}

impl Server {
    fn port(&self) -> u16 {
        match self {
            Self::Postgres(server) => server.port(),
            Self::Redis(server) => server.port(),
        }
    }
}
