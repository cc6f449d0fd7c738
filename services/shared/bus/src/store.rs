//! Reading a subject's last message from the leader, and writing by compare-and-set.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bytes::Bytes;
use proto::{Connection, Malformed, Record, Subject, WorkItem, wire};

use crate::connection::Bus;
use crate::error::Error;
use crate::metrics;
use crate::topology::{LEASES, MAX_PAYLOAD_BYTES, RECORDS, RESULT, WORK};

/// A message that is stored on the bus.
pub trait Message: Sized {
    /// Bytes of it, without envelope.
    fn encode(&self) -> Vec<u8>;
    /// Reads those bytes.
    fn decode(bytes: &[u8]) -> Result<Self, Malformed>;
}

macro_rules! message {
    ($($name:ty),+) => {
        $(impl Message for $name {
            fn encode(&self) -> Vec<u8> {
                Self::encode(self)
            }

            fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
                Self::decode(bytes)
            }
        })+
    };
}

message!(WorkItem, Connection, Record);

impl Message for wire::Lease {
    fn encode(&self) -> Vec<u8> {
        prost::Message::encode_to_vec(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        <Self as prost::Message>::decode(bytes)
            .map_err(|_| Malformed { message: "Lease", field: "bytes" })
    }
}

/// The last message of a subject.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// What the next write must expect; 0 when the subject holds nothing.
    pub sequence: u64,
    /// `None` when nothing is there, it was blanked, or it was not written by the subject's writer.
    pub value: Option<T>,
    /// Trace context of whoever wrote it (<https://www.w3.org/TR/trace-context/>).
    pub trace: HashMap<String, String>,
}

/// What headers say of the trace that a message is part of.
pub(crate) fn trace(headers: &HeaderMap) -> HashMap<String, String> {
    let first = headers.iter().filter_map(|(name, values)| Some((name, values.first()?)));
    first.map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

impl Bus {
    /// The last message of a subject, read from the stream leader.
    pub async fn read<T: Message>(&self, subject: &Subject) -> Result<Stored<T>, Error> {
        let last = self.last(stream_of(subject), &subject.to_string()).await?;
        Ok(match last {
            Some(message) => Stored {
                sequence: message.sequence,
                value: self.verified(subject, &message.payload),
                trace: trace(&message.headers),
            },
            None => Stored { sequence: 0, value: None, trace: HashMap::new() },
        })
    }

    /// The last message of these subjects, from the stream leader.
    pub(crate) async fn last(
        &self,
        stream: &str,
        subjects: &str,
    ) -> Result<Option<StreamMessage>, Error> {
        let stream = self.context.get_stream_no_info(stream).await;
        let stream = stream.map_err(Error::api("bind to a stream"))?;
        match stream.get_last_raw_message_by_subject(subjects).await {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(Error::Read(error)),
        }
    }

    /// Stores a message if the subject's last sequence is `expected`. Returns the new sequence.
    pub async fn write<T: Message>(
        &self,
        subject: &Subject,
        message: &T,
        expected: u64,
        ttl: Option<Duration>,
    ) -> Result<u64, Error> {
        let bytes = self.keyring.sign(&subject.to_string(), message.encode());
        self.store(subject, bytes.into(), expected, ttl).await
    }

    /// Replaces the message of a subject by an empty one that expires.
    pub async fn blank(
        &self,
        subject: &Subject,
        expected: u64,
        ttl: Duration,
    ) -> Result<u64, Error> {
        self.store(subject, Bytes::new(), expected, Some(ttl)).await
    }

    /// The message inside an envelope, if the writer of `subject` signed it.
    pub(crate) fn verified<T: Message>(&self, subject: &Subject, bytes: &[u8]) -> Option<T> {
        if bytes.is_empty() {
            return None;
        }
        let verified = self.keyring.verify(subject.writer(), &subject.to_string(), bytes);
        let decoded = match verified {
            Ok(payload) => T::decode(&payload).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        decoded
            .inspect_err(|error| {
                self.metrics.unverified.get_or_create(&label(subject)).inc();
                tracing::warn!(bus.subject = %subject, error, "message counts as missing");
            })
            .ok()
    }

    async fn store(
        &self,
        subject: &Subject,
        payload: Bytes,
        expected: u64,
        ttl: Option<Duration>,
    ) -> Result<u64, Error> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(Error::TooLarge { bytes: payload.len(), limit: MAX_PAYLOAD_BYTES });
        }
        let mut message =
            PublishMessage::build().payload(payload).expected_last_subject_sequence(expected);
        for (name, value) in service::trace::inject(&tracing::Span::current()) {
            message = message.header(name.as_str(), value.as_str());
        }
        if let Some(ttl) = ttl {
            message = message.ttl(ttl);
        }
        let stored = self
            .context
            .send_publish(subject.to_string(), message)
            .await
            .map_err(Error::Publish)?
            .await
            .map_err(|error| match error.kind() {
                PublishErrorKind::WrongLastSequence => Error::Conflict,
                _ => Error::Publish(error),
            })?;
        self.metrics.publishes.get_or_create(&label(subject)).inc();
        Ok(stored.sequence)
    }
}

fn stream_of(subject: &Subject) -> &'static str {
    match subject {
        Subject::Work(..) => WORK,
        Subject::Result(..) => RESULT,
        Subject::Record(..) => RECORDS,
        Subject::Lease(..) => LEASES,
        Subject::Credentials(..) => "credentials",
    }
}

fn label(subject: &Subject) -> metrics::Stream {
    metrics::Stream { stream: stream_of(subject) }
}
