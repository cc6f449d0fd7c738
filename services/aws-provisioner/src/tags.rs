//! Tags: what marks a resource as ours. They alone decide ownership.

use std::collections::BTreeMap;

use proto::{Kind, WorkItem};

/// Tags of one resource.
pub type Tags = BTreeMap<String, String>;

/// AWS takes no more.
const MAX_TAGS: usize = 50;
const MAX_KEY_CHARS: usize = 128;
const MAX_VALUE_CHARS: usize = 256;

/// A tag that AWS would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// A reserved or malformed key, or a malformed value.
    #[error(
        "tag {key:?} is not valid on AWS: correct the cluster's resource tags or the claim's labels"
    )]
    Malformed {
        /// Key of the tag.
        key: String,
    },
    /// More than AWS takes, together with those that are there.
    #[error("more than {MAX_TAGS} tags would be on one resource: remove some")]
    TooMany,
}

/// Whose resource it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    prefix: String,
    cluster: String,
    kind: Kind,
    namespace: String,
    name: String,
    uid: String,
}

impl Owner {
    /// The claim of an item.
    pub fn of(item: &WorkItem) -> Self {
        Self {
            prefix: item.cluster.tag_prefix.clone(),
            cluster: item.cluster.id.clone(),
            kind: item.identity.kind,
            namespace: item.identity.namespace.clone(),
            name: item.identity.name.clone(),
            uid: item.identity.uid.to_string(),
        }
    }

    /// Whether these tags name this claim: the cluster, and the uid or else kind, namespace and name (a cluster that
    /// was restored from a backup gives its claims new uids).
    pub fn owns(&self, tags: &Tags) -> bool {
        let has = |key: &str, value: &str| {
            tags.get(&format!("{}{key}", self.prefix)).is_some_and(|found| found == value)
        };
        let is_same_name = || {
            has("claim-kind", self.kind.as_str())
                && has("claim-namespace", &self.namespace)
                && has("resource-name", &self.name)
        };
        has("clusterID", &self.cluster) && (has("claim-uid", &self.uid) || is_same_name())
    }

    fn tags(&self) -> Tags {
        [
            ("clusterID", self.cluster.as_str()),
            ("resource-name", &self.name),
            ("claim-kind", self.kind.as_str()),
            ("claim-namespace", &self.namespace),
            ("claim-uid", &self.uid),
        ]
        .map(|(key, value)| (format!("{}{key}", self.prefix), value.to_owned()))
        .into()
    }
}

/// The tags that a claim's resources shall have. Ours win over the cluster's tags of the same key.
pub fn desired(item: &WorkItem) -> Result<Tags, TagError> {
    let (prefix, options) = (&item.cluster.tag_prefix, &item.options);
    let mut tags = item.cluster.tags.clone();
    tags.insert("red-hat-managed".to_owned(), "true".to_owned());
    let optional = [
        (format!("{prefix}resource-type"), &options.resource_type),
        (format!("{prefix}product-name"), &options.product_name),
        ("add-on-name".to_owned(), &options.add_on_name),
    ];
    tags.extend(
        optional
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key, value.clone())),
    );
    tags.extend(Owner::of(item).tags());
    match tags.iter().find(|(key, value)| !is_valid(key, value)) {
        Some((key, _)) => Err(TagError::Malformed { key: key.clone() }),
        None if tags.len() > MAX_TAGS => Err(TagError::TooMany),
        None => Ok(tags),
    }
}

/// What must be written so that `desired` is there and nothing else is lost; `None` when all of it is there.
pub fn merge(observed: &Tags, desired: &Tags) -> Result<Option<Tags>, TagError> {
    if desired.iter().all(|(key, value)| observed.get(key) == Some(value)) {
        return Ok(None);
    }
    let mut merged = observed.clone();
    merged.extend(desired.clone());
    if merged.len() > MAX_TAGS { Err(TagError::TooMany) } else { Ok(Some(merged)) }
}

fn is_valid(key: &str, value: &str) -> bool {
    let is_reserved = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    let is_text = |text: &str| {
        text.chars().all(|it| it.is_alphanumeric() || it == ' ' || "_.:/=+-@".contains(it))
    };
    (1..=MAX_KEY_CHARS).contains(&key.chars().count())
        && value.chars().count() <= MAX_VALUE_CHARS
        && !is_reserved
        && is_text(key)
        && is_text(value)
}

#[cfg(test)]
mod tests;
