//! Configuration, read once at start.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bus::BusConfig;
use proto::Kind;
use service::config::{GrpcConfig, ProcessConfig};
use worker::WorkConfig;

use crate::error::Error;

/// Flags of aws-provisioner, each with an environment variable of the same name. Credentials, region and endpoints
/// come from the SDK's standard chain.
#[derive(Clone, Debug, clap::Parser)]
#[command(version, about = "Provisions external resources on AWS")]
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
    /// Endpoint of every AWS service, such as an emulator; the SDK reads the same variable
    #[arg(long, env = "AWS_ENDPOINT_URL")]
    pub aws_endpoint_url: Option<String>,
    /// Endpoint of S3 alone; the SDK reads the same variable
    #[arg(long, env = "AWS_ENDPOINT_URL_S3")]
    pub aws_endpoint_url_s3: Option<String>,
    /// Refuse to start without an endpoint, and use no others but those of services in the environment
    /// (`AWS_ENDPOINT_URL_IAM`): nothing can reach the real AWS
    #[arg(long, env = "REQUIRE_ENDPOINT")]
    pub require_endpoint: bool,
    /// Refuse to work in any other AWS account than this
    #[arg(long, env = "EXPECTED_ACCOUNT_ID")]
    pub expected_account_id: Option<String>,
    /// Folder of a mounted Secret: `role_arn` (as in sts-credentials), or `aws_access_key_id` and `aws_secret_access_key` (as OpenShift mints them); may appear and change at any time
    #[arg(long, env = "CREDENTIALS_DIR")]
    pub credentials_dir: Option<PathBuf>,
    /// Token that proves who we are when a mounted role is assumed; without the file, the SDK's chain does
    #[arg(
        long,
        env = "AWS_WEB_IDENTITY_TOKEN_FILE",
        default_value = "/var/run/secrets/openshift/serviceaccount/token"
    )]
    pub web_identity_token_file: PathBuf,
    /// Kinds behind whose connections nothing real answers, separated by commas, or `true` for all: their Secrets say so
    #[arg(long, env = "SIMULATED", default_value = "false")]
    pub simulated: Simulated,
    /// Which work items are taken
    #[command(flatten)]
    pub work: WorkConfig,
    /// Seconds between two listings of what exists
    #[arg(long, env = "INVENTORY_PERIOD_SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub inventory_period_seconds: u64,
    /// Seconds between two readings of what listings cannot show, per claim
    #[arg(long, env = "DRIFT_PERIOD_SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..))]
    pub drift_period_seconds: u64,
    /// Seconds between two attempts to connect to each database and cache, for the metrics `cro_*_connection`
    #[arg(long, env = "CONNECTION_CHECK_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub connection_check_seconds: u64,
    /// Seconds between two looks at what AWS measures and plans, for the metrics `cro_postgres_*` and `cro_redis_*`; 0 for none
    #[arg(long, env = "CLOUDWATCH_PERIOD_SECONDS", default_value_t = 300)]
    pub cloudwatch_period_seconds: u64,
}

/// Kinds behind whose connections nothing real answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulated(Vec<Kind>);

impl Simulated {
    /// Whether this is one of them.
    pub fn has(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }
}

impl FromStr for Simulated {
    type Err = proto::Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "true" => Kind::ALL.to_vec(),
            "" | "false" => Vec::new(),
            kinds => kinds.split(',').map(|kind| kind.trim().parse()).collect::<Result<_, _>>()?,
        }))
    }
}

/// How AWS is reached.
#[derive(Clone, Debug, Default)]
pub struct AwsConfig {
    /// The endpoint of every service that has none of its own in the environment; `None` leaves endpoints to the SDK.
    pub only_endpoint: Option<String>,
    /// Buckets are addressed by path, as emulators need it.
    pub path_style: bool,
    /// The only account to work in.
    pub expected_account: Option<String>,
    /// Where credentials may be mounted.
    pub credentials_folder: Option<PathBuf>,
    /// Who we are for a role that is mounted there.
    pub token_file: PathBuf,
}

/// How often drift is looked for.
#[derive(Clone, Copy, Debug)]
pub struct DriftConfig {
    /// Between two listings.
    pub inventory_period: Duration,
    /// Between two readings of one claim.
    pub drift_period: Duration,
}

impl Config {
    /// How AWS is reached; an error when an endpoint is required and none is given.
    pub fn aws(&self) -> Result<AwsConfig, Error> {
        let endpoint = self.aws_endpoint_url.clone().filter(|url| !url.is_empty());
        if self.require_endpoint && endpoint.is_none() {
            return Err(Error::EndpointRequired);
        }
        let own_s3 = self.aws_endpoint_url_s3.as_ref().is_some_and(|url| !url.is_empty());
        Ok(AwsConfig {
            path_style: endpoint.is_some() || own_s3,
            only_endpoint: endpoint.filter(|_| self.require_endpoint),
            expected_account: self.expected_account_id.clone().filter(|id| !id.is_empty()),
            credentials_folder: self
                .credentials_dir
                .clone()
                .filter(|it| !it.as_os_str().is_empty()),
            token_file: self.web_identity_token_file.clone(),
        })
    }

    /// How often drift is looked for.
    pub fn drift(&self) -> DriftConfig {
        DriftConfig {
            inventory_period: Duration::from_secs(self.inventory_period_seconds),
            drift_period: Duration::from_secs(self.drift_period_seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn aws(flags: &[&str]) -> Result<AwsConfig, Error> {
        let required = ["aws-provisioner", "--keys-dir", "keys", "--grpc-plaintext"];
        Config::parse_from(required.iter().chain(flags)).aws()
    }

    #[test]
    fn local_mode_needs_an_endpoint_and_uses_no_other() {
        assert!(matches!(aws(&["--require-endpoint"]), Err(Error::EndpointRequired)));
        assert!(matches!(
            aws(&["--require-endpoint", "--aws-endpoint-url", ""]),
            Err(Error::EndpointRequired)
        ));
        let local = aws(&["--require-endpoint", "--aws-endpoint-url", "http://double"]).unwrap();
        assert_eq!(local.only_endpoint.as_deref(), Some("http://double"));
        assert!(local.path_style);
    }

    #[test]
    fn without_an_endpoint_buckets_have_their_own_host_names() {
        let real = aws(&[]).unwrap();
        assert!(!real.path_style && real.only_endpoint.is_none());
        assert!(aws(&["--aws-endpoint-url-s3", "http://minio"]).unwrap().path_style);
    }

    #[test]
    fn all_kinds_some_or_none_are_simulated() {
        let simulated = |text: &str| text.parse::<Simulated>();
        assert!(Kind::ALL.iter().all(|kind| simulated("true").unwrap().has(*kind)));
        assert_eq!(simulated("false"), simulated(""));
        let some = simulated("smtpcredentialset, redis").unwrap();
        assert!(some.has(Kind::Redis) && !some.has(Kind::Postgres));
        assert!(simulated("mail").is_err());
    }
}
