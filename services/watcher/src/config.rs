//! Settings of the watcher.

use bus::BusConfig;
use proto::Defaults;
use service::config::{ProcessConfig, TlsConfig, WatchConfig};

/// Turns claims into work items and reports their status.
#[derive(Clone, Debug, clap::Parser)]
#[command(version)]
pub struct Config {
    /// Logs and admin server
    #[command(flatten)]
    pub process: ProcessConfig,
    /// The bus
    #[command(flatten)]
    pub bus: BusConfig,
    /// TLS towards the workers
    #[command(flatten)]
    pub tls: TlsConfig,
    /// Where claims are served
    #[command(flatten)]
    pub watch: WatchConfig,
    /// Where the leader's Lease is
    #[arg(long, env = "OPERATOR_NAMESPACE", default_value = "cloud-resource-operator")]
    pub operator_namespace: String,
    /// Where the strategy `ConfigMaps` are; the operator's namespace when not set
    #[arg(long, env = "STRATEGY_NAMESPACE")]
    pub strategy_namespace: Option<String>,
    /// Where `cloud-resource-config` is; `claim`: in each claim's namespace; the operator's when not set
    #[arg(long, env = "MAPPING_NAMESPACE")]
    pub mapping_namespace: Option<String>,
    /// Name of this replica in the leader's Lease: no two may share one. Made up when not set
    #[arg(long, env = "POD_NAME")]
    pub pod_name: Option<String>,
    /// Cluster id; looked up on OpenShift when not set. Part of external names: it must never change
    #[arg(long, env = "CLUSTER_ID")]
    pub cluster_id: Option<String>,
    /// Region for strategies that name none; looked up on OpenShift when not set
    #[arg(long, env = "CLUSTER_REGION")]
    pub cluster_region: Option<String>,
    /// The network of databases on AWS
    #[command(flatten)]
    pub network: NetworkConfig,
    /// What an unset strategy field means: `secure`, or `cro` as in the Go operator
    #[arg(long, env = "DEFAULTS", default_value = "secure")]
    pub defaults: Defaults,
    /// Prefix of tag keys, with its slash
    #[arg(long, env = "TAG_KEY_PREFIX", default_value = "integreatly.org/")]
    pub tag_key_prefix: String,
    /// Delete resources whose claim vanished without being deleted, instead of reporting them
    #[arg(long, env = "DELETE_ORPHANS")]
    pub delete_orphans: bool,
    /// Replicas of streams and consumers (1 or 3)
    #[arg(long, env = "NATS_REPLICAS", default_value_t = 1)]
    pub nats_replicas: usize,
    /// Seconds between full comparisons of claims and items
    #[arg(long, env = "AUDIT_PERIOD_SECONDS", default_value_t = 600)]
    pub audit_period_seconds: u64,
    /// gRPC URL of aws-provisioner
    #[arg(long, env = "AWS_PROVISIONER_URL", default_value = "http://aws-provisioner:8081")]
    pub aws_provisioner_url: String,
    /// gRPC URL of openshift-provisioner
    #[arg(
        long,
        env = "OPENSHIFT_PROVISIONER_URL",
        default_value = "http://openshift-provisioner:8081"
    )]
    pub openshift_provisioner_url: String,
    /// gRPC URL of secret-writer
    #[arg(long, env = "SECRET_WRITER_URL", default_value = "http://secret-writer:8081")]
    pub secret_writer_url: String,
}

/// Where databases on AWS live. With `VPC_ID` they live in the administrator's network, else in one of their own.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct NetworkConfig {
    /// VPC of the cluster; found by the tag `kubernetes.io/cluster/<CLUSTER_ID>` of its subnets when not set
    #[arg(long, env = "CLUSTER_VPC_ID")]
    pub cluster_vpc_id: Option<String>,
    /// Ranges of addresses of pods, services and machines, with commas; those of OpenShift's Network object are added
    #[arg(long, env = "CLUSTER_CIDRS", value_delimiter = ',')]
    pub cluster_cidrs: Vec<String>,
    /// Security groups that may connect to databases, with commas; the cluster's VPC may when not set
    #[arg(long, env = "CLIENT_SECURITY_GROUP_IDS", value_delimiter = ',')]
    pub client_security_group_ids: Vec<String>,
    /// VPC of the administrator in which databases are made
    #[arg(long, env = "VPC_ID")]
    pub vpc_id: Option<String>,
    /// Subnets of that VPC, in at least two zones, with commas
    #[arg(long, env = "SUBNET_IDS", value_delimiter = ',')]
    pub subnet_ids: Vec<String>,
    /// Security groups of that VPC that databases get, with commas
    #[arg(long, env = "SECURITY_GROUP_IDS", value_delimiter = ',')]
    pub security_group_ids: Vec<String>,
}

impl NetworkConfig {
    /// Whether the network is the administrator's.
    pub fn is_existing(&self) -> bool {
        self.vpc_id.as_ref().is_some_and(|id| !id.is_empty())
    }
}

impl Config {
    /// Name of this replica.
    pub(crate) fn replica(&self) -> String {
        let made_up = || format!("watcher-{:08x}", rand::random::<u32>());
        self.pod_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(made_up)
    }

    /// Where strategies are.
    pub fn strategy_namespace(&self) -> &str {
        self.strategy_namespace.as_deref().unwrap_or(&self.operator_namespace)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn config(extra: &[&str]) -> Config {
        let base = ["watcher", "--keys-dir", "keys", "--grpc-plaintext"];
        Config::parse_from(base.iter().chain(extra))
    }

    #[test]
    fn replicas_without_a_name_do_not_share_one() {
        assert_ne!(config(&[]).replica(), config(&[]).replica());
        assert_eq!(config(&["--pod-name", "watcher-0"]).replica(), "watcher-0");
    }
}
