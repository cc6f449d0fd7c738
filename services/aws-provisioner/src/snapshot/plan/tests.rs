use super::*;

fn snapshot(status: &str) -> Snapshot {
    Snapshot { name: "s".into(), status: status.into(), ..Snapshot::default() }
}

fn source(status: &str) -> Source {
    Source { is_available: status == "available", status: status.into(), node: None }
}

fn next(snapshot: Option<&str>, source: Option<&str>, known: Known) -> Result<Plan, Problem> {
    let (snapshot, source) = (snapshot.map(self::snapshot), source.map(self::source));
    plan("s", snapshot.as_ref(), ("db", source.as_ref()), known)
}

const NEW: Known = Known {
    was_observed: false,
    may_be_hidden: false,
    is_ours: false,
    source_missing: Duration::ZERO,
};
const ASKED: Known = Known { may_be_hidden: true, ..NEW };
const MADE: Known = Known { was_observed: true, is_ours: true, ..NEW };

#[test]
fn it_is_taken_once_what_it_is_of_is_available() {
    assert_eq!(next(None, Some("available"), NEW), Ok(Plan::Create));
    let waits = Plan::Wait(Wait::Source("modifying".into()));
    assert_eq!(next(None, Some("modifying"), NEW), Ok(waits));
    assert_eq!(next(None, Some("available"), ASKED), Ok(Plan::Wait(Wait::Hidden)));
}

#[test]
fn l09_what_it_is_of_is_gone_or_goes() {
    let late = Known { source_missing: ABSENCE_PROOF, ..NEW };
    for (status, known) in [(None, late), (Some("deleting"), NEW)] {
        assert_eq!(next(None, status, known), Err(Problem::SourceGone("db".into())), "{status:?}");
    }
    // What was just made is not gone because AWS does not show it yet.
    assert!(matches!(next(None, None, NEW), Ok(Plan::Wait(Wait::Source(_)))));
    // What is taken needs no source any more.
    assert_eq!(next(Some("available"), None, MADE), Ok(Plan::Ready));
}

#[test]
fn w09_one_that_is_gone_is_never_taken_again() {
    assert_eq!(next(None, Some("available"), MADE), Err(Problem::Gone("s".into())));
    assert_eq!(next(Some("deleting"), None, MADE), Err(Problem::Gone("s".into())));
}

#[test]
fn a_snapshot_in_any_state() {
    let table = [
        ("creating", Ok(Plan::Wait(Wait::Taking("creating".into())))),
        ("", Ok(Plan::Wait(Wait::Taking(String::new())))),
        ("available", Ok(Plan::Ready)),
        ("copying", Ok(Plan::Ready)),
        ("failed", Err(Problem::Stuck { name: "s".into(), status: "failed".into() })),
    ];
    for (status, expected) in table {
        assert_eq!(next(Some(status), None, MADE), expected, "{status}");
    }
}

#[test]
fn only_what_is_ours_and_idle_is_deleted() {
    let wait = |status: &str| Fate::Wait(Wait::Deleting(status.into()));
    let table = [
        (None, Whose::Ours, NEW, Fate::Gone),
        (None, Whose::Ours, ASKED, Fate::Wait(Wait::Hidden)),
        (Some("available"), Whose::Unknown, NEW, Fate::Foreign),
        (Some("available"), Whose::Unknown, MADE, Fate::Disowned),
        (Some("available"), Whose::Successors, MADE, Fate::Foreign),
        (Some("available"), Whose::Ours, MADE, Fate::Delete),
        (Some("failed"), Whose::Ours, MADE, Fate::Delete),
        (Some("creating"), Whose::Ours, MADE, wait("creating")),
        (Some("deleting"), Whose::Ours, MADE, wait("deleting")),
    ];
    for (status, whose, known, expected) in table {
        let found = fate(status.map(snapshot).as_ref(), whose, known);
        assert_eq!(found, expected, "{status:?} {whose:?}");
    }
}
