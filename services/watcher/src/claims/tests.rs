use futures::FutureExt as _;
use kube::runtime::reflector::store::Writer;
use kube::runtime::watcher::Event;
use serde_json::json;

use super::*;

fn object(name: &str, created: &str, spec: &Value) -> DynamicObject {
    serde_json::from_value(json!({
        "metadata": {
            "name": name, "namespace": "shop", "uid": format!("uid-{name}"),
            "creationTimestamp": created,
        },
        "spec": spec,
    }))
    .unwrap()
}

const EARLY: &str = "2024-05-01T10:00:00Z";
const LATE: &str = "2024-05-01T10:00:01Z";

fn naming(name: &str, created: &str, secret: &str) -> DynamicObject {
    let spec = json!({"type": "workshop", "tier": "development", "secretRef": {"name": secret}});
    object(name, created, &spec)
}

fn claims(objects: &[(ClaimKind, DynamicObject)]) -> Claims {
    let mut stores = Vec::new();
    for kind in ClaimKind::ALL {
        let mut writer = Writer::new(kind.api_resource());
        stores.push((kind, writer.as_reader()));
        for (_, object) in objects.iter().filter(|(known, _)| *known == kind) {
            writer.apply_watcher_event(&Event::Apply(object.clone()));
        }
        // A store works as long as its writer lives.
        Box::leak(Box::new(writer));
    }
    Claims::new(stores, Vec::new())
}

fn owner(claims: &Claims, kind: ClaimKind, name: &str) -> Option<String> {
    claims.secret_owner(&claims.find(kind, "shop", name)?)
}

fn names(dependants: &[(ClaimKind, Arc<DynamicObject>)]) -> Vec<&str> {
    dependants.iter().filter_map(|(_, object)| object.metadata.name.as_deref()).collect()
}

#[test]
fn of_two_claims_that_name_one_secret_the_older_wins_across_kinds() {
    let claims = claims(&[
        (ClaimKind::Postgres, naming("young", LATE, "shared")),
        (ClaimKind::Redis, naming("old", EARLY, "shared")),
        (ClaimKind::Redis, naming("other", EARLY, "own")),
    ]);
    assert_eq!(owner(&claims, ClaimKind::Postgres, "young").as_deref(), Some("Redis old"));
    assert!(claims.find(ClaimKind::Redis, "shop", "old").is_some());
    assert_eq!(owner(&claims, ClaimKind::Redis, "old"), None);
    assert_eq!(owner(&claims, ClaimKind::Redis, "other"), None);
}

#[test]
fn the_uid_decides_between_claims_of_one_second() {
    let claims = claims(&[
        (ClaimKind::Redis, naming("a", EARLY, "shared")),
        (ClaimKind::Redis, naming("b", EARLY, "shared")),
    ]);
    assert_eq!(owner(&claims, ClaimKind::Redis, "a"), None);
    assert_eq!(owner(&claims, ClaimKind::Redis, "b").as_deref(), Some("Redis a"));
}

#[test]
fn who_is_served_already_keeps_the_secret_whatever_the_clock_says() {
    let mut served = naming("b", EARLY, "shared");
    served.data["status"] = json!({"placement": {"provider": "openshift"}});
    let new = naming("a", EARLY, "shared");
    let both = claims(&[(ClaimKind::Redis, new.clone()), (ClaimKind::Redis, served.clone())]);
    assert_eq!(owner(&both, ClaimKind::Redis, "a").as_deref(), Some("Redis b"));
    assert_eq!(owner(&both, ClaimKind::Redis, "b"), None);
    let mut written = naming("c", LATE, "shared");
    written.data["status"] =
        json!({"placement": {"provider": "aws"}, "secretRef": {"name": "shared"}});
    let both = claims(&[(ClaimKind::Redis, served), (ClaimKind::Redis, written)]);
    assert_eq!(owner(&both, ClaimKind::Redis, "b").as_deref(), Some("Redis c"));
}

#[test]
fn a_secret_that_becomes_free_wakes_who_waits_for_it() {
    let owner = naming("owner", EARLY, "shared");
    let moved = naming("owner", EARLY, "own");
    let claims = claims(&[
        (ClaimKind::Postgres, naming("waiting", LATE, "shared")),
        (ClaimKind::Redis, naming("other", LATE, "else")),
    ]);
    let dependants = |after| claims.dependants(ClaimKind::Redis, Some(&owner), after);
    assert_eq!(names(&dependants(None)), ["waiting"]);
    assert_eq!(names(&dependants(Some(&moved))), ["waiting"]);
    assert!(dependants(Some(&owner)).is_empty(), "nothing of it changed");
}

#[test]
fn a_claim_that_is_pinned_wakes_its_snapshots() {
    let before = naming("orders", EARLY, "a");
    let mut after = before.clone();
    after.data["status"] = json!({"placement": {"provider": "aws"}});
    let snapshot = json!({"resourceName": "orders"});
    let claims = claims(&[
        (ClaimKind::PostgresSnapshot, object("nightly", LATE, &snapshot)),
        (ClaimKind::RedisSnapshot, object("of-another-kind", LATE, &snapshot)),
    ]);
    let dependants = claims.dependants(ClaimKind::Postgres, Some(&before), Some(&after));
    assert_eq!(names(&dependants), ["nightly"]);
}

#[test]
fn claims_are_known_when_every_watch_that_covers_them_has_listed() {
    let namespace = |name: &str| Scope::Namespace(name.to_owned());
    let watched = vec![namespace("shop"), namespace("shop"), namespace("bank")];
    let claims = Claims::new(Vec::new(), watched);
    let is_known = |name: &str| claims.listed_in(name).now_or_never().is_some();
    claims.has_listed(&namespace("shop"));
    assert!(!is_known("shop"), "another kind is not listed");
    claims.has_listed(&namespace("shop"));
    assert!(is_known("shop") && !is_known("bank"));
    assert_eq!(claims.listed().now_or_never(), None);
    claims.has_listed(&namespace("bank"));
    assert_eq!(claims.listed().now_or_never(), Some(()));
}
