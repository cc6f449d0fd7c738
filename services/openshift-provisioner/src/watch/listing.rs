//! What is known of the objects of one kind in one scope: pure.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::runtime::watcher::Event;
use proto::{Kind, Record, Uid};

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
    is_deployments: bool,
    scope: Scope,
    /// `None` until everything was listed once.
    known: Option<BTreeMap<Uid, Seen>>,
    listed: BTreeMap<Uid, Seen>,
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
        let is_deployments = kind == "Deployment";
        Self { is_deployments, scope, known: None, listed: BTreeMap::new() }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.known.is_some()
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

    /// After a listing: the claims with an object that is missing or not as it was. `settled` are the records of
    /// claims whose objects must all be there.
    pub(super) fn missed(&mut self, settled: &[Record]) -> BTreeSet<(Kind, Uid)> {
        let listed = std::mem::take(&mut self.listed);
        let here = settled.iter().filter(|it| self.scope.contains(&it.identity.namespace));
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

    /// Only Deployments have a generation that stands still while nobody edits them.
    fn is_as_recorded(&self, record: &Record, seen: Option<&Seen>) -> bool {
        let Some(seen) = seen else { return false };
        let generation = seen.generation.unwrap_or_default().to_string();
        !self.is_deployments || record.facts.get(SETTLED_GENERATION) == Some(&generation)
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
}
