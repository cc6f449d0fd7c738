//! Sealed requests to secret-writer: ensure, store, read.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::StreamExt as _;
use proto::{CredentialVerb, Identity, Provider, Service, Subject, wire};
use seal::{Sealable, context};
use service::CancellationToken;

use crate::connection::Bus;
use crate::error::Error;

const TIMEOUT: Duration = Duration::from_secs(10);
const QUEUE_GROUP: &str = "secret-writer";

/// A request, verified and opened. `Debug` prints no values.
#[derive(Debug)]
pub enum Request {
    /// Make sure that these fields are held.
    Ensure(wire::EnsureRequest),
    /// Keep what was minted.
    Store(wire::StoreRequest),
    /// Which key ids are held?
    Read(wire::ReadRequest),
}

impl Bus {
    /// Asks secret-writer to make sure that the claim's credential Secret holds `fields`.
    pub async fn ensure_credentials(
        &self,
        provider: Provider,
        identity: &Identity,
        fields: impl IntoIterator<Item = (String, wire::credential_field::Source)>,
        may_generate: bool,
    ) -> Result<wire::CredentialReply, Error> {
        let field = |source| wire::CredentialField { source: Some(source) };
        let fields = fields.into_iter().map(|(key, source)| (key, field(source))).collect();
        self.ask(CredentialVerb::Ensure, provider, identity, |context| wire::EnsureRequest {
            context: Some(context),
            identity: Some(identity.clone().into()),
            fields,
            may_generate,
        })
        .await
    }

    /// Asks secret-writer to keep what the provider minted under `key_id`, if it still holds `replaces`, or no key.
    pub async fn store_credentials(
        &self,
        provider: Provider,
        identity: &Identity,
        key_id: &str,
        replaces: Option<&str>,
        values: impl IntoIterator<Item = (String, String)>,
    ) -> Result<wire::CredentialReply, Error> {
        self.ask(CredentialVerb::Store, provider, identity, |context| wire::StoreRequest {
            context: Some(context),
            identity: Some(identity.clone().into()),
            key_id: key_id.to_owned(),
            values: values.into_iter().collect(),
            replaces: replaces.unwrap_or_default().to_owned(),
        })
        .await
    }

    /// Asks secret-writer which key ids it holds for the claim.
    pub async fn read_credentials(
        &self,
        provider: Provider,
        identity: &Identity,
    ) -> Result<wire::CredentialReply, Error> {
        self.ask(CredentialVerb::Read, provider, identity, |context| wire::ReadRequest {
            context: Some(context),
            identity: Some(identity.clone().into()),
        })
        .await
    }

    async fn ask<M: Sealable>(
        &self,
        verb: CredentialVerb,
        provider: Provider,
        identity: &Identity,
        message: impl FnOnce(wire::SealedContext) -> M,
    ) -> Result<wire::CredentialReply, Error> {
        let subject = Subject::Credentials(verb, provider, identity.kind, identity.uid.clone());
        let subject = subject.to_string();
        let request_id = uuid::Uuid::new_v4().to_string();
        let request = message(context(&request_id, &subject, SystemTime::now()));
        let sealed = self.keyring.seal(Service::SecretWriter, &subject, &request)?;
        let ask = async_nats::Request::new().payload(sealed.into()).timeout(Some(TIMEOUT));
        let answer =
            self.client.send_request(subject.clone(), ask).await.map_err(Error::NoAnswer)?;
        let reply: wire::CredentialReply =
            self.keyring.open(Service::SecretWriter, &reply_subject(&subject), &answer.payload)?;
        let answers_us =
            reply.context.as_ref().is_some_and(|context| context.request_id == request_id);
        if answers_us { Ok(reply) } else { Err(seal::Unverified::Context.into()) }
    }

