use std::time::{Duration, Instant};

use super::group::Group;
use super::token;
use crate::aws::controls::LifeCycle;
use crate::aws::query::Query;

const SECOND: Duration = Duration::from_secs(1);
const TOKEN: &str = "a-token-of-16-or-more";

fn query(pairs: &[(&str, &str)]) -> Query {
    let base = [("ReplicationGroupId", "Cache"), ("ReplicationGroupDescription", "d")];
    let all = base.iter().chain(pairs);
    all.fold(Query::new("A", "1"), |query, (key, value)| query.with(key, value))
}

fn group(now: Instant, pairs: &[(&str, &str)]) -> Result<Group, String> {
    let life = LifeCycle::each(SECOND);
    Group::create(&query(pairs), String::new(), now, &life).map_err(|refusal| refusal.code)
}

#[test]
fn a_group_is_created_changed_and_deleted() {
    let (now, life) = (Instant::now(), LifeCycle::each(SECOND));
    let mut group = group(now, &[("EngineVersion", "7.0")]).unwrap();
    assert_eq!(
        (group.id.as_str(), group.status(now), group.status(now + SECOND)),
        ("cache", "creating", "available")
    );
    let at = now + SECOND;
    let wanted = query(&[("EngineVersion", "7.1"), ("ApplyImmediately", "true")]);
    assert_eq!(
        group.modify("creating", &wanted, (at, &life)).unwrap_err().code,
        "InvalidReplicationGroupState"
    );
    group.modify("available", &wanted, (at, &life)).unwrap();
    group.settle(at).unwrap();
    assert_eq!((group.status(at), group.value("EngineVersion")), ("modifying", "7.0.7"));
    group.settle(at + SECOND).unwrap();
    assert_eq!((group.status(at + SECOND), group.value("EngineVersion")), ("available", "7.1.0"));
    assert!(group.delete("modifying", at, &life).is_err());
    group.delete("available", at + SECOND, &life).unwrap();
    assert_eq!((group.status(at + SECOND), group.is_gone(at + SECOND)), ("deleting", false));
    assert!(group.is_gone(at + SECOND * 2) && group.delete("deleting", at, &life).is_err());
}

#[test]
fn a_change_for_the_window_waits_and_can_be_taken_back() {
    let (now, life) = (Instant::now(), LifeCycle::default());
    let mut group = group(now, &[("CacheNodeType", "cache.t3.micro")]).unwrap();
    let modify = |group: &mut Group, class| {
        group.modify("available", &query(&[("CacheNodeType", class)]), (now, &life))
    };
    modify(&mut group, "cache.t3.small").unwrap();
    group.settle(now).unwrap();
    assert_eq!((group.value("CacheNodeType"), group.pending.len()), ("cache.t3.micro", 1));
    modify(&mut group, "cache.t3.micro").unwrap();
    assert!(group.pending.is_empty());
    modify(&mut group, "cache.t3.small").unwrap();
    group.open_window(now + SECOND, &life);
    group.settle(now + SECOND).unwrap();
    assert_eq!((group.value("CacheNodeType"), group.pending.len()), ("cache.t3.small", 0));
}

#[test]
fn groups_that_aws_does_not_make_are_refused() {
    let cases: [(&[(&str, &str)], &str); 10] = [
        (&[("ReplicationGroupId", "1a")], "InvalidParameterValue"),
        (&[("ReplicationGroupId", "a--b")], "InvalidParameterValue"),
        (&[("ReplicationGroupId", &"a".repeat(41))], "InvalidParameterValue"),
        (&[("ReplicationGroupDescription", "")], "InvalidParameterValue"),
        (&[("EngineVersion", "9.9")], "InvalidParameterCombination"),
        (&[("AutomaticFailoverEnabled", "true")], "InvalidParameterCombination"),
        (&[("NumCacheClusters", "2"), ("MultiAZEnabled", "true")], "InvalidParameterCombination"),
        (&[("AuthToken", TOKEN)], "InvalidParameterCombination"),
        (&[("AuthToken", "short"), ("TransitEncryptionEnabled", "true")], "InvalidParameterValue"),
        (&[("NumNodeGroups", "2")], "NotImplemented"),
    ];
    for (pairs, code) in cases {
        assert_eq!(
            group(Instant::now(), pairs).map(|group| group.id),
            Err(code.to_owned()),
            "{pairs:?}"
        );
    }
    let many = group(
        Instant::now(),
        &[("ReplicasPerNodeGroup", "2"), ("AutomaticFailoverEnabled", "true")],
    );
    assert_eq!(
        many.unwrap().clusters().collect::<Vec<_>>(),
        ["cache-001", "cache-002", "cache-003"]
    );
}

#[test]
fn a_token_is_rotated_set_and_removed() {
    let login = |token: &str, strategy: &str, old| token::change(old, token, strategy).unwrap();
    let first = login("one", "SET", None);
    assert_eq!(first.clone().map(|it| (it.password, it.previous)), Some(("one".into(), None)));
    let both = login("two", "ROTATE", first);
    assert_eq!(
        both.clone().map(|it| (it.password, it.previous)),
        Some(("two".into(), Some("one".into())))
    );
    let last = login("two", "SET", both);
    assert_eq!(last.clone().map(|it| (it.password, it.previous)), Some(("two".into(), None)));
    assert!(login("", "DELETE", last).is_none());
    assert!(token::change(None, "x", "ODD").is_err());
}

#[test]
fn a_token_is_changed_immediately_or_not_at_all() {
    let (now, life) = (Instant::now(), LifeCycle::default());
    let mut group =
        group(now, &[("AuthToken", TOKEN), ("TransitEncryptionEnabled", "true")]).unwrap();
    let change = [("AuthToken", "another-token-of-16"), ("AuthTokenUpdateStrategy", "ROTATE")];
    let refused = group.modify("available", &query(&change), (now, &life)).unwrap_err();
    assert_eq!(refused.code, "InvalidParameterCombination");
    let at_once = query(&change).with("ApplyImmediately", true);
    group.modify("available", &at_once, (now, &life)).unwrap();
    group.settle(now).unwrap();
    let login = group.login.unwrap();
    assert_eq!(
        (login.password.as_str(), login.previous.as_deref()),
        ("another-token-of-16", Some(TOKEN))
    );
}
