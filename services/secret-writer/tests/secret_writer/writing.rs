use kube::ResourceExt as _;
use kube::api::PostParams;
use proto::wire::CredentialOutcome;
use proto::{Connection, ErrorClass, Field, Kind, Provider, State, Subject};
use serde_json::json;
use stack::Stack;

use crate::world::{World, eventually, postgres, texts};

#[tokio::test(flavor = "multi_thread")]
async fn a_result_becomes_a_connection_secret_and_a_binding_and_then_costs_nothing() {
    let world = World::new("written").await;
    let _replica = world.replica().await;
    let identity = world.complete("db").await;

    let credentials = texts(&world.secret("db-postgres-credentials").await.unwrap());
    let connection = world.secret("db-secret").await.unwrap();
    let values = texts(&connection);
    let keys: Vec<&str> = values.keys().map(String::as_str).collect();
    assert_eq!(keys, ["database", "host", "password", "port", "username"]);
    assert_eq!(values["password"], credentials["password"]);
    assert_eq!(connection.type_.as_deref(), Some("Opaque"));
    assert_eq!(connection.owner_references()[0].uid, identity.uid.as_str());
    let binding = world.secret("db-secret-binding").await.unwrap();
    assert_eq!(binding.type_.as_deref(), Some("servicebinding.io/postgresql"));
    assert!(texts(&binding)["uri"].contains(&values["password"]));

    // The same result again: the record names it, and nothing was written.
    let again = world.publish(&identity, postgres()).await;
    let names_it = |record: &proto::Record| record.item_id == again.item_id;
    world.record(&identity, "handled", names_it).await;
    let versions = async |name: &str| world.secret(name).await.unwrap().resource_version();
    assert_eq!(versions("db-secret").await, connection.resource_version());
    assert_eq!(versions("db-secret-binding").await, binding.resource_version());
    assert_eq!(world.events("SecretRestored").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_is_left_alone_and_heals_when_it_is_free() {
    let world = World::new("taken").await;
    let _replica = world.replica().await;
    let theirs = json!({"metadata": {"name": "cache-secret"}, "stringData": {"their": "value"}});
    let theirs = serde_json::from_value(theirs).unwrap();
    let theirs = world.secrets().create(&PostParams::default(), &theirs).await.unwrap();

    let identity = world.claim(Kind::Redis, "cache").await;
    let fields = || ["uri", "port"].map(|key| (key, Field::Literal("1".into()))).to_vec();
    let result = world.publish(&identity, fields()).await;
    let is_foreign = |record: &proto::Record| record.error_class == Some(ErrorClass::Foreign);
    let record = world.record(&identity, "foreign", is_foreign).await;
    assert_eq!((record.state, record.reason.as_str()), (State::Pending, "SecretTaken"));
    assert_eq!(world.secret("cache-secret").await.unwrap(), theirs);
    eventually("event", async || (world.events("SecretTaken").await == 1).then_some(())).await;

    world.delete_secret("cache-secret").await;
    world.ready(&result).await;
    assert_eq!(texts(&world.secret("cache-secret").await.unwrap())["port"], "1");

    // The Secret of one claim is foreign to the next.
    let second = world.claim_with(Kind::Redis, "second", &json!({"name": "cache-secret"})).await;
    world.publish(&second, fields()).await;
    world.record(&second, "foreign", is_foreign).await;
    assert_eq!(texts(&world.secret("cache-secret").await.unwrap())["port"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn w12_another_namespace_is_refused_until_the_claim_is_corrected() {
    let world = World::new("elsewhere").await;
    let _replica = world.replica().await;
    let elsewhere = json!({"name": "cache-secret", "namespace": "kube-system"});
    let identity = world.claim_with(Kind::Redis, "cache", &elsewhere).await;
    world.publish(&identity, vec![("port", Field::Literal("1".into()))]).await;
    let is_refused = |record: &proto::Record| record.state == State::Refused;
    let record = world.record(&identity, "refused", is_refused).await;
    assert_eq!(record.reason, "NamespaceRefused");
    assert_eq!(world.secret("cache-secret").await, None);
    world.patch_claim(&identity, &json!({"spec": {"secretRef": {"namespace": null}}})).await;
    world.record(&identity, "ready", |record| record.state == State::Ready).await;
    assert_eq!(texts(&world.secret("cache-secret").await.unwrap())["port"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_for_a_claim_that_is_gone_recreated_or_of_another_provider() {
    let world = World::new("gone").await;
    let old = world.claim(Kind::Postgres, "db").await;
    world.delete_claim(&old).await;
    let new = world.claim(Kind::Postgres, "db").await;
    assert_ne!(old.uid, new.uid);
    world.publish(&old, postgres()).await;

    // aws-provisioner speaks of a claim that is pinned to the cluster.
    let forged = Connection {
        item_id: proto::ItemId::random(),
        identity: new.clone(),
        provider: Provider::Aws,
        fields: [("host".to_owned(), Field::Literal("evil".into()))].into(),
        simulated: false,
    };
    let subject = Subject::Result(Provider::Aws, Kind::Postgres, new.uid.clone());
    world.aws.write(&subject, &forged, 0, None).await.unwrap();
    let _replica = world.replica().await;

    world.record(&old, "absent", |record| record.state == State::Absent).await;
    let subject = Subject::Result(Provider::Openshift, Kind::Postgres, old.uid.clone());
    let blank = async || {
        let stored = world.openshift.read::<Connection>(&subject).await.unwrap();
        (stored.value.is_none() && stored.sequence > 0).then_some(())
    };
    eventually("blank", blank).await;
    for asked in [world.ensure(&old, true).await, ask_as_aws(&world, &new).await] {
        assert_eq!(asked.outcome(), CredentialOutcome::Refused);
    }
    assert_eq!(world.secrets().list(&kube::api::ListParams::default()).await.unwrap().items, []);
}

async fn ask_as_aws(world: &World, identity: &proto::Identity) -> proto::wire::CredentialReply {
    world.aws.read_credentials(Provider::Aws, identity).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_arrives_while_the_api_server_is_down_is_written_when_it_is_back() {
    let world = World::on(Stack::alone("outage").await.unwrap()).await;
    let _replica = world.replica().await;
    let identity = world.claim(Kind::Postgres, "db").await;
    world.ensure(&identity, true).await;
    world.stack.site().plane.kill_apiserver().await;
    let result = world.publish(&identity, postgres()).await;
    let is_tried = |record: &proto::Record| record.attempts > 0;
    let record = world.record(&identity, "tried", is_tried).await;
    assert_eq!(record.state, State::Pending);
    let reply = world.ensure(&identity, true).await;
    assert_eq!(reply.outcome(), CredentialOutcome::Unavailable);
    world.stack.site().plane.restart_apiserver().await.unwrap();
    let record = world.ready(&result).await;
    assert_eq!((record.attempts, record.error_class), (0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_at_the_limit_are_legal_for_the_api_server() {
    let world = World::new("limits").await;
    let _replica = world.replica().await;
    let (name, secret) = (format!("c{}", ".a".repeat(126)), format!("s{}", ".b".repeat(126)));
    let identity = world.claim_with(Kind::Postgres, &name, &json!({"name": &secret})).await;
    let reply = world.ensure(&identity, true).await;
    assert_eq!(reply.outcome(), CredentialOutcome::Created, "{}", reply.message);
    let result = world.publish(&identity, postgres()).await;
    let record = world.ready(&result).await;
    assert_eq!(record.facts.len(), 3);
    for name in record.facts.keys() {
        assert!(world.secret(name).await.is_some(), "{name}");
    }
}
