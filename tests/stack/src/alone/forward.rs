//! A port of this machine on an address that others reach.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Passes connections on to this port of the loopback interface.
pub(super) async fn forward(listener: TcpListener, port: u16) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((mut client, _)) = listener.accept().await {
            connections.spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
                for stream in [&client, &server] {
                    stream.set_nodelay(true)?;
                }
                copy_bidirectional(&mut client, &mut server).await
            });
        }
        while connections.try_join_next().is_some() {}
    }
}
