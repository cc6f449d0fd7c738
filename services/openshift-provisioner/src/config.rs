//! Configuration, read once at start.

use bus::BusConfig;
use service::config::{GrpcConfig, ProcessConfig, WatchConfig};
use worker::WorkConfig;

/// Flags of openshift-provisioner, each with an environment variable of the same name.
#[derive(Clone, Debug, clap::Parser)]
#[command(version, about = "Runs Postgres and Redis for claims in the cluster itself")]
pub struct Config {
    /// Logging and the admin server
    #[command(flatten)]
    pub process: ProcessConfig,
    /// The bus
    #[command(flatten)]
    pub bus: BusConfig,
    /// The status server
    #[command(flatten)]
    pub grpc: GrpcConfig,
    /// What the workloads of claims look like
    #[command(flatten)]
    pub workloads: WorkloadConfig,
    /// What is watched
    #[command(flatten)]
    pub watch: WatchConfig,
    /// Pods are made ready without a node, so nothing answers: say so on every Secret (local development)
    #[arg(long, env = "SIMULATED")]
    pub simulated: bool,
    /// Which work items are taken
    #[command(flatten)]
    pub work: WorkConfig,
    /// Seconds between two attempts to connect to each database and cache, for the metrics `cro_*_connection`
    #[arg(long, env = "CONNECTION_CHECK_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub connection_check_seconds: u64,
}

/// What an administrator decides for the workloads of all claims.
#[derive(Clone, Debug, clap::Args)]
pub struct WorkloadConfig {
    // Both defaults are public images that the Software Collections project maintains on CentOS Stream; they need no
    // pull secret and run as any uid. Any image that keeps their contract (environment and data folder) will do.
    /// Image of Postgres: takes `POSTGRESQL_USER`, `POSTGRESQL_PASSWORD` and `POSTGRESQL_DATABASE`, data in
    /// /var/lib/pgsql/data
    #[arg(
        long,
        env = "POSTGRES_IMAGE",
        default_value = "quay.io/sclorg/postgresql-16-c9s:20260819"
    )]
    pub postgres_image: String,
    /// Image of Redis: takes `REDIS_PASSWORD`, data in /var/lib/redis/data
    #[arg(long, env = "REDIS_IMAGE", default_value = "quay.io/sclorg/redis-7-c9s:20250108")]
    pub redis_image: String,
    /// Secret in the claim's namespace with which images are pulled; none when not set
    #[arg(long, env = "IMAGE_PULL_SECRET")]
    pub image_pull_secret: Option<String>,
    /// Group that owns the volumes, where a storage class makes them root's. Leave it out on OpenShift, which
    /// assigns one to each namespace
    #[arg(long, env = "FS_GROUP")]
    pub fs_group: Option<i64>,
}
