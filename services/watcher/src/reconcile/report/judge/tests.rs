use crds::conditions::{find, merge};
use crds::phase_of;
use jiff::Timestamp;
use proto::Provider;

use super::*;
use crate::reconcile::observe::fixture::{complete, digest, published, record};

/// Phase and Ready reason after the verdict.
fn told_of(observed: &Observed, outcome: &Outcome) -> (String, String) {
    let verdict = judge(observed, outcome);
    let before = &observed.claim.status.conditions;
    let conditions = merge(before, verdict.facts, 2, Timestamp::UNIX_EPOCH);
    let reason = find(&conditions, READY).map(|it| it.reason.clone()).unwrap_or_default();
    (phase_of(&conditions, observed.claim.is_deleting()).to_string(), reason)
}

fn told(observed: &Observed) -> (String, String) {
    told_of(observed, &Ok(None))
}

fn with_secret(mut observed: Observed) -> Observed {
    let mut writer = record(&observed, State::Ready, None);
    writer.digest = Some(digest(&observed));
    observed.secret_writer = Some(writer);
    observed
}

#[test]
fn records_decide_what_is_told_of_a_new_claim() {
    let table = [
        (State::Pending, None, "in progress", reasons::PROVISIONING),
        (State::Pending, Some(ErrorClass::Transient), "in progress", reasons::TRANSIENT),
        (State::Pending, Some(ErrorClass::Throttled), "in progress", reasons::THROTTLED),
        (State::Pending, Some(ErrorClass::Quota), "in progress", reasons::QUOTA),
        (State::Pending, Some(ErrorClass::Foreign), "failed", reasons::FOREIGN),
        (State::Pending, Some(ErrorClass::NeedsPerson), "failed", reasons::NEEDS_PERSON),
        (State::Refused, Some(ErrorClass::Invalid), "failed", reasons::INVALID),
        (State::Paused, None, "paused", reasons::PAUSED),
        (State::Ready, None, "complete", reasons::PROVISIONED),
    ];
    for (state, class, phase, reason) in table {
        let mut observed = with_secret(published(Provider::Openshift));
        observed.provisioner = Some(record(&observed, state, class));
        assert_eq!(told(&observed), (phase.into(), reason.into()), "{state} {class:?}");
    }
}

#[test]
fn complete_needs_the_record_of_the_last_item() {
    let mut observed = with_secret(published(Provider::Openshift));
    let older = record(&published(Provider::Openshift), State::Ready, None);
    observed.provisioner = Some(older);
    assert_eq!(told(&observed).0, "in progress");
}

#[test]
fn complete_needs_a_secret_with_the_current_connection() {
    let mut observed = published(Provider::Openshift);
    observed.provisioner = Some(record(&observed, State::Ready, None));
    assert_eq!(told(&observed).0, "in progress");
    let mut stale = record(&observed, State::Ready, None);
    stale.digest = None;
    observed.secret_writer = Some(stale);
    assert_eq!(told(&observed).0, "in progress");
    let mut taken = record(&observed, State::Pending, Some(ErrorClass::Foreign));
    taken.reason = reasons::SECRET_TAKEN.into();
    observed.secret_writer = Some(taken);
    assert_eq!(told(&observed), ("failed".into(), reasons::SECRET_TAKEN.into()));
}

#[test]
fn w34_what_works_stays_complete_while_a_change_cannot_be_made() {
    use ErrorClass::{Invalid, Pending, Quota, Throttled, Transient};
    for class in [Pending, Transient, Throttled, Quota, Invalid] {
        let mut observed = complete(Provider::Aws);
        observed.provisioner = Some(record(&observed, State::Pending, Some(class)));
        assert_eq!(told(&observed).0, "complete", "{class}");
    }
    for class in [ErrorClass::NeedsPerson, ErrorClass::Foreign] {
        let mut observed = complete(Provider::Aws);
        observed.provisioner = Some(record(&observed, State::Pending, Some(class)));
        assert_eq!(told(&observed).0, "failed", "{class}");
    }
}

#[test]
fn what_was_not_written_into_a_good_secret_is_told() {
    let mut observed = with_secret(published(Provider::Openshift));
    observed.provisioner = Some(record(&observed, State::Ready, None));
    observed.secret_writer.as_mut().unwrap().message = "kept".into();
    let conditions = merge(&[], judge(&observed, &Ok(None)).facts, 2, Timestamp::UNIX_EPOCH);
    let written = find(&conditions, SECRET_WRITTEN).unwrap();
    assert_eq!((&*written.status, &*written.message), ("True", "kept"));
}

