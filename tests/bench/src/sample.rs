//! The kinds of claim that are measured.

use crds::ClaimKind;
use stack::Claim;

/// A way to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// Postgres in the cluster.
    Postgres,
    /// Redis in the cluster.
    Redis,
    /// The placeholder of blob storage in the cluster.
    Placeholder,
    /// A bucket on AWS.
    Bucket,
    /// Postgres on AWS.
    PostgresAws,
    /// Redis on AWS.
    RedisAws,
}

impl Sample {
    /// All, in the order in which they are measured.
    pub const ALL: [Self; 6] = [
        Self::Postgres,
        Self::Redis,
        Self::Placeholder,
        Self::Bucket,
        Self::PostgresAws,
        Self::RedisAws,
    ];

    /// Its part in the ids of figures.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Placeholder => "placeholder",
            Self::Bucket => "bucket",
            Self::PostgresAws => "postgres-aws",
            Self::RedisAws => "redis-aws",
        }
    }

    /// A claim of it whose name no other has.
    pub fn claim(self, what_for: &str, number: usize) -> Claim {
        let name = format!("{what_for}-{}-{number}", self.as_str());
        match self {
            Self::Postgres => Claim::postgres(&name),
            Self::Redis => Claim::redis(&name),
            Self::Placeholder => Claim::placeholder(&name),
            Self::Bucket => Claim::bucket(&name),
            Self::PostgresAws => Claim::new(ClaimKind::Postgres, &name, "managed"),
            Self::RedisAws => Claim::new(ClaimKind::Redis, &name, "managed"),
        }
    }

    /// Whether it stands in the network on AWS.
    pub fn is_in_network(self) -> bool {
        matches!(self, Self::PostgresAws | Self::RedisAws)
    }
}
