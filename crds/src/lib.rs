//! Everything a user can ask for, and the words the operator uses towards Kubernetes.
//!
//! - [`Postgres`], [`Redis`], [`BlobStorage`], [`SmtpCredentialSet`], [`PostgresSnapshot`], [`RedisSnapshot`]:
//!   the kinds of `integreatly.org/v1alpha1`, wire-compatible with the Go operator.
//! - [`definition()`]: the `CustomResourceDefinition` of a kind, with its validation; `manifests/` holds the same as YAML.
//! - [`Claim`]: any of these objects, read loosely, so that one bad object never stops a watch.
//! - [`conditions`]: condition types, reasons and builders. [`phase_of`] derives the Go operator's phase from them.
//! - [`ObjectBucketClaim`]: what others serve and we ask for.
//! - [`names`]: finalizers, labels, annotations, ConfigMaps, and the names of the Secrets we write.
//!
//! Like the Go operator's definitions, ours prune: a field that no schema names is dropped when the object is
//! stored. Every field that the Go operator's objects carry is named, so nothing of theirs is lost.
//!
//! This crate depends on none of our other crates, holds no client and starts no task.

mod bucket;
mod claim;
mod claim_kind;
pub mod conditions;
mod definition;
mod kinds;
pub mod names;
mod phase;
mod rules;
mod spec;
mod status;

pub use bucket::{
    BUCKET_CLAIM_PATH, ObjectBucketClaim, ObjectBucketClaimSpec, ObjectBucketClaimStatus,
    asks_for_bucket,
};
pub use claim::{Claim, ClaimError, ClaimSpec};
pub use claim_kind::{ClaimKind, UnknownKind};
pub use definition::definition;
pub use kinds::{
    BlobStorage, BlobStorageSpec, Postgres, PostgresSnapshot, PostgresSnapshotSpec, PostgresSpec,
    Redis, RedisSnapshot, RedisSnapshotSpec, RedisSpec, SmtpCredentialSet, SmtpCredentialSetSpec,
};
pub use phase::{Phase, phase_of};
pub use spec::{ResourceTypeSpec, SecretRef, SnapshotSpec};
pub use status::{Binding, ClaimStatus, Placement};

/// API group of every kind.
pub const GROUP: &str = "integreatly.org";
/// The only version: served and stored.
pub const VERSION: &str = "v1alpha1";
