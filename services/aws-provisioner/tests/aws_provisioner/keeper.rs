//! Plays secret-writer: keeps what it is handed, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bus::Bus;
use bus::credentials::Request;
use proto::wire::credential_field::Source;
use proto::wire::{CredentialOutcome, CredentialReply};
use service::Process;

#[derive(Clone, Default)]
pub struct Keeper(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    held: BTreeMap<String, BTreeMap<String, String>>,
    next_store: Option<CredentialOutcome>,
    next_ensure: Option<CredentialOutcome>,
    holds_next_store: bool,
}

impl State {
    fn holds_another_than(&self, id: &str) -> bool {
        self.held.keys().next().map_or("", String::as_str) != id
    }
}

impl Keeper {
    pub fn serve(&self, bus: Bus, process: &mut Process) {
        let (keeper, shutdown) = (self.clone(), process.shutdown.clone());
        process.spawn("credentials", async move {
            let answer = move |_, _, request| {
                let (is_held, reply) = (keeper.holds_answer(&request), keeper.answer(request));
                async move {
                    if is_held {
                        std::future::pending::<()>().await;
                    }
                    reply
                }
            };
            Ok(bus.serve_credentials(shutdown, answer).await?)
        });
    }

    /// Ids of the keys that are held.
    pub fn ids(&self) -> Vec<String> {
        self.lock().held.keys().cloned().collect()
    }

    /// What is held under an id.
    pub fn values(&self, id: &str) -> BTreeMap<String, String> {
        self.lock().held[id].clone()
    }

    /// As if somebody had deleted both Secrets.
    pub fn lose_all(&self) {
        self.lock().held.clear();
    }

    /// The next request to store is answered so, and nothing is stored.
    pub fn refuse_next_store(&self, outcome: CredentialOutcome) {
        self.lock().next_store = Some(outcome);
    }

    /// The next request to store is followed, and nobody ever hears of it.
    pub fn hold_next_store(&self) {
        self.lock().holds_next_store = true;
    }

    /// The next request to ensure is answered so, and nothing is generated.
    pub fn refuse_next_ensure(&self, outcome: CredentialOutcome) {
        self.lock().next_ensure = Some(outcome);
    }

    fn holds_answer(&self, request: &Request) -> bool {
        matches!(request, Request::Store(_)) && std::mem::take(&mut self.lock().holds_next_store)
    }

    fn answer(&self, request: Request) -> CredentialReply {
        let mut state = self.lock();
        let outcome = match request {
            Request::Store(request) if state.holds_another_than(&request.replaces) => {
                CredentialOutcome::Refused
            }
            Request::Store(request) => state.next_store.take().unwrap_or_else(|| {
                let values = request.values.into_iter().collect();
                state.held = [(request.key_id, values)].into();
                CredentialOutcome::Held
            }),
            Request::Ensure(_) if state.next_ensure.is_some() => state.next_ensure.take().unwrap(),
            Request::Ensure(request) if state.held.is_empty() && request.may_generate => {
                let fields = request.fields.into_iter();
                let values = fields.map(|(key, field)| (key, made(field.source))).collect();
                state.held = [("ensured".to_owned(), values)].into();
                CredentialOutcome::Created
            }
            _ if state.held.is_empty() => CredentialOutcome::Missing,
            _ => CredentialOutcome::Held,
        };
        let key_ids = state.held.keys().cloned().collect();
        let values = state.held.values().flat_map(Clone::clone).collect();
        CredentialReply { outcome: outcome.into(), key_ids, values, ..CredentialReply::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

/// What secret-writer would generate.
fn made(source: Option<Source>) -> String {
    match source {
        Some(Source::Literal(text)) => text,
        _ => format!("canary{}", proto::ItemId::random()),
    }
}
