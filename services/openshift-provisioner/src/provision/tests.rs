use proto::{Cluster as ClusterContext, Defaults, ItemId, Options, Placement};

use super::*;
use crate::fixtures::{claim, goal};

fn item(options: Options) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: claim(Kind::Postgres),
        desired: Desired::Present,
        placement: Placement::at(Provider::Openshift),
        strategy: None,
        cluster: ClusterContext {
            id: "c1".to_owned(),
            defaults: Defaults::Secure,
            tag_prefix: String::new(),
            tags: std::collections::BTreeMap::new(),
        },
        secret_name: "orders".to_owned(),
        options,
        network: None,
    }
}

#[test]
fn messages_are_the_go_operators() {
    let postgres = goal(Overrides::default());
    let redis = Goal { engine: Engine::Redis, ..postgres.clone() };
    let item = item(Options::default());
    assert_eq!(ready_message(&postgres, &item), "creation successful");
    assert_eq!(ready_message(&redis, &item), "redis deployment available");
}

#[test]
fn wishes_without_meaning_are_named() {
    let overrides = Overrides { ignored: vec!["strategy.x".to_owned()], ..Overrides::default() };
    let options = Options { engine: "valkey".to_owned(), ..Options::default() };
    assert_eq!(
        ready_message(&goal(overrides), &item(options)),
        "creation successful; without meaning in the cluster and ignored: spec.engine, strategy.x"
    );
}

#[test]
fn p05_an_object_of_somebody_else_is_foreign() {
    let failure = taken("orders-abc", &["Deployment", "Service"]);
    assert_eq!((failure.class, failure.reason), (ErrorClass::Foreign, "Foreign"));
    assert!(failure.message.starts_with("Deployment and Service orders-abc exists"), "{failure}");
}

#[test]
fn snapshots_are_not_offered() {
    let failure = not_offered(Kind::PostgresSnapshot);
    assert_eq!((failure.class, failure.reason), (ErrorClass::Invalid, "Invalid"));
}

#[test]
fn p04_a_class_that_does_not_let_volumes_grow_is_no_missing_permission() {
    let refused = |message: &str| Error::Refused {
        operation: "grow PersistentVolumeClaim db".to_owned(),
        code: 403,
        message: message.to_owned(),
        is_terminating: false,
    };
    let told = no_growth(refused("only dynamically provisioned pvc can be resized"));
    assert_eq!(told.class, ErrorClass::Invalid);
    assert!(told.message.starts_with("strategy.pvcSpec.resources.requests.storage: "), "{told}");
    assert_eq!(no_growth(refused("is forbidden")).class, ErrorClass::NeedsPerson);
}
