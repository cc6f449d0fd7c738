//! One service's own keys and its trust in the others.

use std::path::Path;

use nkeys::{KeyPair, XKey};
use prost::Message;
use proto::{Service, wire};

use crate::trust::Trust;

/// Why keys could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file of the keys folder is missing or not readable.
    #[error("failed to read {file} in the keys folder")]
    Read {
        /// Name of the file.
        file: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// A seed is not an nkeys seed of the right type.
    #[error("{file} holds no valid seed")]
    Seed {
        /// Name of the file.
        file: &'static str,
        /// What nkeys says.
        source: nkeys::error::Error,
    },
    /// `trust.json` does not parse.
    #[error("trust.json is not valid")]
    Trust(#[from] serde_json::Error),
}

/// A message that was not written by whom it should have been. It is treated as if it did not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// Not an envelope at all.
    #[error("the message is not an envelope")]
    Envelope,
    /// Signed by a key that is not pinned for the writer of this subject.
    #[error("the signer is not the writer pinned for this subject")]
    Signer,
    /// The signature does not fit subject and payload.
    #[error("the signature does not fit subject and payload")]
    Signature,
    /// The box cannot be opened with any of our keys.
    #[error("the box cannot be opened")]
    Box,
    /// What is inside the box belongs to another subject, or does not parse.
    #[error("the content of the box does not belong to this subject")]
    Context,
    /// No key to seal to is pinned for the receiver.
    #[error("no sealing key is pinned for the receiver")]
    Receiver,
}

/// One service's own keys and the public keys that it trusts. Does not print.
pub struct Keyring {
    signing: KeyPair,
    pub(crate) sealing: Vec<XKey>,
    pub(crate) trust: Trust,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(redacted)")
    }
}

impl Keyring {
    /// Loads `signing.seed`, `sealing.seed` (absent for services that seal nothing) and `trust.json`.
    pub fn load(folder: &Path) -> Result<Self, KeysError> {
        let read = |file| {
            std::fs::read_to_string(folder.join(file))
                .map_err(|source| KeysError::Read { file, source })
        };
        let signing = KeyPair::from_seed(read("signing.seed")?.trim())
            .map_err(|source| KeysError::Seed { file: "signing.seed", source })?;
        let sealing = match read("sealing.seed") {
            Ok(seeds) => seeds
                .lines()
                .map(|seed| {
                    XKey::from_seed(seed.trim())
                        .map_err(|source| KeysError::Seed { file: "sealing.seed", source })
                })
                .collect::<Result<_, _>>()?,
            Err(KeysError::Read { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        Ok(Self::new(signing, sealing, serde_json::from_str(&read("trust.json")?)?))
    }

    /// A keyring of these keys; the first sealing key is the active one.
    pub fn new(signing: KeyPair, sealing: Vec<XKey>, trust: Trust) -> Self {
        Self { signing, sealing, trust }
    }

    /// The bytes of an envelope around `payload`, signed for `subject`.
    pub fn sign(&self, subject: &str, payload: Vec<u8>) -> Vec<u8> {
        let signature =
            self.signing.sign(&signed_bytes(subject, &payload)).expect("a seed can sign");
        wire::Envelope { payload, key_id: self.signing.public_key(), signature }.encode_to_vec()
    }

    /// The payload of an envelope, if `writer` signed it for `subject`.
    pub fn verify(
        &self,
        writer: Service,
        subject: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Unverified> {
        let envelope = wire::Envelope::decode(bytes).map_err(|_| Unverified::Envelope)?;
        let pinned = self.trust.of(writer).ok_or(Unverified::Signer)?;
        if !pinned.signing.contains(&envelope.key_id) {
            return Err(Unverified::Signer);
        }
        KeyPair::from_public_key(&envelope.key_id)
            .and_then(|key| {
                key.verify(&signed_bytes(subject, &envelope.payload), &envelope.signature)
            })
            .map_err(|_| Unverified::Signature)?;
        Ok(envelope.payload)
    }
}

/// Lengths keep the boundary between subject and payload where the writer put it.
fn signed_bytes(subject: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = b"cro.v1\0".to_vec();
    for part in [subject.as_bytes(), payload] {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part);
    }
    bytes
}
