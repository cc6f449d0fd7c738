use std::time::{Duration, Instant};

use super::instance::{Due, Instance};
use super::setting::{self, Values};
use crate::aws::controls::LifeCycle;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

const SECOND: Duration = Duration::from_secs(1);

fn current() -> Element {
    let leaves = [
        ("DBInstanceIdentifier", "a"),
        ("AllocatedStorage", "20"),
        ("DBInstanceClass", "db.t3.small"),
        ("EngineVersion", "15.14"),
        ("MultiAZ", "false"),
        ("BackupRetentionPeriod", "1"),
    ];
    Element::tree("DBInstance", leaves.map(|(name, text)| Element::leaf(name, text)))
}

fn ask(pairs: &[(&str, &str)]) -> Query {
    pairs
        .iter()
        .fold(Query::new("ModifyDBInstance", "1"), |query, (key, value)| query.with(key, value))
}

fn values(pairs: &[(&'static str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn pending(instance: &Instance) -> Vec<(String, String)> {
    let mut node = current();
    instance.render("available", &mut node);
    let items = node.items("PendingModifiedValues").iter();
    items.map(|it| (it.name.clone(), it.text.clone())).collect()
}

struct Clock(Instant, LifeCycle);

impl Clock {
    fn modify(
        &self,
        instance: &mut Instance,
        after: Duration,
        query: &Query,
    ) -> Result<(), Refusal> {
        let now = self.0 + after;
        let status = instance.status(now);
        instance.modify((&current(), status), query, (now, &self.1))
    }
}

fn clock() -> Clock {
    Clock(Instant::now(), LifeCycle::each(SECOND))
}

#[test]
fn an_instance_is_created_backed_up_available_and_deleted() {
    let Clock(now, life) = clock();
    let mut instance = Instance::created(now, &life, true);
    let status =
        |instance: &Instance, half_seconds: u32| instance.status(now + SECOND * half_seconds / 2);
    assert_eq!([0, 2, 4].map(|at| status(&instance, at)), ["creating", "backing-up", "available"]);
    assert_eq!(Instance::created(now, &life, false).status(now + SECOND), "available");
    let skip = ask(&[("SkipFinalSnapshot", "true")]);
    let at = now + SECOND * 2;
    assert_eq!(instance.delete((&current(), "available"), &skip, (at, &life)), Ok(None));
    assert_eq!((status(&instance, 5), instance.due(at)), ("deleting", Due::Nothing));
    assert_eq!(instance.due(at + SECOND), Due::Delete);
}

#[test]
fn an_instance_that_never_gets_ready_stays_creating() {
    let now = Instant::now();
    let life = LifeCycle { creating: Duration::MAX, ..LifeCycle::default() };
    assert_eq!(Instance::created(now, &life, true).status(now + SECOND * 1_000_000), "creating");
}

#[test]
fn a_change_for_the_window_waits_until_it_opens() {
    let clock = clock();
    let (mut instance, Clock(now, life)) = (Instance::default(), &clock);
    let query = ask(&[("DBInstanceClass", "db.m5.large"), ("MultiAZ", "true")]);
    clock.modify(&mut instance, Duration::ZERO, &query).unwrap();
    assert_eq!((instance.status(*now), instance.due(*now)), ("available", Due::Nothing));
    let waiting = [("DBInstanceClass", "db.m5.large"), ("MultiAZ", "true")];
    assert_eq!(pending(&instance), waiting.map(|(a, b)| (a.to_owned(), b.to_owned())));
    instance.open_window(*now, life);
    assert_eq!((instance.status(*now), instance.due(*now)), ("modifying", Due::Nothing));
    assert_eq!(instance.due(*now + SECOND), Due::Apply(values(&waiting)));
    assert_eq!((pending(&instance), instance.due(*now + SECOND)), (vec![], Due::Nothing));
}

#[test]
fn what_waits_is_taken_back_by_asking_for_what_is() {
    let (clock, mut instance) = (clock(), Instance::default());
    clock.modify(&mut instance, Duration::ZERO, &ask(&[("MultiAZ", "true")])).unwrap();
    clock.modify(&mut instance, Duration::ZERO, &ask(&[("MultiAZ", "false")])).unwrap();
    assert_eq!(pending(&instance), []);
}

#[test]
fn a_change_at_once_takes_along_what_waits_and_shows_until_it_is_done() {
    let (clock, mut instance) = (clock(), Instance::default());
    clock.modify(&mut instance, Duration::ZERO, &ask(&[("MultiAZ", "true")])).unwrap();
    let query = ask(&[("AllocatedStorage", "30"), ("ApplyImmediately", "true")]);
    clock.modify(&mut instance, Duration::ZERO, &query).unwrap();
    assert_eq!(pending(&instance).len(), 2);
    let refused = clock.modify(&mut instance, SECOND / 2, &query).unwrap_err();
    assert_eq!(refused.code, "InvalidDBInstanceState");
    let applied = values(&[("AllocatedStorage", "30"), ("MultiAZ", "true")]);
    assert_eq!(instance.due(clock.0 + SECOND), Due::Apply(applied));
}

#[test]
fn a_password_waits_for_no_window_and_is_not_shown() {
    let (clock, mut instance) = (clock(), Instance::default());
    clock
        .modify(&mut instance, Duration::ZERO, &ask(&[("MasterUserPassword", "long-enough")]))
        .unwrap();
    assert_eq!(instance.status(clock.0), "resetting-master-credentials");
    assert_eq!(pending(&instance), [("MasterUserPassword".to_owned(), "****".to_owned())]);
    assert_eq!(
        instance.due(clock.0 + SECOND),
        Due::Apply(values(&[("MasterUserPassword", "long-enough")]))
    );
}

#[test]
fn changes_that_aws_does_not_make_are_refused() {
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("AllocatedStorage", "10")], "InvalidParameterCombination"),
        (&[("AllocatedStorage", "x")], "InvalidParameterValue"),
        (&[("EngineVersion", "15.13")], "InvalidParameterCombination"),
        (&[("EngineVersion", "16.3")], "InvalidParameterCombination"),
        (&[("EngineVersion", "99")], "InvalidParameterCombination"),
        (&[("MasterUserPassword", "short")], "InvalidParameterValue"),
        (&[("MasterUserPassword", "with/slash")], "InvalidParameterValue"),
    ];
    for (pairs, code) in cases {
        let refused = clock().modify(&mut Instance::default(), Duration::ZERO, &ask(pairs));
        assert_eq!(refused.unwrap_err().code, code, "{pairs:?}");
    }
    let major = ask(&[("EngineVersion", "16.3"), ("AllowMajorVersionUpgrade", "true")]);
    clock().modify(&mut Instance::default(), Duration::ZERO, &major).unwrap();
}

