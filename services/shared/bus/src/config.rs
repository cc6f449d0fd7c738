//! How to reach the bus.

use std::path::PathBuf;

/// Connection and keys.
#[derive(Clone, Debug, clap::Args)]
pub struct BusConfig {
    /// URL of the NATS server, or several, separated by commas
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:4222")]
    pub nats_url: String,
    /// Folder with nats.seed, signing.seed, sealing.seed and trust.json of this service
    #[arg(long, env = "KEYS_DIR")]
    pub keys_dir: PathBuf,
}
