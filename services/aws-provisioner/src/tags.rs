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
        self.is_in_cluster(tags) && (self.has_uid(tags) || self.has_name(tags))
    }

    /// Whether it may be deleted with this claim: a name alone may be that of a claim that came later and has adopted
    /// it.
    pub fn may_delete(&self, tags: &Tags) -> bool {
        self.owns(tags) && !self.is_successors(tags)
    }

    /// Whether a claim of the same name has it now.
    pub fn is_successors(&self, tags: &Tags) -> bool {
        let is_tagged = tags.contains_key(&self.key("claim-uid"));
        self.is_in_cluster(tags) && self.has_name(tags) && is_tagged && !self.has_uid(tags)
    }

    fn is_in_cluster(&self, tags: &Tags) -> bool {
        self.has(tags, "clusterID", &self.cluster)
    }

    fn has_uid(&self, tags: &Tags) -> bool {
        self.has(tags, "claim-uid", &self.uid)
    }

    fn has_name(&self, tags: &Tags) -> bool {
        self.has(tags, "claim-kind", self.kind.as_str())
            && self.has(tags, "claim-namespace", &self.namespace)
            && self.has(tags, "resource-name", &self.name)
    }

    fn has(&self, tags: &Tags, key: &str, value: &str) -> bool {
        tags.get(&self.key(key)).is_some_and(|found| found == value)
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn tags(&self) -> Tags {
        [
            ("clusterID", self.cluster.as_str()),
            ("resource-name", &self.name),
            ("claim-kind", self.kind.as_str()),
            ("claim-namespace", &self.namespace),
            ("claim-uid", &self.uid),
        ]
        .map(|(key, value)| (self.key(key), value.to_owned()))
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
