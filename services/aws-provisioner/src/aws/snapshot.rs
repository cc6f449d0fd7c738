//! A snapshot of RDS or ElastiCache: both have the same.

use crate::tags::Tags;

/// A snapshot that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, in lower case.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Identifier of the instance or group that it was taken of, in lower case.
    pub source: String,
    /// The text of the API, such as `available`.
    pub status: String,
    /// Its tags; `None` where only another call tells them.
    pub tags: Option<Tags>,
}
