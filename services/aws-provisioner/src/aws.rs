//! AWS: clients, who we are there, and one thin adapter per service.
//!
//! Endpoints, credentials and region come from the SDK's standard chain, or credentials from files that are mounted; read
//! at first use, when the files change, and again when AWS rejects the credentials (others rotate them). Adapters call, convert and decide nothing.

mod budget;
pub mod cloudwatch;
mod credentials;
pub mod ec2;
pub mod elasticache;
mod error;
mod gate;
pub mod iam;
mod operation;
pub mod operations;
pub mod rds;
pub mod s3;
pub mod ses;
mod snapshot;
mod sts;
mod subnet_group;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use budget::Budget;
pub use error::{CREDENTIALS_REJECTED, Error, Kind};
pub use gate::Gate;
pub use operation::{Operation, Service};
pub use snapshot::Snapshot;
pub use subnet_group::SubnetGroup;

use crate::config::AwsConfig;
use crate::metrics::Metrics;
use crate::place::{Caller, Place};
use credentials::Mounted;

/// The SDK has no limit of its own.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(40);
/// How often what is mounted is looked at.
const MOUNTED_KEPT: Duration = Duration::from_secs(2);
/// For calls that are safe to repeat.
const ATTEMPTS: u32 = 4;

/// AWS as this process uses it. Cheap to clone.
#[derive(Clone)]
pub struct Aws(Arc<Shared>);

struct Shared {
    config: AwsConfig,
    http: SharedHttpClient,
    gates: Gates,
    session: Mutex<Option<Session>>,
    asked: Mutex<Option<Asked>>,
}

/// Who we are, as it was asked last.
struct Asked {
    answered: Instant,
    answer: Result<Caller, Error>,
}

struct Gates {
    s3: Gate,
    iam: Gate,
    ses: Gate,
    sts: Gate,
    rds: Gate,
    elasticache: Gate,
    ec2: Gate,
    cloudwatch: Gate,
}

/// Credentials as they were read last.
struct Session {
    mounted: Mounted,
    looked: Instant,
    sdk: SdkConfig,
    caller: Option<Caller>,
    clients: BTreeMap<String, Clients>,
}

/// Adapters for one region. Cheap to clone.
#[derive(Clone)]
pub struct Clients {
    /// Buckets of that region.
    pub s3: s3::S3,
    /// Users; they are global.
    pub iam: iam::Iam,
    /// Mail of that region.
    pub ses: ses::Ses,
    /// Databases of that region.
    pub rds: rds::Rds,
    /// Caches of that region.
    pub elasticache: elasticache::ElastiCache,
    /// Networks of that region.
    pub ec2: ec2::Ec2,
    /// Measurements of that region.
    pub cloudwatch: cloudwatch::CloudWatch,
}

impl Aws {
    /// Nothing is called before the first turn.
    pub fn new(config: AwsConfig, metrics: &Metrics) -> Self {
        // ring: the SDK's default provider needs a C toolchain.
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        Self::with_http(config, metrics, http)
    }

    /// The same over another transport.
    pub fn with_http(config: AwsConfig, metrics: &Metrics, http: SharedHttpClient) -> Self {
        let gate = |service, per_second, at_once| {
            Gate::of(service, Budget::new(per_second, at_once), metrics)
        };
        let gates = Gates {
            s3: gate(Service::S3, 50, 200),
            iam: gate(Service::Iam, 15, 100),
            // SES itself takes no more.
            ses: gate(Service::Ses, 1, 10),
            sts: gate(Service::Sts, 10, 10),
            rds: gate(Service::Rds, 10, 100),
            elasticache: gate(Service::ElastiCache, 10, 100),
            ec2: gate(Service::Ec2, 10, 100),
            cloudwatch: gate(Service::CloudWatch, 10, 50),
        };
        Self(Arc::new(Shared {
            config,
            http,
            gates,
            session: Mutex::default(),
            asked: Mutex::default(),
        }))
    }

    /// Who we are; asked until known, and again when AWS has rejected the credentials. `region` is where to ask when
    /// the chain names none.
    pub async fn caller(&self, region: Option<&str>) -> Result<Caller, crate::Error> {
        let came = Instant::now();
        let (known, sdk) =
            self.session(|session| (session.caller.clone(), session.sdk.clone())).await;
        if let Some(caller) = known {
            return Ok(caller);
        }
        let own = sdk.region().map(ToString::to_string);
        let client = sts::client(&sdk, own.as_deref().or(region).ok_or(crate::Error::NoRegion)?);
        let caller = self.0.ask(came, &client, own).await?;
        self.check(&caller)?;
        self.session(|session| session.caller = Some(caller.clone())).await;
        Ok(caller)
    }

