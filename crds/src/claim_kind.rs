//! The kind of a claim, as a value.

use kube::Resource;
use kube::core::ApiResource;

use crate::kinds::{
    BlobStorage, Postgres, PostgresSnapshot, Redis, RedisSnapshot, SmtpCredentialSet,
};

/// Any of the kinds of `integreatly.org/v1alpha1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClaimKind {
    /// A PostgreSQL database.
    Postgres,
    /// A Redis cache.
    Redis,
    /// An object store bucket.
    BlobStorage,
    /// Credentials to send mail.
    SmtpCredentialSet,
    /// A snapshot of the resource of a Postgres.
    PostgresSnapshot,
    /// A snapshot of the resource of a Redis.
    RedisSnapshot,
}

/// A text that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kind of claim named {0:?}")]
pub struct UnknownKind(String);

impl ClaimKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Postgres,
        Self::Redis,
        Self::BlobStorage,
        Self::SmtpCredentialSet,
        Self::PostgresSnapshot,
        Self::RedisSnapshot,
    ];

    /// Lower-case singular: the text of labels, subjects, metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::BlobStorage => "blobstorage",
            Self::SmtpCredentialSet => "smtpcredentialset",
            Self::PostgresSnapshot => "postgressnapshot",
            Self::RedisSnapshot => "redissnapshot",
        }
    }

    /// The kind as manifests spell it, such as `SMTPCredentialSet`.
    pub fn kind(self) -> String {
        self.api_resource().kind
    }

    /// The plural that URLs and RBAC use; postgres and redis are their own.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::BlobStorage => "blobstorages",
            Self::SmtpCredentialSet => "smtpcredentialsets",
            Self::PostgresSnapshot => "postgressnapshots",
            Self::RedisSnapshot => "redissnapshots",
        }
    }

    /// What a dynamic client needs to find objects of this kind.
    pub fn api_resource(self) -> ApiResource {
        fn erase<K: Resource<DynamicType = ()>>() -> ApiResource {
            ApiResource::erase::<K>(&())
        }
        match self {
            Self::Postgres => erase::<Postgres>(),
            Self::Redis => erase::<Redis>(),
            Self::BlobStorage => erase::<BlobStorage>(),
            Self::SmtpCredentialSet => erase::<SmtpCredentialSet>(),
            Self::PostgresSnapshot => erase::<PostgresSnapshot>(),
            Self::RedisSnapshot => erase::<RedisSnapshot>(),
        }
    }

    /// The key under which the mapping and strategy ConfigMaps speak of this kind; a snapshot's is its parent's.
    pub fn mapping_key(self) -> &'static str {
        match self {
            Self::Postgres | Self::PostgresSnapshot => "postgres",
            Self::Redis | Self::RedisSnapshot => "redis",
            Self::BlobStorage => "blobstorage",
            Self::SmtpCredentialSet => "smtpcredentials",
        }
    }

    /// The kind whose resource a snapshot is taken of; `None` when this is no snapshot.
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::PostgresSnapshot => Some(Self::Postgres),
            Self::RedisSnapshot => Some(Self::Redis),
            Self::Postgres | Self::Redis | Self::BlobStorage | Self::SmtpCredentialSet => None,
        }
    }

    /// Whether objects of this kind are snapshots.
    pub fn is_snapshot(self) -> bool {
        self.parent().is_some()
    }
}

impl std::fmt::Display for ClaimKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ClaimKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let named = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        named.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_text_and_only_by_it() {
        for kind in ClaimKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(kind.as_str(), kind.kind().to_lowercase());
        }
        for text in ["", "Postgres", "postgresql", "network"] {
            assert_eq!(text.parse::<ClaimKind>(), Err(UnknownKind(text.to_owned())));
        }
    }

    #[test]
    fn plurals_and_api_resources_agree() {
        for kind in ClaimKind::ALL {
            let resource = kind.api_resource();
            assert_eq!(resource.plural, kind.plural());
            assert_eq!(resource.api_version, "integreatly.org/v1alpha1");
        }
    }

    #[test]
    fn a_snapshot_is_configured_under_its_parent() {
        for kind in ClaimKind::ALL {
            if let Some(parent) = kind.parent() {
                assert_eq!(kind.mapping_key(), parent.mapping_key());
            }
        }
    }
}