/// Status, request, and the final snapshot or the code.
type Deletion<'a> = (&'a str, &'a [(&'a str, &'a str)], Result<Option<&'a str>, &'a str>);

#[test]
fn every_status_takes_the_deletions_that_aws_takes() {
    let skip: &[(&str, &str)] = &[("SkipFinalSnapshot", "true")];
    let last: &[(&str, &str)] = &[("FinalDBSnapshotIdentifier", "f")];
    let cases: [Deletion<'_>; 9] = [
        ("available", skip, Ok(None)),
        ("available", last, Ok(Some("f"))),
        ("available", &[], Err("InvalidParameterCombination")),
        ("modifying", last, Ok(Some("f"))),
        ("creating", skip, Ok(None)),
        ("creating", last, Err("InvalidDBInstanceState")),
        ("failed", last, Err("InvalidDBInstanceState")),
        ("incompatible-network", skip, Ok(None)),
        ("deleting", skip, Err("InvalidDBInstanceState")),
    ];
    let Clock(now, life) = clock();
    for (status, pairs, expected) in cases {
        let query = ask(pairs);
        let taken = Instance::default().delete((&current(), status), &query, (now, &life));
        assert_eq!(
            taken.map_err(|refusal| refusal.code),
            expected.map_err(str::to_owned),
            "{status} {pairs:?}"
        );
    }
    let mut protected = current();
    protected.set(Element::leaf("DeletionProtection", "true"));
    let query = ask(skip);
    let refused = Instance::default().delete((&protected, "available"), &query, (now, &life));
    assert_eq!(refused.unwrap_err().code, "InvalidParameterCombination");
}

#[test]
fn what_needs_no_window_takes_hold_at_once() {
    let query =
        ask(&[("MultiAZ", "true"), ("DeletionProtection", "false"), ("ApplyImmediately", "false")]);
    let rest = setting::at_once(&query).unwrap();
    assert_eq!((rest.get("MultiAZ"), rest.get("DeletionProtection")), (None, Some("false")));
    assert_eq!(setting::at_once(&ask(&[("MultiAZ", "true")])), None);
}
