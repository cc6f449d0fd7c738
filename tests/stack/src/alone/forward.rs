//! A port that leads elsewhere.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Passes connections on to this address.
pub(super) async fn forward(listener: TcpListener, to: String) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((mut client, _)) = listener.accept().await {
            let to = to.clone();
            connections.spawn(async move {
                let mut server = TcpStream::connect(to).await?;
                for stream in [&client, &server] {
                    stream.set_nodelay(true)?;
                }
                copy_bidirectional(&mut client, &mut server).await
            });
        }
        while connections.try_join_next().is_some() {}
    }
}
