use crds::conditions::reasons;
use jiff::Timestamp;
use proto::ItemId;

use super::*;
use crate::reconcile::observe::fixture::{complete, observed, record, spec};

/// A complete claim whose deletion was asked for.
fn deleting() -> Observed {
    let mut observed = complete(Provider::Aws);
    observed.claim.deletion = Some(Timestamp::UNIX_EPOCH);
    observed.claim.finalizers = vec![names::FINALIZER.into()];
    observed
}

/// The same claim after its tombstone was published.
fn buried() -> Observed {
    let mut observed = deleting();
    observed.last = Some(published(&observed));
    observed
}

fn published(observed: &Observed) -> WorkItem {
    match plan(observed, false) {
        Step::Publish(tombstone) => *tombstone,
        step => panic!("no tombstone but {step:?}"),
    }
}

#[test]
fn the_finalizer_goes_only_when_the_record_speaks_of_this_very_tombstone() {
    let mut observed = buried();
    assert_eq!(plan(&observed, false), Step::Wait);
    for state in [State::Pending, State::Ready, State::Paused, State::Refused] {
        observed.provisioner = Some(record(&observed, state, None));
        assert_eq!(plan(&observed, false), Step::Wait, "{state}");
    }
    let mut absent = record(&observed, State::Absent, None);
    observed.provisioner = Some(absent.clone());
    assert_eq!(plan(&observed, false), Step::Finish);
    absent.item_id = ItemId::random();
    observed.provisioner = Some(absent);
    assert_eq!(plan(&observed, false), Step::Wait);
}

#[test]
fn a_record_that_says_absent_of_a_living_item_frees_nothing() {
    let mut observed = deleting();
    observed.provisioner = Some(record(&observed, State::Absent, None));
    assert!(matches!(plan(&observed, false), Step::Publish(_)));
}

#[test]
fn a_claim_that_nobody_acted_on_goes_at_once() {
    let mut new = observed(crds::ClaimKind::Redis, Provider::Aws, &spec());
    assert_eq!(plan(&new, false), Step::Leave, "it has no finalizer");
    new.claim.finalizers = vec![names::LEGACY_FINALIZER.into()];
    assert_eq!(plan(&new, false), Step::Free);
    new.claim.status.phase = Some("failed".into());
    new.claim.status.observed_generation = Some(1);
    assert_eq!(plan(&new, false), Step::Free, "we refused it");
}

#[test]
fn what_the_go_operator_made_is_deleted_where_the_type_leads_and_never_just_released() {
    let mut theirs = observed(crds::ClaimKind::Redis, Provider::Aws, &spec());
    theirs.claim.finalizers = vec![names::FINALIZER.into()];
    theirs.claim.status.phase = Some("failed".into());
    assert_eq!(published(&theirs).placement.provider, Provider::Aws);
    let problem = Problem::new(reasons::UNSUPPORTED_TYPE, "no such type");
    theirs.provider = Err(problem.clone());
    assert_eq!(plan(&theirs, false), Step::Refuse(problem));
}

#[test]
fn claims_of_gcp_keep_their_finalizer() {
    let mut gcp = deleting();
    gcp.pin = Some(Served::Elsewhere("gcp".into()));
    assert_eq!(plan(&gcp, false), Step::Refuse(Problem::untouchable("gcp")));
}

#[test]
fn w13_deletion_needs_no_valid_configuration() {
    let mut observed = deleting();
    let last = observed.last.clone().unwrap();
    observed.strategy = Err(Problem::config("ConfigMap a", "broken"));
    observed.cluster.id = None;
    let tombstone = published(&observed);
    assert_eq!(tombstone.strategy, last.strategy);
    assert_eq!(tombstone.cluster, last.cluster);
    observed.last = None;
    assert_eq!(published(&observed).strategy, None, "then data is kept");
}

#[test]
fn a_deletion_policy_that_was_changed_meanwhile_counts() {
    let mut observed = buried();
    let strategy = proto::Strategy { tier: "development".into(), json: r#"{"x":1}"#.into() };
    observed.strategy = Ok(strategy.clone());
    assert_eq!(published(&observed).strategy, Some(strategy));
}

#[test]
fn what_the_watcher_learned_of_the_place_is_in_the_tombstone() {
    let mut observed = deleting();
    observed.claim.status.placement = Some(crds::Placement {
        provider: "aws".into(),
        region: Some("eu-west-1".into()),
        account: Some("000000000001".into()),
        identifier: Some("db-1".into()),
        observed: Some(true),
    });
    let placement = published(&observed).placement;
    assert_eq!(placement.account, "000000000001");
    assert_eq!((placement.identifier.as_deref(), placement.observed), (Some("db-1"), true));
}

#[test]
fn a_tombstone_that_nobody_may_have_heard_of_is_published_again() {
    let mut observed = buried();
    let Step::Publish(again) = plan(&observed, true) else { panic!("not published") };
    assert_ne!(Some(again.item_id), observed.last.as_ref().map(|last| last.item_id.clone()));
    observed.provisioner = Some(record(&observed, State::Absent, None));
    assert_eq!(plan(&observed, true), Step::Finish);
}
