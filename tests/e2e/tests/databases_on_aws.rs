//! Databases on AWS, and the network that they bring and take with them.

use std::collections::BTreeMap;

use crds::ClaimKind;
use kube::api::DynamicObject;
use proto::Service;
use stack::{Claim, Postgres, PostgresLogin, Redis, Stack, eventually};

/// What is made of each, and what takes it away.
const PAIRS: [(&str, &str); 9] = [
    ("CreateDBInstance", "DeleteDBInstance"),
    ("CreateReplicationGroup", "DeleteReplicationGroup"),
    ("CreateDBSubnetGroup", "DeleteDBSubnetGroup"),
    ("CreateCacheSubnetGroup", "DeleteCacheSubnetGroup"),
    ("CreateVpcPeeringConnection", "DeleteVpcPeeringConnection"),
    ("CreateRoute", "DeleteRoute"),
    ("CreateSubnet", "DeleteSubnet"),
    ("CreateSecurityGroup", "DeleteSecurityGroup"),
    ("CreateVpc", "DeleteVpc"),
];

fn postgres() -> Claim {
    Claim::new(ClaimKind::Postgres, "orders", "managed")
}

fn redis() -> Claim {
    Claim::new(ClaimKind::Redis, "cache", "managed")
}

fn identifier(object: &DynamicObject) -> &str {
    object.data["status"]["placement"]["identifier"].as_str().unwrap()
}

