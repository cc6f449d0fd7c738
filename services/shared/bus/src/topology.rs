//! Streams and consumers, as the design fixes them. Only the watcher's leader makes them; nobody deletes them.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use futures::TryStreamExt as _;
use proto::{Kind, Provider, Subject};

use crate::connection::Bus;
use crate::error::Error;

/// Desired state of every claim.
pub const WORK: &str = "WORK";
/// Latest connection of every claim.
pub const RESULT: &str = "RESULT";
/// Records of all services.
pub const RECORDS: &str = "KV_records";
/// Leases of provisioners.
pub const LEASES: &str = "KV_leases";
/// All streams.
pub const STREAMS: [&str; 4] = [WORK, RESULT, RECORDS, LEASES];
/// The consumer on [`RESULT`].
pub const SECRET_WRITER: &str = "secret-writer";

/// The stream counts headers too, so payloads stay below [`MAX_MESSAGE_BYTES`].
pub const MAX_PAYLOAD_BYTES: usize = 250 * 1024;
const MAX_MESSAGE_BYTES: i32 = 256 * 1024;
/// Room for ten times 10,000 claims of ordinary size; a full stream refuses new claims and keeps old ones.
const MAX_STREAM_BYTES: i64 = 1024 * 1024 * 1024;
/// How long a delivery may be silent before it is handed to another replica.
pub const ACK_WAIT: Duration = Duration::from_secs(30);
/// A delayed nak counts as pending, and at the limit nothing new is delivered.
const MAX_ACK_PENDING: i64 = 100_000;

/// The kinds that a provider serves through work items.
pub fn kinds(provider: Provider) -> &'static [Kind] {
    match provider {
        Provider::Aws => Kind::ALL,
        Provider::Openshift => {
            &[Kind::Postgres, Kind::Redis, Kind::BlobStorage, Kind::SmtpCredentialSet]
        }
    }
}

/// The name of the durable consumer of one kind.
pub fn consumer_name(provider: Provider, kind: Kind) -> String {
    format!("{provider}-{kind}")
}

impl Bus {
    /// Makes streams and consumers, or updates them to these settings. Safe to repeat.
    pub async fn ensure_topology(&self, replicas: usize) -> Result<(), Error> {
        for config in streams(replicas) {
            self.context.create_or_update_stream(config).await.map_err(not_made)?;
        }
        for provider in Provider::ALL {
            for kind in kinds(*provider) {
                let name = consumer_name(*provider, *kind);
                let filter = format!("work.{provider}.{kind}.>");
                self.ensure_consumer(WORK, consumer(name, filter)).await?;
            }
        }
        self.ensure_consumer(RESULT, consumer(SECRET_WRITER.to_owned(), "result.>".to_owned()))
            .await
    }

    /// Shows no backlog any more: from now on another replica knows it.
    pub fn forget_backlog(&self) {
        self.metrics.undelivered.clear();
        self.metrics.unsettled.clear();
    }

    /// Messages that a consumer has not handed over yet.
    pub async fn undelivered(&self, provider: Provider, kind: Kind) -> Result<u64, Error> {
        let stream =
            self.context.get_stream_no_info(WORK).await.map_err(Error::api("bind to a stream"))?;
        let info = stream.consumer_info(consumer_name(provider, kind)).await;
        Ok(info.map_err(Error::api("look a consumer up"))?.num_pending)
    }

    /// The subjects of all items. What is no subject of ours is left out.
    pub async fn work_subjects(&self) -> Result<Vec<Subject>, Error> {
        let stream =
            self.context.get_stream_no_info(WORK).await.map_err(Error::api("bind to a stream"))?;
        let mut subjects =
            stream.info_with_subjects("work.>").await.map_err(Error::api("list subjects"))?;
        let mut found = Vec::new();
        while let Some(subject) = subjects.try_next().await.map_err(Error::api("list subjects"))? {
            found.extend(subject.0.parse::<Subject>());
        }
        Ok(found)
    }

    async fn ensure_consumer(&self, stream: &str, config: pull::Config) -> Result<(), Error> {
        let made = self.context.create_consumer_on_stream(config, stream).await;
        self.metrics.see(made.map_err(Error::api("ensure a consumer"))?.cached_info());
        Ok(())
    }
}

fn streams(replicas: usize) -> [Config; 4] {
    let stream = |name: &str, subjects: &str| Config {
        name: name.to_owned(),
        subjects: vec![subjects.to_owned()],
        retention: RetentionPolicy::Limits,
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        max_bytes: MAX_STREAM_BYTES,
        max_message_size: MAX_MESSAGE_BYTES,
        allow_direct: false,
        allow_message_ttl: true,
        deny_delete: true,
        ..Config::default()
    };
    [
        stream(WORK, "work.>"),
        stream(RESULT, "result.>"),
        stream(RECORDS, "$KV.records.>"),
        stream(LEASES, "$KV.leases.>"),
    ]
}

fn consumer(name: String, filter_subject: String) -> pull::Config {
    pull::Config {
        durable_name: Some(name),
        filter_subject,
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        max_ack_pending: MAX_ACK_PENDING,
        ..pull::Config::default()
    }
}

fn not_made(error: CreateStreamError) -> Error {
    match error.kind() {
        CreateStreamErrorKind::JetStream(refusal)
            if refusal.error_code() == ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED =>
        {
            Error::Alone
        }
        _ => Error::api("ensure a stream")(error),
    }
}
