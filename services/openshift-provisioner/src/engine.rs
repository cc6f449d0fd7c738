//! The two engines that run in the cluster.

use proto::Kind;

/// A database engine with a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
}

impl Engine {
    /// The engine of a kind; `None` for kinds that run no workload.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Postgres => Some(Self::Postgres),
            Kind::Redis => Some(Self::Redis),
            Kind::BlobStorage
            | Kind::SmtpCredentialSet
            | Kind::PostgresSnapshot
            | Kind::RedisSnapshot
            | Kind::Network => None,
        }
    }

    /// The name of its container.
    pub fn container(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// The port that it listens on.
    pub fn port(self) -> i32 {
        match self {
            Self::Postgres => 5432,
            Self::Redis => 6379,
        }
    }
}
