//! Asks OpenShift's Cloud Credential Operator for the operator's AWS credentials, and tells what becomes of it.
//!
//! One `CredentialsRequest` in the operator's namespace, [as it should be](wanted), looked at once a period: what
//! somebody has changed or deleted is put back, what the Cloud Credential Operator says of it is [judged](state) and
//! told. It is never deleted: the key that it stands for goes with it. Nothing else waits for the answer.

mod state;
mod wanted;

use std::time::Duration;

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::events::EventType;
use kube::{Client, Resource as _};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use serde_json::Value;
use service::Process;

use crds::names::SECRET_WRITER_MANAGER;

use crate::config::Config;
use crate::error::Error;
use crate::events::Events;
use state::State;

/// A label of the gauge.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Now {
    state: &'static str,
}

/// The request of one namespace.
struct Keeper {
    api: Api<DynamicObject>,
    resource: ApiResource,
    wanted: Value,
    place: String,
    events: Events,
    states: Family<Now, Gauge>,
}

/// Adds the task that keeps the request to the process, if one is wanted.
pub(crate) fn start(client: &Client, config: &Config, events: &Events, process: &mut Process) {
    let namespace = config.credentials_request_namespace.trim();
    if namespace.is_empty() {
        return;
    }
    let keeper = Keeper::new(client, namespace, events.clone(), &process.metrics);
    let period = Duration::from_secs(config.credentials_request_period_seconds);
    let shutdown = process.shutdown.clone();
    process.spawn("credentials-request", async move {
        tokio::select! {
            () = keeper.run(period) => {}
            () = shutdown.cancelled() => {}
        }
        Ok(())
    });
}

impl Keeper {
    fn new(
        client: &Client,
        namespace: &str,
        events: Events,
        metrics: &service::metrics::Metrics,
    ) -> Self {
        let gvk = GroupVersionKind::gvk(wanted::GROUP, wanted::VERSION, wanted::KIND);
        let resource = ApiResource::from_gvk_with_plural(&gvk, wanted::PLURAL);
        let states = Family::<Now, Gauge>::default();
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("secret_writer");
            let help = "1 for what has become of the CredentialsRequest";
            registry.register("credentials_request", help, states.clone());
        });
        Self {
            api: Api::namespaced_with(client.clone(), namespace, &resource),
            resource,
            wanted: wanted::request(namespace),
            place: format!("{namespace}/{}", wanted::NAME),
            events,
            states,
        }
    }

    async fn run(self, period: Duration) {
        let (mut before, mut looks) = (None, 0);
        loop {
            let (found, object) = self.look().await;
            looks = if found == State::Waiting { looks + 1 } else { 0 };
            let state = found.after(looks);
            self.show(&state);
            if before.as_ref().is_none_or(|before| state.is_news(before)) {
                self.tell(&state, object.as_ref(), before.is_none()).await;
                before = Some(state);
            }
            tokio::time::sleep(period).await;
        }
    }

    async fn look(&self) -> (State, Option<DynamicObject>) {
        match self.keep().await {
            Ok(object) => (State::of(&object), Some(object)),
            Err(Error::Refused { code: 404, .. }) => (State::Unknown, None),
            Err(error) => (State::Failed(error.to_string()), None),
        }
    }

    /// The request, after it was made as it should be. Fields of others stay.
    async fn keep(&self) -> Result<DynamicObject, Error> {
        let read = self.api.get_opt(wanted::NAME).await;
        let found = read.map_err(Error::kube("read the CredentialsRequest"))?;
        match found {
            Some(found) if wanted::is_kept(&self.wanted, &found) => Ok(found),
            // It is made anew when it is gone.
            Some(found) if found.meta().deletion_timestamp.is_some() => Ok(found),
            found => {
                let params = PatchParams::apply(SECRET_WRITER_MANAGER).force();
                let patch = Patch::Apply(&self.wanted);
                let applied = self.api.patch(wanted::NAME, &params, &patch).await;
                let applied = applied.map_err(Error::kube("apply the CredentialsRequest"))?;
                let verb = if found.is_some() { "restored" } else { "created" };
                tracing::info!(credentials_request = self.place, verb, "asked for AWS credentials");
                Ok(applied)
            }
        }
    }

    fn show(&self, state: &State) {
        let now = Now { state: state.as_str() };
        // Without a moment in which a scrape sees none.
        self.states.get_or_create(&now).set(1);
        for other in State::WORDS.into_iter().filter(|word| *word != now.state) {
            self.states.remove(&Now { state: other });
        }
    }

    async fn tell(&self, state: &State, object: Option<&DynamicObject>, is_first: bool) {
        let text = state.text(&self.place);
        if state.is_trouble() {
            tracing::warn!(credentials_request = self.place, state = state.as_str(), "{text}");
        } else {
            tracing::info!(credentials_request = self.place, state = state.as_str(), "{text}");
        }
        // That all is well is news only after it was not.
        let Some(reason) = state.event().filter(|_| state.is_trouble() || !is_first) else {
            return;
        };
        let Some(object) = object else { return };
        let about = object.object_ref(&self.resource);
        let type_ = if state.is_trouble() { EventType::Warning } else { EventType::Normal };
        self.events.about(&about, type_, reason, "AskForCredentials", text).await;
    }
}