    /// Answers requests until shutdown. What cannot be verified gets no answer, and what comes too late no effect.
    pub async fn serve_credentials<F>(
        self,
        shutdown: CancellationToken,
        answer: impl Fn(Provider, Identity, Request) -> F + Send + Sync + 'static,
    ) -> Result<(), Error>
    where
        F: Future<Output = wire::CredentialReply> + Send + 'static,
    {
        let mut requests = self
            .client
            .queue_subscribe("credentials.>", QUEUE_GROUP.to_owned())
            .await
            .map_err(Error::api("subscribe to credential requests"))?
            .take_until(Box::pin(shutdown.cancelled_owned()));
        let answer = Arc::new(answer);
        while let Some(message) = requests.next().await {
            let (bus, answer) = (self.clone(), answer.clone());
            tokio::spawn(async move {
                if let Err(error) = bus.answer(message, answer.as_ref()).await {
                    tracing::warn!(error = %error, "credential request refused");
                }
            });
        }
        Ok(())
    }

    async fn answer<F: Future<Output = wire::CredentialReply>>(
        &self,
        message: async_nats::Message,
        answer: impl Fn(Provider, Identity, Request) -> F,
    ) -> Result<(), Error> {
        let subject: Subject =
            message.subject.as_str().parse().map_err(Error::api("read a subject"))?;
        let text = subject.to_string();
        let Subject::Credentials(verb, provider, kind, uid) = &subject else {
            return Err(seal::Unverified::Context.into());
        };
        let (context, identity, request) =
            self.opened(*verb, *provider, &text, &message.payload)?;
        let fits = identity.kind == *kind && identity.uid == *uid;
        let Some(reply_to) = message.reply.filter(|_| fits) else {
            return Err(seal::Unverified::Context.into());
        };
        let mut reply = match seal::untimely(&context, SystemTime::now()) {
            Some(distance) => untimely(distance),
            None => answer(*provider, identity, request).await,
        };
        let about = reply_subject(&text);
        reply.context = Some(seal::context(&context.request_id, &about, SystemTime::now()));
        let sealed = self.keyring.seal((*provider).into(), &about, &reply)?;
        self.client.publish(reply_to, sealed.into()).await.map_err(Error::api("reply"))
    }

    fn opened(
        &self,
        verb: CredentialVerb,
        provider: Provider,
        subject: &str,
        bytes: &[u8],
    ) -> Result<(wire::SealedContext, Identity, Request), Error> {
        let sender = provider.into();
        let (context, identity, request) = match verb {
            CredentialVerb::Ensure => {
                let mut request: wire::EnsureRequest = self.keyring.open(sender, subject, bytes)?;
                (request.context.take(), request.identity.take(), Request::Ensure(request))
            }
            CredentialVerb::Store => {
                let mut request: wire::StoreRequest = self.keyring.open(sender, subject, bytes)?;
                (request.context.take(), request.identity.take(), Request::Store(request))
            }
            CredentialVerb::Read => {
                let mut request: wire::ReadRequest = self.keyring.open(sender, subject, bytes)?;
                (request.context.take(), request.identity.take(), Request::Read(request))
            }
        };
        let identity = identity.and_then(|identity| Identity::try_from(identity).ok());
        match (context, identity) {
            (Some(context), Some(identity)) => Ok((context, identity, request)),
            _ => Err(seal::Unverified::Context.into()),
        }
    }
}

/// The answer to a request that must have no effect any more. Nobody learns a secret from it, so it may be given to
/// whoever sends a recorded one again; the text is stable, the distance is logged.
fn untimely(distance: Duration) -> wire::CredentialReply {
    tracing::warn!(
        distance_seconds = distance.as_secs(),
        "a credential request from another time: do the clocks differ?"
    );
    let message = format!(
        "the clocks of this service and of secret-writer differ by more than {} s: set them right",
        seal::MAX_REQUEST_AGE.as_secs()
    );
    let mut reply = wire::CredentialReply { message, ..wire::CredentialReply::default() };
    reply.set_outcome(wire::CredentialOutcome::Untimely);
    reply
}

/// Signatures of answers cannot pass for signatures of requests.
fn reply_subject(subject: &str) -> String {
    format!("reply.{subject}")
}