#[test]
fn no_news_is_no_change() {
    let mut of_another_item = complete(Provider::Aws);
    of_another_item.provisioner = Some(record(&complete(Provider::Aws), State::Pending, None));
    for observed in [complete(Provider::Aws), of_another_item] {
        let verdict = judge(&observed, &Ok(None));
        assert_eq!(verdict.message, None);
        assert_eq!(told(&observed).0, "complete");
    }
}

#[test]
fn what_the_go_operator_told_stays_until_there_is_news() {
    let mut theirs = published(Provider::Aws);
    theirs.claim.status.phase = Some("complete".into());
    assert_eq!(judge(&theirs, &Ok(None)).message, None);
}

#[test]
fn a_problem_leaves_a_working_claim_complete() {
    let problem = Problem::config("ConfigMap a", "broken");
    let refused = Err(problem.clone());
    assert_eq!(told_of(&complete(Provider::Aws), &refused).0, "complete");
    let (phase, reason) = told_of(&published(Provider::Aws), &refused);
    assert_eq!((phase.as_str(), reason.as_str()), ("in progress", reasons::WAITING_FOR_CONFIG));
    let verdict = judge(&complete(Provider::Aws), &Ok(Some(problem)));
    let conditions = merge(&[], verdict.facts, 2, Timestamp::UNIX_EPOCH);
    let scheduled = find(&conditions, SCHEDULED).unwrap();
    assert_eq!((&*scheduled.status, &*scheduled.reason), ("True", reasons::WAITING_FOR_CONFIG));
    assert!(scheduled.message.contains("broken"), "{}", scheduled.message);
}

#[test]
fn claims_of_gcp_get_a_condition_and_keep_phase_and_message() {
    let gcp = Err(Problem::untouchable("gcp"));
    let mut running = published(Provider::Aws);
    running.claim.status.phase = Some("complete".into());
    let verdict = judge(&running, &gcp);
    assert_eq!((verdict.message, verdict.facts.len()), (None, 1));
    // What we have said of it before holds no more.
    let ready = Fact::new(READY, Truth::False, reasons::UNSUPPORTED_PROVIDER, "azure");
    running.claim.status.conditions = merge(&[], vec![ready], 1, Timestamp::UNIX_EPOCH);
    let verdict = judge(&running, &gcp);
    assert_eq!((verdict.message, verdict.facts.len()), (None, 2));
    assert_eq!(told_of(&published(Provider::Aws), &gcp).1, reasons::UNSUPPORTED_PROVIDER);
}

#[test]
fn a_workers_own_word_is_told_if_users_know_it_and_it_hides_nothing() {
    let table = [
        (ErrorClass::Transient, "", reasons::TRANSIENT),
        (ErrorClass::Transient, "Unreachable", reasons::TRANSIENT),
        (ErrorClass::Transient, reasons::WAITING_FOR_CREDENTIALS, reasons::WAITING_FOR_CREDENTIALS),
        (ErrorClass::Throttled, reasons::WAITING_FOR_API_BUDGET, reasons::WAITING_FOR_API_BUDGET),
        (ErrorClass::Foreign, reasons::SECRET_TAKEN, reasons::SECRET_TAKEN),
        (ErrorClass::NeedsPerson, "VolumeGone", reasons::NEEDS_PERSON),
        (ErrorClass::Quota, reasons::INVALID, reasons::QUOTA),
    ];
    for (class, word, reason) in table {
        assert_eq!(of_class(class, word), reason, "{class} {word}");
    }
}

#[test]
fn a_deletion_is_told_at_once_and_until_its_end() {
    let mut observed = complete(Provider::Aws);
    observed.claim.deletion = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(told(&observed), ("deletion in progress".into(), reasons::DELETING.into()));
    observed.provisioner = Some(record(&observed, State::Pending, Some(ErrorClass::NeedsPerson)));
    assert_eq!(told(&observed).0, "failed");
}

#[test]
fn a_deletion_that_was_told_stays_as_it_was_told_while_no_worker_says_anything() {
    for phase in [Phase::DeletionInProgress, Phase::Failed] {
        let mut observed = published(Provider::Aws);
        observed.claim.deletion = Some(Timestamp::UNIX_EPOCH);
        observed.claim.status.phase = Some(phase.to_string());
        assert!(judge(&observed, &Ok(None)).message.is_none(), "{phase}");
        observed.provisioner = Some(record(&published(Provider::Aws), State::Ready, None));
        assert!(judge(&observed, &Ok(None)).message.is_some(), "{phase}: it is a new deletion");
    }
}
