//! What a snapshot is of: pinned with its first item, for life. Pure.

use crds::Claim;
use crds::conditions::reasons;
use proto::Snapshot;

use super::observe::Observed;
use super::problem::Problem;

/// What a snapshot is of; `None` for any other kind.
pub(crate) fn of(observed: &Observed) -> Option<Snapshot> {
    let claim = &observed.claim;
    if !claim.kind.is_snapshot() {
        return None;
    }
    let keep = claim.spec.skip_delete;
    let last = observed.last.as_ref().and_then(|last| last.options.snapshot.clone());
    if let Some(last) = last.filter(|last| !last.identifier.is_empty()) {
        return Some(Snapshot { keep, ..last });
    }
    let parent = parent(observed);
    let pinned = claim.status.resource_uid.clone();
    Some(Snapshot {
        claim_uid: pinned.or(parent.map(|it| it.uid.clone())).unwrap_or_default(),
        identifier: parent.and_then(identifier).unwrap_or_default(),
        keep,
    })
}

/// A snapshot is asked for once there is something to take it of.
pub(crate) fn check(observed: &Observed) -> Result<(), Problem> {
    let claim = &observed.claim;
    let is_pinned = claim.status.placement.is_some() || observed.last.is_some();
    if is_pinned || of(observed).is_none_or(|snapshot| !snapshot.identifier.is_empty()) {
        return Ok(());
    }
    let name = claim.spec.resource_name.as_deref().unwrap_or_default();
    let message = format!("spec.resourceName: nothing is made yet for the claim {name:?}");
    Err(Problem::new(reasons::WAITING_FOR_RESOURCE, message))
}

/// The claim that it is of, and not one that came later and has its name.
fn parent(observed: &Observed) -> Option<&Claim> {
    let pinned = observed.claim.status.resource_uid.as_deref();
    observed.parent.as_ref().filter(|parent| pinned.is_none_or(|uid| uid == parent.uid))
}

fn identifier(parent: &Claim) -> Option<String> {
    let placement = parent.status.placement.as_ref()?;
    placement.identifier.clone().filter(|_| placement.observed == Some(true))
}

#[cfg(test)]
mod tests {
    use crds::{ClaimKind, Placement};
    use proto::Provider;
    use serde_json::json;

    use super::*;
    use crate::reconcile::desire;
    use crate::reconcile::observe::fixture::{observed, spec};

    fn parent(uid: &str, identifier: Option<&str>) -> Claim {
        let mut parent = observed(ClaimKind::Postgres, Provider::Aws, &spec()).claim;
        uid.clone_into(&mut parent.uid);
        parent.status.placement = Some(Placement {
            provider: "aws".into(),
            identifier: identifier.map(str::to_owned),
            observed: identifier.map(|_| true),
            ..Placement::default()
        });
        parent
    }

    fn snapshot(skip_delete: bool) -> Observed {
        let spec = json!({"resourceName": "orders", "skipDelete": skip_delete});
        observed(ClaimKind::PostgresSnapshot, Provider::Aws, &spec)
    }

    #[test]
    fn a_snapshot_waits_until_there_is_something_to_take_it_of() {
        let mut it = snapshot(false);
        it.parent = Some(parent("p", None));
        assert_eq!(desire::decide(&it).unwrap_err().reason, reasons::WAITING_FOR_RESOURCE);
        it.parent = Some(parent("p", Some("cro-orders")));
        let item = desire::decide(&it).unwrap().item;
        let expected =
            Snapshot { claim_uid: "p".into(), identifier: "cro-orders".into(), keep: false };
        assert_eq!(item.options.snapshot, Some(expected));
    }

    #[test]
    fn what_it_is_of_stays_when_the_claim_is_gone_or_made_anew() {
        let mut it = snapshot(false);
        it.parent = Some(parent("p", Some("cro-orders")));
        it.last = Some(desire::decide(&it).unwrap().item);
        for successor in [None, Some(parent("q", Some("cro-other")))] {
            it.parent = successor;
            let kept = of(&it).unwrap();
            assert_eq!((kept.claim_uid.as_str(), kept.identifier.as_str()), ("p", "cro-orders"));
        }
        // Nothing is on the bus any more.
        it.last = None;
        it.claim.status.resource_uid = Some("p".into());
        it.claim.status.placement = Some(Placement::default());
        let kept = of(&it).unwrap();
        assert_eq!((kept.claim_uid.as_str(), kept.identifier.as_str()), ("p", ""));
        assert_eq!(check(&it), Ok(()));
    }

    #[test]
    fn w08_skip_delete_is_part_of_what_is_asked() {
        for skips in [false, true] {
            let mut it = snapshot(skips);
            it.parent = Some(parent("p", Some("cro-orders")));
            assert_eq!(of(&it).unwrap().keep, skips);
        }
        assert_eq!(of(&observed(ClaimKind::Postgres, Provider::Aws, &spec())), None);
    }
}
