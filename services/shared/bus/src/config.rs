//! How to reach the bus.

use std::path::{Path, PathBuf};

use async_nats::ConnectOptions;

use crate::error::Error;

/// Connection and keys.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct BusConfig {
    /// URL of the NATS server, or several, separated by commas
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:4222")]
    pub nats_url: String,
    /// Certificate of the authority that signed the server's; TLS is then demanded
    #[arg(long, env = "NATS_CA_FILE")]
    pub nats_ca_file: Option<PathBuf>,
    /// Speak TLS before the server's greeting, as a server with `handshake_first` demands
    #[arg(long, env = "NATS_TLS_FIRST")]
    pub nats_tls_first: bool,
    /// Log in with this file: an nkey seed, or a JWT and its seed (`.creds`); nats.seed of the keys folder when not set
    #[arg(long, env = "NATS_CREDENTIALS_FILE")]
    pub nats_credentials_file: Option<PathBuf>,
    /// Folder with nats.seed, signing.seed, sealing.seed and trust.json of this service
    #[arg(long, env = "KEYS_DIR")]
    pub keys_dir: PathBuf,
}

impl BusConfig {
    /// Where the servers are.
    pub(crate) fn urls(&self) -> Vec<&str> {
        self.nats_url.split(',').map(str::trim).collect()
    }

    /// Login and TLS.
    pub(crate) fn options(&self) -> Result<ConnectOptions, Error> {
        let seed = || self.keys_dir.join("nats.seed");
        let mut options = login(&self.nats_credentials_file.clone().unwrap_or_else(seed))?;
        if let Some(authority) = &self.nats_ca_file {
            options = options.add_root_certificates(authority.clone()).require_tls(true);
        }
        Ok(if self.nats_tls_first { options.tls_first() } else { options })
    }
}

fn login(file: &Path) -> Result<ConnectOptions, Error> {
    let unusable = |source| Error::Login { file: file.to_owned(), source };
    let text = std::fs::read_to_string(file).map_err(unusable)?;
    if text.contains("BEGIN NATS USER JWT") {
        return ConnectOptions::with_credentials(&text).map_err(unusable);
    }
    Ok(ConnectOptions::with_nkey(text.trim().to_owned()))
}
