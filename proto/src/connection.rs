//! The result of a provisioner: connection details without secrets.

use std::collections::BTreeMap;

use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::convert::Malformed;
use crate::identity::{Identity, Provider};
use crate::item::ItemId;
use crate::wire;

/// Where the value of one key of the connection Secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// This very text.
    Literal(String),
    /// This key of the claim's credential Secret.
    Credential(String),
    /// This key of the Secret of the claim's `ObjectBucketClaim`.
    Bucket(String),
    /// What people filled in; this text when there is nothing yet.
    KeepOr(String),
}

/// SHA-256 in hex over what a connection says; the item's id and generation do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The hexadecimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_wire(text: String) -> Option<Self> {
        (!text.is_empty()).then_some(Self(text))
    }
}

/// Connection details of one claim: the keys of its Secret and where their values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The item that was handled.
    pub item_id: ItemId,
    /// The claim.
    pub identity: Identity,
    /// Who provides it; must be the claim's pinned provider.
    pub provider: Provider,
    /// Keys of the Secret.
    pub fields: BTreeMap<String, Field>,
    /// True when nothing real answers behind the details (local development).
    pub simulated: bool,
}

impl Connection {
    /// Digest of what it says.
    pub fn digest(&self) -> Digest {
        let mut content = wire::Connection::from(self.clone());
        content.item_id.clear();
        if let Some(identity) = content.identity.as_mut() {
            identity.generation = 0;
        }
        let hash = Sha256::digest(content.encode_to_vec());
        Digest(data_encoding::HEXLOWER.encode(&hash))
    }

    /// Bytes for the bus.
    pub fn encode(&self) -> Vec<u8> {
        wire::Connection::from(self.clone()).encode_to_vec()
    }

    /// Reads bytes of the bus.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        wire::Connection::decode(bytes)
            .map_err(|_| Malformed::new("Connection", "bytes"))?
            .try_into()
    }
}

impl TryFrom<wire::Connection> for Connection {
    type Error = Malformed;

    fn try_from(wire: wire::Connection) -> Result<Self, Malformed> {
        let malformed = |field| Malformed::new("Connection", field);
        let fields = wire
            .fields
            .into_iter()
            .map(|(key, field)| Some((key, field.source?.into())))
            .collect::<Option<_>>()
            .ok_or(malformed("fields"))?;
        Ok(Self {
            item_id: ItemId::from_wire(wire.item_id).ok_or(malformed("item_id"))?,
            identity: wire.identity.ok_or(malformed("identity"))?.try_into()?,
            provider: Provider::from_wire(wire.provider).ok_or(malformed("provider"))?,
            fields,
            simulated: wire.simulated,
        })
    }
}

impl From<Connection> for wire::Connection {
    fn from(connection: Connection) -> Self {
        let field = |field: Field| wire::Field { source: Some(field.into()) };
        Self {
            item_id: connection.item_id.to_string(),
            identity: Some(connection.identity.into()),
            provider: connection.provider.to_wire(),
            fields: connection.fields.into_iter().map(|(key, it)| (key, field(it))).collect(),
            simulated: connection.simulated,
        }
    }
}

impl From<wire::field::Source> for Field {
    fn from(source: wire::field::Source) -> Self {
        match source {
            wire::field::Source::Literal(text) => Self::Literal(text),
            wire::field::Source::CredentialKey(key) => Self::Credential(key),
            wire::field::Source::BucketKey(key) => Self::Bucket(key),
            wire::field::Source::KeepOr(text) => Self::KeepOr(text),
        }
    }
}

impl From<Field> for wire::field::Source {
    fn from(field: Field) -> Self {
        match field {
            Field::Literal(text) => Self::Literal(text),
            Field::Credential(key) => Self::CredentialKey(key),
            Field::Bucket(key) => Self::BucketKey(key),
            Field::KeepOr(text) => Self::KeepOr(text),
        }
    }
}
