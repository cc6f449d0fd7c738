//! What a worker knows of one uid.

use std::collections::BTreeMap;

use prost::Message;

use crate::connection::Digest;
use crate::convert::{Malformed, strict_enum};
use crate::identity::{Identity, Placement, Provider};
use crate::item::ItemId;
use crate::wire;

strict_enum! {
    /// How far a worker is with the item that its record names.
    State {
        /// Work goes on, or waits.
        Pending = "pending",
        /// Done; the result is published or written.
        Ready = "ready",
        /// Observed only, as asked.
        Paused = "paused",
        /// The external resource does not exist, as asked.
        Absent = "absent",
        /// Refused: only another item can help.
        Refused = "refused",
    }
}

strict_enum! {
    /// The class of a failure; decides delay, disposition and what the user reads.
    ErrorClass {
        /// Not an error: the provider is still working.
        Pending = "pending",
        /// The provider asked to slow down.
        Throttled = "throttled",
        /// Timeout, reset, unavailable.
        Transient = "transient",
        /// A quota or capacity is exhausted.
        Quota = "quota",
        /// What was asked is impossible.
        Invalid = "invalid",
        /// Something of that name exists and is not ours.
        Foreign = "foreign",
        /// A person must decide.
        NeedsPerson = "needs-person",
    }
}

/// One call that is not safe to repeat, stored before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Names the call, such as `s3.create-bucket`.
    pub step: String,
    /// The item that it serves.
    pub item_id: ItemId,
    /// When it was stored, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// What a worker knows of one uid.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The claim.
    pub identity: Identity,
    /// The claim's provider.
    pub provider: Provider,
    /// The item that the rest speaks about.
    pub item_id: ItemId,
    /// How far the worker is with it.
    pub state: State,
    /// Why it is not further.
    pub error_class: Option<ErrorClass>,
    /// `CamelCase` reason for a condition.
    pub reason: String,
    /// Stable text for people: no request ids, no secrets.
    pub message: String,
    /// A call whose outcome is not known.
    pub intent: Option<Intent>,
    /// Where the resource is, and whether it was seen.
    pub placement: Placement,
    /// The connection that was last published (provisioner) or written (secret-writer).
    pub digest: Option<Digest>,
    /// Failed attempts in a row.
    pub attempts: u32,
    /// What only this worker needs to remember. No secrets.
    pub facts: BTreeMap<String, String>,
}

impl Record {
    /// The record of a claim of which nothing is known but this item.
    pub fn new(identity: Identity, placement: Placement, item_id: ItemId) -> Self {
        Self {
            identity,
            provider: placement.provider,
            item_id,
            state: State::Pending,
            error_class: None,
            reason: String::new(),
            message: String::new(),
            intent: None,
            placement,
            digest: None,
            attempts: 0,
            facts: BTreeMap::new(),
        }
    }

    /// Bytes for the bus.
    pub fn encode(&self) -> Vec<u8> {
        wire::Record::from(self.clone()).encode_to_vec()
    }

    /// Reads bytes of the bus.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        wire::Record::decode(bytes).map_err(|_| Malformed::new("Record", "bytes"))?.try_into()
    }
}

impl TryFrom<wire::Record> for Record {
    type Error = Malformed;

    fn try_from(wire: wire::Record) -> Result<Self, Malformed> {
        let malformed = |field| Malformed::new("Record", field);
        let intent = |intent: wire::Intent| {
            let item_id = ItemId::from_wire(intent.item_id).ok_or(malformed("intent.item_id"))?;
            Ok(Intent { step: intent.step, item_id, at_ms: intent.at_ms })
        };
        Ok(Self {
            identity: wire.identity.ok_or(malformed("identity"))?.try_into()?,
            provider: Provider::from_wire(wire.provider).ok_or(malformed("provider"))?,
            item_id: ItemId::from_wire(wire.item_id).ok_or(malformed("item_id"))?,
            state: State::from_wire(wire.state).ok_or(malformed("state"))?,
            error_class: ErrorClass::from_wire(wire.error_class),
            reason: wire.reason,
            message: wire.message,
            intent: wire.intent.map(intent).transpose()?,
            placement: wire.placement.ok_or(malformed("placement"))?.try_into()?,
            digest: Digest::from_wire(wire.digest),
            attempts: wire.attempts,
            facts: wire.facts,
        })
    }
}

impl From<Record> for wire::Record {
    fn from(record: Record) -> Self {
        let intent = |it: Intent| wire::Intent {
            step: it.step,
            item_id: it.item_id.to_string(),
            at_ms: it.at_ms,
        };
        Self {
            identity: Some(record.identity.into()),
            provider: record.provider.to_wire(),
            item_id: record.item_id.to_string(),
            state: record.state.to_wire(),
            error_class: record.error_class.map_or(0, ErrorClass::to_wire),
            reason: record.reason,
            message: record.message,
            intent: record.intent.map(intent),
            placement: Some(record.placement.into()),
            digest: record.digest.map(|it| it.as_str().to_owned()).unwrap_or_default(),
            attempts: record.attempts,
            facts: record.facts,
        }
    }
}

/// What others may see of a record.
impl From<Record> for wire::Status {
    fn from(record: Record) -> Self {
        let record = wire::Record::from(record);
        Self {
            identity: record.identity,
            provider: record.provider,
            item_id: record.item_id,
            state: record.state,
            error_class: record.error_class,
            reason: record.reason,
            message: record.message,
            placement: record.placement,
            digest: record.digest,
        }
    }
}

/// A status carries all that a record does but intents, attempts and facts.
impl TryFrom<wire::Status> for Record {
    type Error = Malformed;

    fn try_from(status: wire::Status) -> Result<Self, Malformed> {
        wire::Record {
            identity: status.identity,
            provider: status.provider,
            item_id: status.item_id,
            state: status.state,
            error_class: status.error_class,
            reason: status.reason,
            message: status.message,
            placement: status.placement,
            digest: status.digest,
            ..wire::Record::default()
        }
        .try_into()
    }
}