/// How often each operation has succeeded.
fn done(stack: &Stack) -> BTreeMap<String, usize> {
    let mut done = BTreeMap::new();
    for call in stack.aws.calls().into_iter().filter(|call| call.status == 200) {
        *done.entry(call.operation).or_default() += 1;
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_on_aws_come_with_their_network_and_leave_nothing() {
    let stack = Stack::start("aws-databases").await.unwrap();
    let claims = [postgres().with("maintenanceWindow", true), redis()];
    for claim in &claims {
        stack.create(claim).await.unwrap();
    }
    for claim in &claims {
        let object = stack.until_complete(claim).await.unwrap();
        // W-25: the operator never writes what the user has written.
        assert_eq!(object.data["spec"], claim.object().data["spec"]);
        assert_eq!(object.metadata.generation, Some(1));
    }
    let made = done(&stack);
    for (create, _) in PAIRS {
        assert!(made.contains_key(create), "{create}: {made:?}");
    }
    assert_eq!((made["CreateVpc"], made["CreateDBInstance"]), (1, 1));
    assert_eq!(made["CreateReplicationGroup"], 1);

    // The network stays for whoever is left.
    stack.delete(&claims[0]).await.unwrap();
    stack.until_gone(&claims[0]).await.unwrap();
    assert!(!done(&stack).contains_key("DeleteVpc"));
    stack.delete(&claims[1]).await.unwrap();
    stack.until_gone(&claims[1]).await.unwrap();
    eventually("the network is gone", stack.patience, async || {
        Ok(done(&stack).contains_key("DeleteVpc").then_some(()))
    })
    .await
    .unwrap();
    check_nothing_is_left(&stack);
}

fn check_nothing_is_left(stack: &Stack) {
    let done = done(stack);
    for (create, delete) in PAIRS {
        let (made, deleted) = (done.get(create), done.get(delete));
        // Routes of the network's own VPC go with it.
        assert!(made == deleted || create == "CreateRoute", "{create}: {done:?}");
    }
}

/// Waits until an operation has succeeded more often than before.
async fn until_done(stack: &Stack, operation: &str, before: usize) {
    let count = || done(stack).get(operation).copied().unwrap_or_default();
    let is_done = async || Ok((count() > before).then_some(()));
    eventually(operation, stack.patience, is_done).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn l01_a_database_deleted_at_any_stage_of_its_creation_leaves_nothing() {
    let stack = Stack::start("aws-stages").await.unwrap();
    for stage in ["CreateVpc", "CreateVpcPeeringConnection", "CreateDBInstance"] {
        let before = done(&stack).get(stage).copied().unwrap_or_default();
        let removed = done(&stack).get("DeleteVpc").copied().unwrap_or_default();
        stack.create(&postgres()).await.unwrap();
        until_done(&stack, stage, before).await;
        stack.delete(&postgres()).await.unwrap();
        stack.until_gone(&postgres()).await.unwrap();
        until_done(&stack, "DeleteVpc", removed).await;
        check_nothing_is_left(&stack);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r06_a_database_that_comes_while_the_last_ones_go_gets_its_network() {
    let stack = Stack::start("aws-last").await.unwrap();
    for claim in [postgres(), redis()] {
        stack.create(&claim).await.unwrap();
    }
    for claim in [postgres(), redis()] {
        stack.until_complete(&claim).await.unwrap();
    }
    stack.delete(&postgres()).await.unwrap();
    stack.delete(&redis()).await.unwrap();
    let late = postgres().renamed("late").secret("late-sec");
    stack.create(&late).await.unwrap();
    stack.until_complete(&late).await.unwrap();
    for claim in [postgres(), redis()] {
        stack.until_gone(&claim).await.unwrap();
    }
    let done = done(&stack);
    let gone = done.get("DeleteVpc").copied().unwrap_or_default();
    assert_eq!((done["CreateVpc"] - gone, done["CreateDBInstance"]), (1, 2), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_logs_in_to_postgres_on_aws_with_what_the_secret_says() {
    let mut stack = Stack::prepare("aws-postgres-login").await.unwrap();
    // What is simulated has no TLS to speak of; here a real server answers.
    stack.service(Service::AwsProvisioner).set("SIMULATED", "false");
    stack.start_services().await.unwrap();
    let server = Postgres::start(stack.site().folder.path()).await.unwrap();
    // Names of RDS are what tells how to connect.
    let host = "orders.abcdefghijkl.eu-west-1.rds.amazonaws.com";
    stack.aws.set_endpoints(host, server.port());
    stack.create(&postgres()).await.unwrap();
    let object = stack.until_complete(&postgres()).await.unwrap();

    // The server lets in whom AWS was told of.
    let known = stack.aws.login(identifier(&object)).unwrap();
    server.admit(&known.user, &known.password).await.unwrap();
    let secret = stack.secret("orders-sec").await.unwrap().unwrap();
    server.make_database(&secret["database"], &known.user).await.unwrap();
    assert_eq!((secret["host"].as_str(), &secret["port"]), (host, &server.port().to_string()));
    let (user, password) = (&secret["username"], &secret["password"]);
    let login = PostgresLogin { user, password, database: &secret["database"] };
    let binding = stack.secret("orders-sec-binding").await.unwrap().unwrap();
    let sslmode = &binding["sslmode"];
    assert!(binding["uri"].contains("sslmode=require"), "the uri asks for TLS");
    let uses_tls = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    assert_eq!(server.ask(login, sslmode, uses_tls).await.unwrap(), "t");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_logs_in_to_redis_on_aws_with_what_the_secret_says() {
    let stack = Stack::start("aws-redis-login").await.unwrap();
    let mut server = Redis::start(stack.site().folder.path(), true, Some("first")).await.unwrap();
    stack.aws.set_endpoints("127.0.0.1", server.port());
    stack.create(&redis()).await.unwrap();
    let object = stack.until_complete(&redis()).await.unwrap();

    let known = stack.aws.login(identifier(&object)).unwrap();
    server.admit(&[&known.password]).await.unwrap();
    let secret = stack.secret("cache-sec").await.unwrap().unwrap();
    assert_eq!(
        (&secret["uri"], &secret["port"]),
        (&"127.0.0.1".into(), &server.port().to_string())
    );
    assert_eq!(secret["tls"], "true");
    let binding = stack.secret("cache-sec-binding").await.unwrap().unwrap();
    assert!(binding["uri"].starts_with("rediss://"), "the uri asks for TLS");
    let pong = server.ask(Some(&secret["password"]), true, &["PING"]).await.unwrap();
    assert_eq!(pong, "PONG");
}
