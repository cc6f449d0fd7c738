//! Signing and sealing: who wrote a message, and who alone may read it.
//!
//! Every stored message is an [`Envelope`](proto::wire::Envelope), signed (ed25519) over its subject and payload,
//! because subject permissions are no boundary inside one NATS account: reply subjects are not checked.
//! Requests for credentials are sealed (X25519, XSalsa20-Poly1305) inside such an envelope; an xkeys box alone
//! could have been made by its receiver.
//!
//! Keys come from a folder: `signing.seed` and `sealing.seed` (one seed a line, the first is used for what is sent,
//! all are accepted for what is received, so keys can rotate) and `trust.json` with everybody's public keys.
//! Public keys are pinned there and never learned from the bus.

mod keyring;
mod sealed;
mod trust;

pub use keyring::{Keyring, KeysError, Unverified};
pub use sealed::{MAX_REQUEST_AGE, Sealable, context, untimely};
pub use trust::{PublicKeys, Trust};
