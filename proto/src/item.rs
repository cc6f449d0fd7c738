//! The work item: desired state as a value.

use std::collections::BTreeMap;

use prost::Message;

use crate::convert::{Malformed, strict_enum};
use crate::identity::{Identity, Placement};
use crate::wire;

strict_enum! {
    /// What must be true of the external resource.
    Desired {
        /// It exists as described.
        Present = "present",
        /// Nothing is changed (`skipCreate`); what exists is observed.
        Paused = "paused",
        /// It does not exist: a tombstone.
        Absent = "absent",
        /// Nobody asks any more: the item and what is recorded of it expire.
        Released = "released",
    }
}

strict_enum! {
    /// What an unset field of a strategy means.
    Defaults {
        /// Encrypted, authenticated, least privilege: new installations.
        Secure = "secure",
        /// What it meant in the Go operator: succession.
        Cro = "cro",
    }
}

/// Names one published item. A worker has handled an item when its record carries this id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ItemId(String);

impl ItemId {
    /// A new random id.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_wire(text: String) -> Option<Self> {
        (!text.is_empty()).then_some(Self(text))
    }
}

impl std::fmt::Display for ItemId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One tier of a strategy ConfigMap, as the administrator wrote it; the provisioner checks its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strategy {
    /// Key of the tier, such as `production`.
    pub tier: String,
    /// JSON object of that tier.
    pub json: String,
}

/// The cluster that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Cluster id; part of external names and tags.
    pub id: String,
    /// What unset strategy fields mean.
    pub defaults: Defaults,
    /// Prefix of tag keys, with its slash.
    pub tag_prefix: String,
    /// Tags that the administrator wants on every external resource.
    pub tags: BTreeMap<String, String>,
}

/// The desired state of one claim.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkItem {
    /// Names this very item.
    pub item_id: ItemId,
    /// The claim.
    pub identity: Identity,
    /// Present, paused or absent.
    pub desired: Desired,
    /// Where; pinned.
    pub placement: Placement,
    /// How; `None` only in a tombstone whose strategy could not be read: then data is kept.
    pub strategy: Option<Strategy>,
    /// Cluster context.
    pub cluster: Cluster,
    /// `spec.secretRef.name`.
    pub secret_name: String,
    /// The claim's own wishes.
    pub options: wire::Options,
    /// Only on the item of the cluster's network.
    pub network: Option<wire::Network>,
}

impl WorkItem {
    /// Whether both ask for the same; the id and what the watcher learned from records do not count.
    pub fn asks_same_as(&self, other: &Self) -> bool {
        let comparable = |item: &Self| Self {
            item_id: ItemId(String::new()),
            placement: Placement { identifier: None, observed: false, ..item.placement.clone() },
            ..item.clone()
        };
        comparable(self) == comparable(other)
    }

    /// Bytes for the bus.
    pub fn encode(&self) -> Vec<u8> {
        wire::WorkItem::from(self.clone()).encode_to_vec()
    }

    /// Reads bytes of the bus.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        wire::WorkItem::decode(bytes).map_err(|_| Malformed::new("WorkItem", "bytes"))?.try_into()
    }
}

impl TryFrom<wire::WorkItem> for WorkItem {
    type Error = Malformed;

    fn try_from(wire: wire::WorkItem) -> Result<Self, Malformed> {
        let malformed = |field| Malformed::new("WorkItem", field);
        let desired = Desired::from_wire(wire.desired).ok_or(malformed("desired"))?;
        if wire.strategy.is_none() && matches!(desired, Desired::Present | Desired::Paused) {
            return Err(malformed("strategy"));
        }
        let cluster = wire.cluster.ok_or(malformed("cluster"))?;
        Ok(Self {
            item_id: ItemId::from_wire(wire.item_id).ok_or(malformed("item_id"))?,
            identity: wire.identity.ok_or(malformed("identity"))?.try_into()?,
            desired,
            placement: wire.placement.ok_or(malformed("placement"))?.try_into()?,
            strategy: wire.strategy.map(|it| Strategy { tier: it.tier, json: it.json }),
            cluster: Cluster {
                id: cluster.id,
                defaults: Defaults::from_wire(cluster.defaults)
                    .ok_or(malformed("cluster.defaults"))?,
                tag_prefix: cluster.tag_prefix,
                tags: cluster.tags,
            },
            secret_name: wire.secret_name,
            options: wire.options.unwrap_or_default(),
            network: wire.network,
        })
    }
}

impl From<WorkItem> for wire::WorkItem {
    fn from(item: WorkItem) -> Self {
        Self {
            item_id: item.item_id.0,
            identity: Some(item.identity.into()),
            desired: item.desired.to_wire(),
            placement: Some(item.placement.into()),
            strategy: item.strategy.map(|it| wire::Strategy { tier: it.tier, json: it.json }),
            cluster: Some(wire::Cluster {
                id: item.cluster.id,
                defaults: item.cluster.defaults.to_wire(),
                tag_prefix: item.cluster.tag_prefix,
                tags: item.cluster.tags,
            }),
            secret_name: item.secret_name,
            options: Some(item.options),
            network: item.network,
        }
    }
}
