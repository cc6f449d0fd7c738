//! Statuses over gRPC: what records say, without secrets and without raw provider text.

mod client;
mod server;

use std::net::SocketAddr;
use std::path::Path;

pub use client::{Followed, follow};
pub use server::{StatusSource, serve};

/// Messages are small; a larger one is an attack or a bug.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Why the status server or client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// A TLS file is missing.
    #[error("failed to read {file} in the TLS folder")]
    TlsFile {
        /// Its name.
        file: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address or URL cannot be used.
    #[error("failed to set up gRPC on {endpoint}")]
    Transport {
        /// Address or URL.
        endpoint: String,
        /// What tonic says.
        source: tonic::transport::Error,
    },
    /// The address is taken.
    #[error("failed to listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

struct TlsFiles {
    ca: tonic::transport::Certificate,
    identity: tonic::transport::Identity,
}

fn read_tls(folder: &Path) -> Result<TlsFiles, StatusError> {
    let read = |file| {
        std::fs::read(folder.join(file)).map_err(|source| StatusError::TlsFile { file, source })
    };
    Ok(TlsFiles {
        ca: tonic::transport::Certificate::from_pem(read("ca.crt")?),
        identity: tonic::transport::Identity::from_pem(read("tls.crt")?, read("tls.key")?),
    })
}