    /// Adapters for the region of a place.
    pub async fn clients(&self, place: &Place) -> Clients {
        self.session(|session| {
            let made = session.clients.get(&place.region).cloned();
            made.unwrap_or_else(|| {
                let clients = self.0.clients(&session.sdk, &place.region);
                session.clients.insert(place.region.clone(), clients.clone());
                clients
            })
        })
        .await
    }

    /// Reads the chain anew at the next use: the credentials were rejected.
    pub async fn forget_credentials(&self) {
        *self.0.session.lock().await = None;
    }

    fn check(&self, caller: &Caller) -> Result<(), crate::Error> {
        match &self.0.config.expected_account {
            Some(expected) if *expected != caller.account => {
                let (expected, found) = (expected.clone(), caller.account.clone());
                Err(crate::Error::WrongAccount { expected, found })
            }
            _ => Ok(()),
        }
    }

    async fn session<T>(&self, look: impl FnOnce(&mut Session) -> T) -> T {
        let mut session = self.0.session.lock().await;
        if !session.as_mut().is_some_and(|session| self.0.is_current(session)) {
            *session = Some(self.0.load().await);
        }
        look(session.as_mut().expect("it was loaded"))
    }
}

impl Shared {
    /// Asks, or takes what somebody else was answered meanwhile, be it an error: turns that wait for an AWS that hangs
    /// wait side by side.
    async fn ask(
        &self,
        came: Instant,
        client: &aws_sdk_sts::Client,
        region: Option<String>,
    ) -> Result<Caller, Error> {
        let mut asked = self.asked.lock().await;
        if let Some(asked) = asked.as_ref().filter(|asked| asked.answered >= came) {
            return asked.answer.clone();
        }
        let answer = sts::caller(&self.gates.sts, client, region).await;
        *asked = Some(Asked { answered: Instant::now(), answer: answer.clone() });
        answer
    }

    /// Whether what is mounted is still what was read.
    fn is_current(&self, session: &mut Session) -> bool {
        if session.looked.elapsed() < MOUNTED_KEPT {
            return true;
        }
        session.looked = Instant::now();
        session.mounted == Mounted::read(self.config.credentials_folder.as_deref())
    }

    async fn load(&self) -> Session {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        // Pinned: a later version would move timeouts and backoff under us.
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(self.http.clone())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
        if let Some(endpoint) = &self.config.only_endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let mounted = Mounted::read(self.config.credentials_folder.as_deref());
        let sdk = mounted.apply(loader.load().await, &self.config.token_file);
        let (looked, clients) = (Instant::now(), BTreeMap::new());
        Session { mounted, looked, sdk, caller: None, clients }
    }

    fn clients(&self, sdk: &SdkConfig, region: &str) -> Clients {
        let path_style = self.config.path_style || sdk.endpoint_url().is_some();
        let region = Region::new(region.to_owned());
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .region(region.clone())
            .force_path_style(path_style)
            .build();
        let iam = aws_sdk_iam::config::Builder::from(sdk).region(region.clone()).build();
        let ses = aws_sdk_ses::config::Builder::from(sdk).region(region.clone()).build();
        let rds = aws_sdk_rds::config::Builder::from(sdk).region(region.clone()).build();
        let elasticache =
            aws_sdk_elasticache::config::Builder::from(sdk).region(region.clone()).build();
        let cloudwatch =
            aws_sdk_cloudwatch::config::Builder::from(sdk).region(region.clone()).build();
        let ec2 = aws_sdk_ec2::config::Builder::from(sdk).region(region).build();
        Clients {
            s3: s3::S3::new(aws_sdk_s3::Client::from_conf(s3), self.gates.s3.clone()),
            iam: iam::Iam::new(aws_sdk_iam::Client::from_conf(iam), self.gates.iam.clone()),
            ses: ses::Ses::new(aws_sdk_ses::Client::from_conf(ses), self.gates.ses.clone()),
            rds: rds::Rds::new(aws_sdk_rds::Client::from_conf(rds), self.gates.rds.clone()),
            elasticache: elasticache::ElastiCache::new(
                aws_sdk_elasticache::Client::from_conf(elasticache),
                self.gates.elasticache.clone(),
            ),
            ec2: ec2::Ec2::new(aws_sdk_ec2::Client::from_conf(ec2), self.gates.ec2.clone()),
            cloudwatch: cloudwatch::CloudWatch::new(
                aws_sdk_cloudwatch::Client::from_conf(cloudwatch),
                self.gates.cloudwatch.clone(),
            ),
        }
    }
}

/// What is not safe to repeat is sent once.
fn one_attempt() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(1)
}
