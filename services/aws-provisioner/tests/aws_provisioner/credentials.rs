//! Every way to authenticate, and what is told when it fails.

use std::path::Path;

use axum::Json;
use axum::http::HeaderMap;
use axum::routing::get;
use proto::{Desired, ErrorClass, Kind, Record, Service, State, Subject};
use serde_json::{Value, json};
use stack::{Fault, Folder, PATIENCE, eventually};

use crate::network::nets::Nets;
use crate::world::{World, desiring};

/// The listing of buckets.
const LISTING: &str = "GET max-buckets";
/// Without what the environment has otherwise.
const NO_KEY: (&str, &str) = ("AWS_ACCESS_KEY_ID", "");

fn role(world: &World) -> String {
    format!("arn:aws:iam::{}:role/operator", world.account)
}

fn write(folder: &Folder, file: &str, text: &str) -> String {
    let path = folder.path().join(file);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Who has asked for this operation.
fn callers(world: &World, operation: &str) -> Vec<String> {
    let calls = world.aws.calls().into_iter().filter(|call| call.operation == operation);
    calls.map(|call| call.caller).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn irsa_a_role_of_a_service_account_makes_keyless_buckets() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    let (token, role) = (write(&folder, "token", "a token"), role(&world));
    world.start_with(&[NO_KEY, ("AWS_ROLE_ARN", &role), ("AWS_WEB_IDENTITY_TOKEN_FILE", &token)]);
    let record = world.settle(&world.item("{}"), State::Ready).await;
    assert!(record.message.contains("keyless"), "{}", record.message);
    assert_eq!(callers(&world, "AssumeRoleWithWebIdentity").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pod_identity_is_asked_with_the_pods_token() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    let token = write(&folder, "token", "pod token");
    let answer = async |headers: HeaderMap| -> Json<Value> {
        let is_known = headers.get("authorization").is_some_and(|it| it == "pod token");
        let id = if is_known { "POD" } else { "STRANGER" };
        Json(json!({
            "AccessKeyId": id, "SecretAccessKey": "s", "Token": "t",
            "Expiration": "2100-01-01T00:00:00Z",
        }))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/credentials", listener.local_addr().unwrap());
    let agent = axum::Router::new().route("/v1/credentials", get(answer));
    tokio::spawn(async { axum::serve(listener, agent).await });
    world.start_with(&[
        NO_KEY,
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token),
    ]);
    world.settle(&world.item("{}"), State::Ready).await;
    assert_eq!(callers(&world, "GetCallerIdentity"), ["POD"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn w52_sts_credentials_may_appear_later_and_their_role_is_assumed_with_the_token() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    let token = write(&folder, "token", "a token");
    let mounted = text(folder.path()).to_owned();
    world.start_with(&[
        NO_KEY,
        ("CREDENTIALS_DIR", &mounted),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    let item = world.item("{}");
    let record = world.fail(&item, "WaitingForCredentials").await;
    assert_eq!(record.error_class, Some(ErrorClass::Transient));
    assert!(record.message.contains("no AWS credentials yet"), "{}", record.message);
    write(&folder, "role_arn", &role(&world));
    let record = world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert!(record.message.contains("keyless"), "{}", record.message);
    assert_eq!(callers(&world, "AssumeRoleWithWebIdentity").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_has_waited_for_long_goes_on_at_once_when_credentials_come() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    let item = world.item("{}");
    // The next look would be after more than a test waits.
    let (identity, placement) = (item.identity.clone(), item.placement.clone());
    let mut record = Record::new(identity, placement, item.item_id.clone());
    record.attempts = 12;
    let subject = Subject::Record(Service::AwsProvisioner, item.identity.uid.clone());
    world.records.write(&subject, &record, 0, None).await.unwrap();
    world.start_with(&[NO_KEY, ("CREDENTIALS_DIR", text(folder.path()))]);
    world.publish(&item).await;
    let has_looked = |record: &Record| record.attempts > 12;
    world.until(&item, "looked", has_looked).await;
    // As OpenShift mints a key.
    write(&folder, "credentials", "[default]\naws_access_key_id = MINTED\n");
    write(&folder, "aws_access_key_id", "MINTED");
    write(&folder, "aws_secret_access_key", "secret");
    world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(callers(&world, "PUT"), ["MINTED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_openshift_mints_names_the_role() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    let token = write(&folder, "token", "a token");
    let profile =
        format!("[default]\nsts_regional_endpoints = regional\nrole_arn = {}\n", role(&world));
    write(&folder, "credentials", &profile);
    world.start_with(&[
        NO_KEY,
        ("CREDENTIALS_DIR", text(folder.path())),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    world.settle(&world.item("{}"), State::Ready).await;
    assert_eq!(callers(&world, "AssumeRoleWithWebIdentity").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mounted_role_without_a_token_is_assumed_with_what_the_chain_has() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    write(&folder, "role_arn", &role(&world));
    world.start_with(&[
        ("CREDENTIALS_DIR", text(folder.path())),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token"),
    ]);
    world.settle(&world.item("{}"), State::Ready).await;
    assert_eq!(callers(&world, "AssumeRole"), ["operator"]);
    assert_ne!(callers(&world, "GetCallerIdentity"), ["operator"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_minted_key_that_is_rotated_is_used_without_a_restart() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    write(&folder, "aws_access_key_id", "MINTED");
    write(&folder, "aws_secret_access_key", "first");
    world.start_with(&[NO_KEY, ("CREDENTIALS_DIR", text(folder.path()))]);
    world.settle(&world.item("{}"), State::Ready).await;
    assert_eq!(callers(&world, "PUT"), ["MINTED"]);
    write(&folder, "aws_access_key_id", "ROTATED");
    world.aws.fail("", 1, Fault::Answered(403, "InvalidClientTokenId"));
    world.settle(&world.item("{}"), State::Ready).await;
    assert_eq!(callers(&world, "GetCallerIdentity").last().unwrap(), "ROTATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_never_got_anything_can_go_without_credentials() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    world.start_with(&[NO_KEY, ("CREDENTIALS_DIR", text(folder.path()))]);
    for kind in [Kind::BlobStorage, Kind::SmtpCredentialSet, Kind::Postgres, Kind::Redis] {
        let mut item = world.item("{}");
        item.identity.kind = kind;
        item.identity.uid = proto::ItemId::random().as_str().parse().unwrap();
        world.fail(&item, "WaitingForCredentials").await;
        let gone = world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
        assert_eq!(gone.message, "nothing was provisioned", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_listing_that_is_refused_has_the_credentials_read_anew() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    let profile =
        |key: &str| format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = s\n");
    let file = write(&folder, "profile", &profile("OLD"));
    world.start_with(&[
        NO_KEY,
        ("AWS_SHARED_CREDENTIALS_FILE", &file),
        ("INVENTORY_PERIOD_SECONDS", "1"),
        ("DRIFT_PERIOD_SECONDS", "86400"),
    ]);
    world.settle(&world.item("{}"), State::Ready).await;
    write(&folder, "profile", &profile("NEW"));
    // No claim has a turn: only the listings look.
    world.aws.fail(LISTING, 1, Fault::Answered(403, "InvalidAccessKeyId"));
    let is_new = async || {
        Ok(callers(&world, LISTING).last().is_some_and(|caller| caller == "NEW").then_some(()))
    };
    eventually("a listing with the new key", PATIENCE, is_new).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_role_that_is_refused_is_told_with_its_code_and_heals() {
    let (mut world, folder) = (World::prepare().await, Folder::for_test().unwrap());
    let role = role(&world);
    write(&folder, "role_arn", &role);
    let token = write(&folder, "token", "an old token");
    let mounted = ("CREDENTIALS_DIR", text(folder.path()));
    let irsa = ("AWS_ROLE_ARN", role.as_str());
    let table = [
        (mounted, "ExpiredTokenException"),
        (mounted, "AccessDenied"),
        (irsa, "ExpiredTokenException"),
        (irsa, "AccessDenied"),
    ];
    for (way, code) in table {
        world.aws.fail("AssumeRoleWithWebIdentity", 2, Fault::Answered(400, code));
        world.start_with(&[NO_KEY, way, ("AWS_WEB_IDENTITY_TOKEN_FILE", &token)]);
        let item = world.item("{}");
        let record = world.fail(&item, "CredentialsRejected").await;
        assert!(record.message.ends_with(&format!("({code})")), "{}", record.message);
        assert_eq!(record.error_class, Some(ErrorClass::Transient));
        world.until(&item, "ready", |record| record.state == State::Ready).await;
        world.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_missing_is_named_for_each_service() {
    let table = [
        (Kind::BlobStorage, "PUT", "s3:CreateBucket"),
        (Kind::BlobStorage, "CreateUser", "iam:CreateUser"),
        (Kind::SmtpCredentialSet, "PutUserPolicy", "iam:PutUserPolicy"),
        (Kind::Postgres, "CreateDBInstance", "rds:CreateDBInstance"),
        (Kind::Redis, "CreateReplicationGroup", "elasticache:CreateReplicationGroup"),
        (Kind::BlobStorage, "GetCallerIdentity", "sts:GetCallerIdentity"),
    ];
    for (kind, operation, action) in table {
        let world = World::on_ground(&[]).await;
        let mut item = world.item("{}");
        item.identity.kind = kind;
        world.aws.fail(operation, 1, Fault::Answered(403, "AccessDenied"));
        let record = world.fail(&item, "AccessDenied").await;
        assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson), "{action}");
        assert!(record.message.contains(&format!("allow {action}")), "{}", record.message);
        world.settle(&desiring(&item, Desired::Present), State::Ready).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_missing_for_the_network_is_named() {
    let nets = Nets::new().await;
    nets.world.aws.fail("CreateVpc", 1, Fault::Answered(403, "UnauthorizedOperation"));
    let item = nets.item("{}");
    let record = nets.world.fail(&item, "AccessDenied").await;
    assert!(record.message.contains("allow ec2:CreateVpc"), "{}", record.message);
    nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_only_informs_is_named_and_holds_nobody_up() {
    let denied = Fault::Answered(403, "AccessDenied");
    let world = World::new().await;
    world.aws.fail("GetSendQuota", 1, denied);
    let mut mail = world.item("{}");
    mail.identity.kind = Kind::SmtpCredentialSet;
    let record = world.settle(&mail, State::Ready).await;
    assert!(record.message.contains("allow ses:GetSendQuota"), "{}", record.message);

    let world = World::on_ground(&[("CLOUDWATCH_PERIOD_SECONDS", "1")]).await;
    world.aws.fail("GetMetricData", 1, denied);
    let mut database = world.item("{}");
    database.identity.kind = Kind::Postgres;
    world.settle(&database, State::Ready).await;
    let told = async || {
        Ok(world.log().contains("allow cloudwatch:GetMetricData to the operator").then_some(()))
    };
    eventually("told in the log", PATIENCE, told).await.unwrap();
}
