//! Who a message is about, and where its external resource lives.

use crate::convert::{Malformed, strict_enum};
use crate::wire;

strict_enum! {
    /// A provider of external resources.
    Provider {
        /// Amazon Web Services.
        Aws = "aws",
        /// Workloads in the cluster itself.
        Openshift = "openshift",
    }
}

strict_enum! {
    /// The kind of a claim, or the cluster's network.
    Kind {
        /// A PostgreSQL database.
        Postgres = "postgres",
        /// A Redis cache.
        Redis = "redis",
        /// An object store bucket.
        BlobStorage = "blobstorage",
        /// SMTP credentials.
        SmtpCredentialSet = "smtpcredentialset",
        /// A snapshot of a Postgres claim.
        PostgresSnapshot = "postgressnapshot",
        /// A snapshot of a Redis claim.
        RedisSnapshot = "redissnapshot",
        /// The network that AWS databases share.
        Network = "network",
    }
}

impl Kind {
    /// Whether connection details are published for it: a snapshot and the network have none.
    pub fn has_secret(self) -> bool {
        !matches!(self, Self::PostgresSnapshot | Self::RedisSnapshot | Self::Network)
    }
}

/// One of the four services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Turns claims into work items.
    Watcher,
    /// Provisions on AWS.
    AwsProvisioner,
    /// Provisions in the cluster.
    OpenshiftProvisioner,
    /// Writes Secrets.
    SecretWriter,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 4] =
        [Self::Watcher, Self::AwsProvisioner, Self::OpenshiftProvisioner, Self::SecretWriter];

    /// The name of its binary, Deployment and NATS user.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watcher => "watcher",
            Self::AwsProvisioner => "aws-provisioner",
            Self::OpenshiftProvisioner => "openshift-provisioner",
            Self::SecretWriter => "secret-writer",
        }
    }

    /// The token under which it keeps records.
    pub fn record_prefix(self) -> &'static str {
        match self {
            Self::AwsProvisioner => Provider::Aws.as_str(),
            Self::OpenshiftProvisioner => Provider::Openshift.as_str(),
            Self::Watcher | Self::SecretWriter => self.as_str(),
        }
    }
}

impl From<Provider> for Service {
    fn from(provider: Provider) -> Self {
        match provider {
            Provider::Aws => Self::AwsProvisioner,
            Provider::Openshift => Self::OpenshiftProvisioner,
        }
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The namespace of names that are cluster ids.
const NETWORKS: uuid::Uuid = uuid::uuid!("5b0e3f0a-6a52-5d1f-9a4e-0c1d5f6f7a11");

/// A Kubernetes uid: 1 to 64 letters, digits and hyphens, so that it is one safe token of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid(String);

impl Uid {
    /// The uid of a cluster's network, which is no claim: the same in every replica and after a loss of the bus.
    pub fn of_network(cluster_id: &str) -> Self {
        Self(uuid::Uuid::new_v5(&NETWORKS, cluster_id.as_bytes()).to_string())
    }

    /// The text of the uid.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Uid {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let safe = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if (1..=64).contains(&text.len()) && safe {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new("Uid", "text"))
        }
    }
}

impl std::fmt::Display for Uid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One claim, as Kubernetes knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Kind of the claim.
    pub kind: Kind,
    /// Namespace of the claim.
    pub namespace: String,
    /// Name of the claim; may be as long as 253 characters and hold dots.
    pub name: String,
    /// Uid of the claim.
    pub uid: Uid,
    /// `metadata.generation` when the message was made.
    pub generation: i64,
}

impl TryFrom<wire::Identity> for Identity {
    type Error = Malformed;

    fn try_from(wire: wire::Identity) -> Result<Self, Malformed> {
        let malformed = |field| Malformed::new("Identity", field);
        if wire.name.is_empty() {
            return Err(malformed("name"));
        }
        Ok(Self {
            kind: Kind::from_wire(wire.kind).ok_or(malformed("kind"))?,
            namespace: wire.namespace,
            name: wire.name,
            uid: wire.uid.parse().map_err(|_| malformed("uid"))?,
            generation: wire.generation,
        })
    }
}

impl From<Identity> for wire::Identity {
    fn from(identity: Identity) -> Self {
        Self {
            kind: identity.kind.to_wire(),
            namespace: identity.namespace,
            name: identity.name,
            uid: identity.uid.to_string(),
            generation: identity.generation,
        }
    }
}

/// Where the external resource of a claim lives. Pinned before anything is published, for life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The provider that serves the claim.
    pub provider: Provider,
    /// Region; empty in the cluster, or while not looked up.
    pub region: String,
    /// Account; empty in the cluster, or while not looked up.
    pub account: String,
    /// External name; `None` until it is chosen.
    pub identifier: Option<String>,
    /// True once the provider has confirmed that the resource exists.
    pub observed: bool,
}

impl Placement {
    /// A placement of which only the provider is known.
    pub fn at(provider: Provider) -> Self {
        Self {
            provider,
            region: String::new(),
            account: String::new(),
            identifier: None,
            observed: false,
        }
    }
}

impl TryFrom<wire::Placement> for Placement {
    type Error = Malformed;

    fn try_from(wire: wire::Placement) -> Result<Self, Malformed> {
        Ok(Self {
            provider: Provider::from_wire(wire.provider)
                .ok_or(Malformed::new("Placement", "provider"))?,
            region: wire.region,
            account: wire.account,
            identifier: Some(wire.identifier).filter(|name| !name.is_empty()),
            observed: wire.observed,
        })
    }
}

impl From<Placement> for wire::Placement {
    fn from(placement: Placement) -> Self {
        Self {
            provider: placement.provider.to_wire(),
            region: placement.region,
            account: placement.account,
            identifier: placement.identifier.unwrap_or_default(),
            observed: placement.observed,
        }
    }
}
