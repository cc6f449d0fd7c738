//! What is known of the objects of one kind in one scope: pure.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::runtime::watcher::Event;
use proto::{Kind, Record, State, Uid};

use crate::engine::Engine;
use crate::ownership::claim_of;
use crate::provision::SETTLED_GENERATION;
use service::config::Scope;

/// One object: the little that tells whether it changed.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    kind: Kind,
    resource_version: Option<String>,
    generation: Option<i64>,
}

/// The objects of one kind in one scope, by the uid of their claim.
#[derive(Debug)]
pub(super) struct Listing {
    of: Of,
    scope: Scope,
    /// The cluster does not serve the kind.
    is_missing: bool,
    /// `None` until everything was listed once.
    known: Option<BTreeMap<Uid, Seen>>,
    listed: BTreeMap<Uid, Seen>,
}

/// What is listed, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
    Deployments,
    BucketClaims,
    Others,
}

/// What follows from an event.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    Nothing,
    /// An object of this claim changed.
    Change(Kind, Uid),
    /// Everything was listed: ask what was [missed](Listing::missed).
    Listed,
}

impl Listing {
    pub(super) fn new(kind: &str, scope: Scope) -> Self {
        let of = match kind {
            "Deployment" => Of::Deployments,
            "ObjectBucketClaim" => Of::BucketClaims,
            _ => Of::Others,
        };
        Self { of, scope, is_missing: false, known: None, listed: BTreeMap::new() }
    }

    /// Whether nobody has to wait for it any more.
    pub(super) fn is_complete(&self) -> bool {
        self.is_known() || self.is_missing
    }

    /// Whether everything was listed once.
    pub(super) fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Whether the cluster need not serve the kind.
    pub(super) fn is_optional(&self) -> bool {
        self.of == Of::BucketClaims
    }

    /// The cluster does not serve the kind. Whether that is news.
    pub(super) fn miss(&mut self) -> bool {
        self.known = None;
        !std::mem::replace(&mut self.is_missing, true)
    }

    pub(super) fn hear(&mut self, event: Event<ObjectMeta>) -> Heard {
        match event {
            Event::Init => self.listed.clear(),
            Event::InitDone => return Heard::Listed,
            Event::InitApply(metadata) => {
                if let Some((uid, seen)) = seen(metadata) {
                    self.listed.insert(uid, seen);
                }
            }
            Event::Apply(metadata) => {
                if let Some((uid, seen)) = seen(metadata) {
                    let kind = seen.kind;
                    self.known.get_or_insert_default().insert(uid.clone(), seen);
                    return Heard::Change(kind, uid);
                }
            }
            Event::Delete(metadata) => {
                if let Some((uid, seen)) = seen(metadata) {
                    self.known.get_or_insert_default().remove(&uid);
                    return Heard::Change(seen.kind, uid);
                }
            }
        }
        Heard::Nothing
    }

    /// After a listing: the claims with an object that is missing or not as it was.
    pub(super) fn missed(&mut self, records: &[Record]) -> BTreeSet<(Kind, Uid)> {
        self.is_missing = false;
        let listed = std::mem::take(&mut self.listed);
        let here = records.iter().filter(|it| self.scope.contains(&it.identity.namespace));
        let here = here.filter(|record| self.is_expected(record));
        let mut missed: BTreeSet<(Kind, Uid)> = here
            .filter(|record| !self.is_as_recorded(record, listed.get(&record.identity.uid)))
            .map(|record| (record.identity.kind, record.identity.uid.clone()))
            .collect();
        if let Some(known) = &self.known {
            let all = known.iter().chain(&listed);
            let changed = all.filter(|(uid, _)| known.get(*uid) != listed.get(*uid));
            missed.extend(changed.map(|(uid, seen)| (seen.kind, uid.clone())));
        }
        self.known = Some(listed);
        missed
    }

    /// Whether the claim has an object here, or waits for the cluster to serve the kind.
    fn is_expected(&self, record: &Record) -> bool {
        let (kind, state) = (record.identity.kind, record.state);
        match self.of {
            Of::Deployments | Of::Others => state == State::Ready && Engine::of(kind).is_some(),
            Of::BucketClaims => {
                kind == Kind::BlobStorage
                    && record.placement.identifier.is_some()
                    && matches!(state, State::Ready | State::Pending)
            }
        }
    }

    /// Only Deployments have a generation that stands still while nobody edits them.
    fn is_as_recorded(&self, record: &Record, seen: Option<&Seen>) -> bool {
        let Some(seen) = seen else { return false };
        let generation = seen.generation.unwrap_or_default().to_string();
        self.of != Of::Deployments || record.facts.get(SETTLED_GENERATION) == Some(&generation)
    }
}

fn seen(metadata: ObjectMeta) -> Option<(Uid, Seen)> {
    let (kind, uid) = claim_of(&metadata)?;
    let (resource_version, generation) = (metadata.resource_version, metadata.generation);
    Some((uid, Seen { kind, resource_version, generation }))
}

#[cfg(test)]
mod tests {
    use proto::{ItemId, Placement, Provider};

