//! The kinds of claim that are measured.

use crds::ClaimKind;
use stack::Claim;

use crate::figure::{self, Row};

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
    /// SMTP credentials on AWS.
    MailAws,
    /// A snapshot of the Postgres that keeps the network.
    PostgresSnapshot,
    /// A snapshot of the Redis beside it.
    RedisSnapshot,
}

impl Sample {
    /// All, in the order in which they are measured.
    pub const ALL: [Self; 9] = [
        Self::Postgres,
        Self::Redis,
        Self::Placeholder,
        Self::Bucket,
        Self::PostgresAws,
        Self::RedisAws,
        Self::MailAws,
        Self::PostgresSnapshot,
        Self::RedisSnapshot,
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
            Self::MailAws => "mail-aws",
            Self::PostgresSnapshot => "postgres-snapshot",
            Self::RedisSnapshot => "redis-snapshot",
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
            Self::MailAws => Claim::new(ClaimKind::SmtpCredentialSet, &name, "managed"),
            Self::PostgresSnapshot => {
                Claim::snapshot(ClaimKind::PostgresSnapshot, &name, &Self::PostgresAws.warm().name)
            }
            Self::RedisSnapshot => {
                Claim::snapshot(ClaimKind::RedisSnapshot, &name, &Self::RedisAws.warm().name)
            }
        }
    }

    /// The claim of it that is made before anything is measured.
    pub fn warm(self) -> Claim {
        self.claim("warm", 0)
    }

    /// Whether the claims that were measured stay: steady state has to hold for what AWS serves too.
    pub fn stays(self) -> bool {
        !matches!(self, Self::Postgres | Self::Redis | Self::Placeholder | Self::PostgresAws)
    }

    /// AWS calls until nothing more is done.
    pub fn calls(self) -> Row {
        match self {
            Self::Postgres | Self::Redis | Self::Placeholder => figure::CLAIM_CALLS,
            Self::Bucket => figure::BUCKET_CALLS,
            Self::PostgresAws | Self::RedisAws => figure::DATABASE_CALLS,
            Self::MailAws => figure::MAIL_CALLS,
            Self::PostgresSnapshot | Self::RedisSnapshot => figure::SNAPSHOT_CALLS,
        }
    }

    /// AWS calls that a person would need; `None` where nothing of it is on AWS.
    pub fn calls_by_hand(self) -> Option<u32> {
        Some(match self {
            Self::Postgres | Self::Redis | Self::Placeholder => return None,
            // Make it, tag it, block public access, encrypt it, allow TLS only; a user, its policy, its key.
            Self::Bucket => 8,
            // Look at the sending quota; a user, its policy, its key.
            Self::MailAws => 4,
            // Make it, and look at it once it is there.
            Self::PostgresAws | Self::RedisAws | Self::PostgresSnapshot | Self::RedisSnapshot => 2,
        })
    }

    /// AWS calls for one claim in an hour; `None` where nothing of it is on AWS.
    pub fn calls_in_an_hour(self) -> Option<Row> {
        Some(match self {
            Self::Postgres | Self::Redis | Self::Placeholder => return None,
            Self::Bucket => figure::BUCKET_HOUR,
            Self::PostgresAws => figure::DATABASE_HOUR,
            Self::RedisAws => figure::CACHE_HOUR,
            Self::MailAws => figure::MAIL_HOUR,
            Self::PostgresSnapshot | Self::RedisSnapshot => figure::SNAPSHOT_HOUR,
        })
    }
}
