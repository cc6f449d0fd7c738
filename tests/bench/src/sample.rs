//! The kinds of claim that are measured.

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
}

impl Sample {
    /// All, in the order in which they are measured.
    pub const ALL: [Self; 4] = [Self::Postgres, Self::Redis, Self::Placeholder, Self::Bucket];

    /// Its part in the ids of figures.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Placeholder => "placeholder",
            Self::Bucket => "bucket",
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
        }
    }
}