    use super::*;
    use crate::fixtures::claim;
    use crate::ownership::labels;

    fn object(kind: Kind, version: &str) -> ObjectMeta {
        ObjectMeta {
            labels: Some(labels(&claim(kind))),
            resource_version: Some(version.to_owned()),
            generation: Some(3),
            ..ObjectMeta::default()
        }
    }

    fn settled(kind: Kind, generation: &str) -> Record {
        let placement = Placement::at(Provider::Openshift);
        let mut record = Record::new(claim(kind), placement, ItemId::random());
        record.state = State::Ready;
        record.facts.insert(SETTLED_GENERATION.to_owned(), generation.to_owned());
        record
    }

    fn list(listing: &mut Listing, objects: &[ObjectMeta]) {
        assert_eq!(listing.hear(Event::Init), Heard::Nothing);
        for object in objects {
            assert_eq!(listing.hear(Event::InitApply(object.clone())), Heard::Nothing);
        }
        assert_eq!(listing.hear(Event::InitDone), Heard::Listed);
    }

    #[test]
    fn every_event_wakes_its_claim() {
        let mut listing = Listing::new("Service", Scope::Cluster);
        let uid = claim(Kind::Redis).uid;
        for event in
            [Event::Apply(object(Kind::Redis, "1")), Event::Delete(object(Kind::Redis, "2"))]
        {
            assert_eq!(listing.hear(event), Heard::Change(Kind::Redis, uid.clone()));
        }
        assert_eq!(listing.hear(Event::Apply(ObjectMeta::default())), Heard::Nothing);
    }

    #[test]
    fn the_first_listing_wakes_only_claims_with_something_missing_or_edited() {
        let records = [settled(Kind::Postgres, "3"), settled(Kind::Redis, "3")];
        let table = [
            (vec![Kind::Postgres, Kind::Redis], "Deployment", "3", vec![]),
            (vec![Kind::Postgres], "Deployment", "3", vec![Kind::Redis]),
            (vec![Kind::Postgres, Kind::Redis], "Deployment", "2", vec![Kind::Redis]),
            (vec![Kind::Postgres, Kind::Redis], "Service", "2", vec![]),
        ];
        for (present, kind, generation, woken) in table {
            let records = [records[0].clone(), settled(Kind::Redis, generation)];
            let mut listing = Listing::new(kind, Scope::Cluster);
            let objects: Vec<_> = present.iter().map(|kind| object(*kind, "1")).collect();
            list(&mut listing, &objects);
            let missed: Vec<Kind> = listing.missed(&records).into_iter().map(|it| it.0).collect();
            assert_eq!(missed, woken, "{present:?} {kind} {generation}");
            assert!(listing.is_complete());
        }
    }

    #[test]
    fn a_later_listing_wakes_what_changed_in_between() {
        let mut listing = Listing::new("Service", Scope::Cluster);
        list(&mut listing, &[object(Kind::Postgres, "1"), object(Kind::Redis, "1")]);
        assert!(listing.missed(&[]).is_empty());
        list(&mut listing, &[object(Kind::Postgres, "1"), object(Kind::Redis, "2")]);
        assert_eq!(listing.missed(&[]).len(), 1);
        list(&mut listing, &[object(Kind::Postgres, "1")]);
        assert_eq!(listing.missed(&[]).len(), 1);
        list(&mut listing, &[object(Kind::Postgres, "1")]);
        assert!(listing.missed(&[]).is_empty());
    }

    #[test]
    fn claims_of_other_namespaces_are_left_to_others() {
        let mut listing = Listing::new("Service", Scope::Namespace("elsewhere".to_owned()));
        list(&mut listing, &[]);
        assert!(listing.missed(&[settled(Kind::Postgres, "3")]).is_empty());
    }

    #[test]
    fn claims_wait_for_buckets_that_the_cluster_does_not_serve_and_nobody_else_does() {
        let mut listing = Listing::new("ObjectBucketClaim", Scope::Cluster);
        assert!(listing.is_optional() && !listing.is_complete());
        assert!(listing.miss(), "it is told once");
        assert!(listing.is_complete() && !listing.miss() && !listing.is_known());
        let placeholder = settled(Kind::BlobStorage, "0");
        let mut waiting = placeholder.clone();
        waiting.state = State::Pending;
        waiting.placement.identifier = Some("orders-x".to_owned());
        list(&mut listing, &[]);
        let woken = listing.missed(&[settled(Kind::Redis, "3"), waiting.clone()]);
        assert_eq!(woken.len(), 1);
        list(&mut listing, &[object(Kind::BlobStorage, "1")]);
        let woken = listing.missed(&[waiting.clone()]);
        assert_eq!(woken.len(), 1, "it has appeared");
        list(&mut listing, &[object(Kind::BlobStorage, "1")]);
        assert!(listing.missed(&[placeholder.clone(), waiting]).is_empty());
        let mut fresh = Listing::new("ObjectBucketClaim", Scope::Cluster);
        assert!(fresh.missed(&[placeholder]).is_empty(), "a placeholder has none");
    }
}
