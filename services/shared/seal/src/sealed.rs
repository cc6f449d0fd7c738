//! Boxes that only their receiver can open, with their context inside.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nkeys::XKey;
use prost::Message;
use proto::{Service, wire};

use crate::keyring::{Keyring, Unverified};

/// A request older than this is refused: a recorded one cannot be sent again later, nor one take effect that was delayed
/// until its sender has given up. Little more than the sender's patience; the rest is for clocks that differ.
pub const MAX_REQUEST_AGE: Duration = Duration::from_secs(15);

/// A message that repeats its subject inside the box.
pub trait Sealable: Message + Default {
    /// The context that the sender put in.
    fn context(&self) -> Option<&wire::SealedContext>;
}

macro_rules! sealable {
    ($($message:ident),+) => {
        $(impl Sealable for wire::$message {
            fn context(&self) -> Option<&wire::SealedContext> {
                self.context.as_ref()
            }
        })+
    };
}

sealable!(EnsureRequest, StoreRequest, ReadRequest, CredentialReply);

/// The context of a new message for `subject`, issued at `now`.
pub fn context(request_id: &str, subject: &str, now: SystemTime) -> wire::SealedContext {
    wire::SealedContext {
        request_id: request_id.to_owned(),
        subject: subject.to_owned(),
        issued_at_ms: unix_ms(now),
    }
}

impl Keyring {
    /// Seals `message` to `receiver` and signs the box for `subject`.
    pub fn seal<M: Sealable>(
        &self,
        receiver: Service,
        subject: &str,
        message: &M,
    ) -> Result<Vec<u8>, Unverified> {
        let key_id = self
            .trust
            .of(receiver)
            .and_then(|keys| keys.sealing.first())
            .ok_or(Unverified::Receiver)?;
        let receiver = XKey::from_public_key(key_id).map_err(|_| Unverified::Receiver)?;
        let own = self.sealing.first().ok_or(Unverified::Receiver)?;
        let sealed =
            own.seal(&message.encode_to_vec(), &receiver).map_err(|_| Unverified::Receiver)?;
        let sealed = wire::Sealed { key_id: key_id.clone(), r#box: sealed };
        Ok(self.sign(subject, sealed.encode_to_vec()))
    }

    /// Verifies that `sender` signed these bytes for `subject`, opens the box and checks its subject. Whoever acts on a
    /// request asks [`untimely`] too.
    pub fn open<M: Sealable>(
        &self,
        sender: Service,
        subject: &str,
        bytes: &[u8],
    ) -> Result<M, Unverified> {
        let sealed = wire::Sealed::decode(self.verify(sender, subject, bytes)?.as_slice())
            .map_err(|_| Unverified::Box)?;
        let own = self
            .sealing
            .iter()
            .find(|key| key.public_key() == sealed.key_id)
            .ok_or(Unverified::Box)?;
        let senders = &self.trust.of(sender).ok_or(Unverified::Signer)?.sealing;
        let plaintext = senders
            .iter()
            .filter_map(|key| XKey::from_public_key(key).ok())
            .find_map(|key| own.open(&sealed.r#box, &key).ok())
            .ok_or(Unverified::Box)?;
        let message = M::decode(plaintext.as_slice()).map_err(|_| Unverified::Context)?;
        let fits = message.context().is_some_and(|context| context.subject == subject);
        if fits { Ok(message) } else { Err(Unverified::Context) }
    }
}

/// How far a message is from `now`, either way, when that is too far: it was delayed or sent again, or clocks differ.
pub fn untimely(context: &wire::SealedContext, now: SystemTime) -> Option<Duration> {
    let distance = Duration::from_millis(unix_ms(now).abs_diff(context.issued_at_ms));
    (distance > MAX_REQUEST_AGE).then_some(distance)
}

fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
