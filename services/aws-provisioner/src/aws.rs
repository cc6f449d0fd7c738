//! AWS: clients, who we are there, and one thin adapter per service.
//!
//! Endpoints, credentials and region come from the SDK's standard chain, or credentials from files that are mounted; read
//! at first use, when the files change, and again when AWS rejects the credentials (others rotate them). Adapters call, convert and decide nothing.

mod budget;
mod clients;
pub mod cloudwatch;
mod credentials;
pub mod ec2;
pub mod elasticache;
mod endpoints;
mod error;
mod gate;
pub mod iam;
mod operation;
pub mod operations;
pub mod rds;
pub mod s3;
pub mod ses;
mod session;
mod snapshot;
mod sts;
mod subnet_group;

use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use proto::Placement;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use budget::Budget;
pub use clients::Clients;
pub(crate) use credentials::Mounted;
pub use error::{Error, Kind, is_about_credentials};
pub use gate::Gate;
pub use operation::{Operation, Service};
pub use session::Session;
pub use snapshot::Snapshot;
pub use subnet_group::SubnetGroup;

use crate::config::AwsConfig;
use crate::metrics::Metrics;
use crate::place::Place;
use clients::Gates;

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
    current: Mutex<Option<Current>>,
}

/// The session, and when it was found to be of what is mounted.
struct Current {
    session: Arc<Session>,
    looked: Instant,
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
        let (gates, current) = (Gates::new(metrics), Mutex::default());
        Self(Arc::new(Shared { config, http, gates, current }))
    }

    /// Credentials as they are now: read at first use, and anew when what is mounted has changed or AWS has rejected them.
    pub async fn session(&self) -> Arc<Session> {
        let mut current = self.0.current.lock().await;
        if let Some(current) = current.as_mut()
            && self.0.is_current(current)
        {
            return current.session.clone();
        }
        let session = Arc::new(self.0.load().await);
        *current = Some(Current { session: session.clone(), looked: Instant::now() });
        session
    }

    /// Where a claim's resources live, and adapters for there.
    pub async fn reach(
        &self,
        pinned: &Placement,
        wanted: Option<&str>,
    ) -> Result<(Place, Clients), crate::Error> {
        self.session().await.reach(pinned, wanted).await
    }

    /// Something failed for this reason with the credentials that were `used`: if they were rejected, the chain is read
    /// anew at the next use. What was read since is kept, so it is read once, however many are refused.
    pub async fn heed(&self, reason: &str, used: &Arc<Session>) {
        if is_about_credentials(reason) {
            let mut current = self.0.current.lock().await;
            current.take_if(|current| Arc::ptr_eq(&current.session, used));
        }
    }

    /// Reads credentials anew at the next use.
    pub async fn forget_credentials(&self) {
        *self.0.current.lock().await = None;
    }

    /// Credentials that are mounted now.
    pub(crate) fn mounted(&self) -> Mounted {
        self.0.mounted()
    }
}

impl Shared {
    /// Whether what is mounted is still what was read.
    fn is_current(&self, current: &mut Current) -> bool {
        if current.looked.elapsed() < MOUNTED_KEPT {
            return true;
        }
        current.looked = Instant::now();
        current.session.mounted == self.mounted()
    }

    fn mounted(&self) -> Mounted {
        Mounted::read(self.config.credentials_folder.as_deref())
    }

    async fn load(&self) -> Session {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        // Pinned: a later version would move timeouts and backoff under us.
        let loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(self.http.clone())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
        let mounted = self.mounted();
        if let Mounted::Unreadable(kind) = mounted {
            tracing::warn!(error = %kind, "mounted credentials cannot be read");
        }
        let mut sdk = loader.load().await;
        if let Some(endpoint) = &self.config.only_endpoint {
            sdk = endpoints::only(endpoint, sdk);
        }
        let sdk = mounted.apply(sdk, &self.config.token_file, &self.gates.sts);
        Session {
            path_style: self.config.path_style || sdk.endpoint_url().is_some(),
            expected_account: self.config.expected_account.clone(),
            gates: self.gates.clone(),
            mounted,
            sdk,
            asked: Mutex::default(),
            clients: std::sync::Mutex::default(),
        }
    }
}

/// What is not safe to repeat is sent once.
fn one_attempt() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(1)
}
