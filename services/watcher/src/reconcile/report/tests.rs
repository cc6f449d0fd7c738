use crds::Phase;
use crds::conditions::{SECRET_WRITTEN, find};
use proto::{Provider, State};

use super::*;
use crate::reconcile::observe::fixture::{complete, observed, published, record, spec};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn with_secret(mut observed: Observed) -> Observed {
    observed.provisioner = Some(record(&observed, State::Ready, None));
    observed.secret_writer.clone_from(&observed.provisioner);
    observed
}

#[test]
fn a_complete_claim_names_its_secrets_and_the_spec_that_it_speaks_of() {
    let observed = with_secret(published(Provider::Aws));
    let status = next_status(&observed, &Ok(None), NOW);
    assert_eq!(status.phase.as_deref(), Some(Phase::Complete.as_str()));
    assert_eq!(status.message.as_deref(), Some("what the provisioner says"));
    assert_eq!(status.secret_ref, observed.claim.spec.secret_ref);
    assert_eq!(status.binding.unwrap().name, "orders-sec-binding");
    assert_eq!(status.observed_generation, Some(2));
}

#[test]
fn what_was_told_is_not_written_again() {
    let mut observed = with_secret(published(Provider::Aws));
    observed.claim.status = next_status(&observed, &Ok(None), NOW);
    let later = Timestamp::from_second(9).unwrap();
    assert_eq!(next_status(&observed, &Ok(None), later), observed.claim.status);
}

#[test]
fn w34_a_good_secret_stays_named_while_a_change_is_made() {
    let mut observed = with_secret(published(Provider::Aws));
    observed.claim.status = next_status(&observed, &Ok(None), NOW);
    observed.provisioner = Some(record(&observed, State::Pending, None));
    let status = next_status(&observed, &Ok(None), NOW);
    assert_eq!(status.phase.as_deref(), Some(Phase::InProgress.as_str()));
    assert_eq!(status.secret_ref, observed.claim.spec.secret_ref);
    assert!(status.binding.is_some());
}

#[test]
fn a_refused_change_does_not_rename_the_secret_of_what_runs() {
    let mut observed = complete(Provider::Aws);
    observed.claim.spec.secret_ref.as_mut().unwrap().name = "other".into();
    let refused = Err(crate::reconcile::Problem::new(reasons::SECRET_TAKEN, "taken"));
    let status = next_status(&observed, &refused, NOW);
    assert_eq!(status.phase.as_deref(), Some(Phase::Complete.as_str()));
    assert_eq!(status.secret_ref, None);
}

#[test]
fn the_place_is_learned_once_and_never_changed() {
    let mut observed = published(Provider::Aws);
    observed.claim.status.placement =
        Some(Placement { provider: "aws".into(), ..Placement::default() });
    let mut record = record(&observed, State::Pending, None);
    record.placement.region = "eu-west-1".into();
    record.placement.account = "000000000001".into();
    record.placement.identifier = Some("db-1".into());
    record.placement.observed = true;
    observed.provisioner = Some(record.clone());
    observed.claim.status = next_status(&observed, &Ok(None), NOW);
    let learned = observed.claim.status.placement.clone().unwrap();
    assert_eq!(learned.region.as_deref(), Some("eu-west-1"));
    assert_eq!(learned.account.as_deref(), Some("000000000001"));
    assert_eq!((learned.identifier.as_deref(), learned.observed), (Some("db-1"), Some(true)));
    record.placement.region = "us-east-1".into();
    record.placement.identifier = Some("db-2".into());
    record.placement.observed = false;
    observed.provisioner = Some(record);
    assert_eq!(next_status(&observed, &Ok(None), NOW).placement, Some(learned));
}

#[test]
fn the_annotation_is_written_for_aws_once_the_name_is_known_and_kept_as_found() {
    let mut claim = published(Provider::Aws).claim;
    let placed = |provider: &str, name: Option<&str>| ClaimStatus {
        placement: Some(Placement {
            provider: provider.into(),
            identifier: name.map(str::to_owned),
            ..Placement::default()
        }),
        ..ClaimStatus::default()
    };
    assert_eq!(identifier(&claim, &placed("aws", None)), None);
    assert_eq!(identifier(&claim, &placed("openshift", Some("a"))), None);
    assert_eq!(identifier(&claim, &placed("aws", Some("a"))).as_deref(), Some("a"));
    claim.annotations.insert(names::RESOURCE_IDENTIFIER.into(), "theirs".into());
    assert_eq!(identifier(&claim, &placed("aws", Some("a"))), None);
}

#[test]
fn a_snapshot_names_the_providers_snapshot_and_no_secret() {
    let spec = serde_json::json!({"resourceName": "orders"});
    let mut snapshot = observed(ClaimKind::PostgresSnapshot, Provider::Aws, &spec);
    snapshot.last = published(Provider::Aws).last;
    snapshot.claim.status.placement =
        Some(Placement { provider: "aws".into(), ..Placement::default() });
    snapshot.provisioner = Some(record(&snapshot, State::Ready, None));
    snapshot.provisioner.as_mut().unwrap().placement.identifier = Some("snap-1".into());
    let status = next_status(&snapshot, &Ok(None), NOW);
    assert_eq!(status.phase.as_deref(), Some(Phase::Complete.as_str()));
    assert_eq!(find(&status.conditions, SECRET_WRITTEN), None);
    assert_eq!(status.snapshot_id.as_deref(), Some("snap-1"));
    assert_eq!((status.secret_ref, status.binding), (None, None));
}

#[test]
fn the_time_to_ready_is_told_once_and_not_of_what_was_ready_before_us() {
    let mut observed = with_secret(published(Provider::Aws));
    observed.claim.created = Some(NOW);
    let later = Timestamp::from_second(9).unwrap();
    let next = next_status(&observed, &Ok(None), later);
    assert_eq!(time_to_ready(&observed.claim, &next, later), Some(9.0));
    assert_eq!(time_to_ready(&observed.claim, &observed.claim.status, later), None);
    let mut again = Claim { status: next.clone(), ..observed.claim.clone() };
    assert_eq!(time_to_ready(&again, &next, later), None);
    again.status.conditions.clear();
    assert_eq!(time_to_ready(&again, &next, later), None, "it was ready once");
    let mut theirs = observed.claim.clone();
    theirs.status.secret_ref = theirs.spec.secret_ref.clone();
    assert_eq!(time_to_ready(&theirs, &next, later), None, "another operator has made it");
}

#[test]
fn a_silent_bus_is_told_to_whoever_waits_for_it() {
    let waiting = waiting_for_bus(&observed(ClaimKind::Redis, Provider::Aws, &spec()).claim, NOW);
    let waiting = waiting.unwrap();
    assert_eq!(waiting.phase.as_deref(), Some(Phase::InProgress.as_str()));
    assert_eq!(find(&waiting.conditions, READY).unwrap().reason, reasons::TRANSIENT);
    let mut running = complete(Provider::Aws).claim;
    running.status.observed_generation = Some(running.generation);
    assert_eq!(waiting_for_bus(&running, NOW), None);
    running.generation += 1;
    let changed = waiting_for_bus(&running, NOW).unwrap();
    assert_eq!(find(&changed.conditions, SCHEDULED).unwrap().status, "False");
    assert!(is_true(&changed.conditions, READY), "what runs goes on");
}
