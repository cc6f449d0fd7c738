//! What can go wrong on the bus.

/// An operation on the bus that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Keys could not be loaded.
    #[error("failed to load keys")]
    Keys(#[from] seal::KeysError),
    /// The file with which to log in is missing or holds nothing usable.
    #[error("failed to log in to NATS with {}", file.display())]
    Login {
        /// The file.
        file: std::path::PathBuf,
        /// What the system, or the client, says.
        source: std::io::Error,
    },
    /// The URL is wrong, or the server refused us for good.
    #[error("failed to connect to NATS")]
    Connect(#[source] async_nats::ConnectError),
    /// The server is older than what the guarantees need.
    #[error("nats-server {found} is too old: at least {floor} is needed")]
    TooOld {
        /// Version of the server.
        found: String,
        /// The oldest accepted version.
        floor: &'static str,
    },
    /// Copies are asked of a server that is alone: asking again is of no use.
    #[error("NATS has one server, which keeps no copies: NATS_REPLICAS asks for more")]
    Alone,
    /// Another writer was faster: read again and decide anew.
    #[error("the subject has changed meanwhile")]
    Conflict,
    /// The message is larger than the stream takes.
    #[error("the message has {bytes} bytes; at most {limit} are accepted")]
    TooLarge {
        /// Size of the payload.
        bytes: usize,
        /// Largest accepted payload.
        limit: usize,
    },
    /// A publish was not confirmed.
    #[error("failed to publish")]
    Publish(#[source] async_nats::jetstream::context::PublishError),
    /// The last message of a subject could not be read.
    #[error("failed to read the last message of a subject")]
    Read(#[source] async_nats::jetstream::stream::RawMessageError),
    /// A stream, bucket or consumer could not be made or looked up.
    #[error("failed to {operation}")]
    Api {
        /// What was tried.
        operation: &'static str,
        /// What the client says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A confirmed acknowledgement failed; the message will come again.
    #[error("failed to settle a delivery")]
    Settle(#[source] async_nats::Error),
    /// secret-writer did not answer.
    #[error("no answer from secret-writer")]
    NoAnswer(#[source] async_nats::RequestError),
    /// A message could not be sealed, or an answer not be verified.
    #[error("failed to seal or open a message")]
    Sealed(#[from] seal::Unverified),
    /// The lease was lost: nothing more may be done under it.
    #[error("the lease was lost")]
    LeaseLost,
}

impl Error {
    pub(crate) fn api<E>(operation: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Api { operation, source: source.into() }
    }
}
