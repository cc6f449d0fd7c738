//! One claim from creation to Secret to deletion.

use std::collections::BTreeSet;

use crds::ClaimKind;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret, Service};
use kube::Resource;
use kube::api::{Api, ListParams};
use serde::de::DeserializeOwned;
use serde_json::json;
use stack::{Claim, Stack, condition, eventually};

/// How many objects of a kind exist for a claim.
async fn count<K>(stack: &Stack, uid: &str) -> usize
where
    K: Resource<Scope = NamespaceResourceScope> + Clone + std::fmt::Debug + DeserializeOwned,
    K::DynamicType: Default,
{
    let api: Api<K> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let selector = ListParams::default().labels(&format!("integreatly.org/claim-uid={uid}"));
    api.list(&selector).await.unwrap().items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_in_the_cluster_lives_from_claim_to_secret_to_deletion() {
    let stack = Stack::start("claim-postgres").await.unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    let object = stack.until_complete(&claim).await.unwrap();
    let uid = object.metadata.uid.clone().unwrap();

    let status = &object.data["status"];
    assert_eq!(status["strategy"], "openshift");
    assert_eq!(status["provider"], "openshift-postgres-template");
    assert_eq!(status["message"], "creation successful");
    assert_eq!(status["secretRef"], json!({"name": "orders-sec"}));
    assert_eq!(status["binding"], json!({"name": "orders-sec-binding"}));
    assert_eq!(status["observedGeneration"], json!(object.metadata.generation));
    assert_eq!(status["placement"]["observed"], true);
    for kind in ["Ready", "Scheduled", "Provisioned", "SecretWritten"] {
        assert_eq!(condition(&object, kind).unwrap()["status"], "True", "{kind}");
    }

    let secret = stack.secret("orders-sec").await.unwrap().unwrap();
    let keys: Vec<&String> = secret.keys().collect();
    assert_eq!(keys, ["database", "host", "password", "port", "username"]);
    assert_eq!(secret["port"], "5432");
    let identifier = status["placement"]["identifier"].as_str().unwrap();
    assert_eq!(secret["host"], format!("{identifier}.claim-postgres.svc.cluster.local"));
    let binding = stack.secret("orders-sec-binding").await.unwrap().unwrap();
    assert_eq!(binding["type"], "postgresql");
    assert!(binding["uri"].contains(&secret["password"]), "the uri holds the password");

    assert_eq!(count::<Deployment>(&stack, &uid).await, 1);
    assert_eq!(count::<Service>(&stack, &uid).await, 1);
    assert_eq!(count::<PersistentVolumeClaim>(&stack, &uid).await, 1);

    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    eventually("everything is gone", stack.patience, async || {
        let left = count::<Deployment>(&stack, &uid).await
            + count::<Service>(&stack, &uid).await
            + count::<PersistentVolumeClaim>(&stack, &uid).await
            + count::<Secret>(&stack, &uid).await;
        Ok((left == 0).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_in_the_cluster_has_a_password_and_the_go_operators_bare_host() {
    let stack = Stack::start("claim-redis").await.unwrap();
    let claim = Claim::redis("cache");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let secret = stack.secret("cache-sec").await.unwrap().unwrap();
    let keys: Vec<&String> = secret.keys().collect();
    assert_eq!(keys, ["password", "port", "uri"]);
    assert!(!secret["uri"].contains([':', '/']), "a bare host: {}", secret["uri"]);
    assert_eq!(secret["password"].len(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_on_aws_is_made_once_and_taken_away_with_its_user() {
    let stack = Stack::start("claim-bucket").await.unwrap();
    let claim = Claim::bucket("files");
    stack.create(&claim).await.unwrap();
    let object = stack.until_complete(&claim).await.unwrap();
    let status = &object.data["status"];
    assert_eq!(status["provider"], "aws-s3");
    assert_eq!(status["message"], "successfully created and tagged");
    assert_eq!(status["placement"]["region"], "eu-west-1");
    assert!(status["placement"]["account"].as_str().is_some_and(|it| it.len() == 12));
    let secret = stack.secret("files-sec").await.unwrap().unwrap();
    let keys: Vec<&String> = secret.keys().collect();
    assert_eq!(keys, ["bucketName", "bucketRegion", "credentialKeyID", "credentialSecretKey"]);
    assert_eq!(status["placement"]["identifier"], json!(secret["bucketName"]));
    let annotated = stack.until(&claim, "annotated", |object| {
        let annotations = object.metadata.annotations.as_ref();
        annotations.and_then(|all| all.get("resourceIdentifier")) == Some(&secret["bucketName"])
    });
    annotated.await.unwrap();

    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    let done = |operation: &str| {
        let calls = stack.aws.calls();
        calls.iter().filter(|call| call.operation == operation && call.status < 300).count()
    };
    assert_eq!(done("CreateUser"), 1);
    assert_eq!(done("CreateAccessKey"), 1);
    assert_eq!(done("DeleteAccessKey"), 1);
    assert_eq!(done("DeleteUser"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_is_complete_at_once_and_has_no_finalizer() {
    let stack = Stack::start("claim-placeholder").await.unwrap();
    let claim = Claim::placeholder("files");
    stack.create(&claim).await.unwrap();
    let object = stack.until_complete(&claim).await.unwrap();
    assert_eq!(object.metadata.finalizers, None);
    let secret = stack.secret("files-sec").await.unwrap().unwrap();
    assert_eq!(secret["credentialSecretKey"], "REPLACE_ME");
    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_credentials_in_the_cluster_are_a_placeholder_to_fill_in() {
    let stack = Stack::start("claim-mail").await.unwrap();
    let claim = Claim::mail("mail");
    stack.create(&claim).await.unwrap();
    let object = stack.until_complete(&claim).await.unwrap();
    assert_eq!(object.data["status"]["provider"], "openshift-smtp");
    assert_eq!(object.metadata.finalizers, None);
    let secret = stack.secret("mail-sec").await.unwrap().unwrap();
    let keys: Vec<&String> = secret.keys().collect();
    assert_eq!(keys, ["host", "password", "port", "tls", "username"]);
    assert_eq!((secret["host"].as_str(), secret["port"].as_str()), ("REPLACE_ME", "587"));
    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn w70_every_kind_is_paused_by_skip_create_and_goes_on_without() {
    let stack = Stack::start("claim-paused").await.unwrap();
    let claims = [
        Claim::postgres("a"),
        Claim::redis("b"),
        Claim::bucket("c"),
        Claim::placeholder("d"),
        Claim::mail("e"),
    ]
    .map(|claim| claim.with("skipCreate", true));
    for claim in &claims {
        stack.create(claim).await.unwrap();
        let object = stack.until_reason(claim, "Paused").await.unwrap();
        assert_eq!(object.data["status"]["phase"], "paused");
        let message = "skipping create or update for maintenance";
        assert_eq!(object.data["status"]["message"], message);
        assert_eq!(stack.secret(&format!("{}-sec", claim.name)).await.unwrap(), None);
    }
    let calls = stack.aws.calls();
    assert!(calls.iter().all(|call| !call.is_write()), "{calls:?}");
    for claim in &claims {
        stack.patch(claim, json!({"spec": {"skipCreate": false}})).await.unwrap();
        stack.until_complete(claim).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_credentials_on_aws_come_with_a_user_and_go_with_it() {
    let stack = Stack::start("claim-mail-aws").await.unwrap();
    let claim = Claim::new(ClaimKind::SmtpCredentialSet, "mail", "managed");
    stack.create(&claim).await.unwrap();
    let object = stack.until_complete(&claim).await.unwrap();
    assert_eq!(object.data["status"]["provider"], "aws-ses");
    let secret = stack.secret("mail-sec").await.unwrap().unwrap();
    let keys: Vec<&str> = secret.keys().map(String::as_str).collect();
    assert_eq!(keys, ["host", "password", "port", "tls", "username"]);
    assert_eq!(secret["host"], "email-smtp.eu-west-1.amazonaws.com");
    let kept = stack.secret("mail-aws-ses-credentials").await.unwrap().unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["keyId", "smtpPassword"]);
    assert_eq!((&kept["keyId"], &kept["smtpPassword"]), (&secret["username"], &secret["password"]));
    let users = "Action=ListUsers&Version=2010-05-08";
    assert_eq!(stack.aws.query("iam", users, "UserName").await.unwrap().len(), 1);
    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    assert_eq!(stack.aws.query("iam", users, "UserName").await.unwrap().len(), 0);
}

/// Every value in a Secret of the namespace.
async fn secret_values(stack: &Stack) -> BTreeSet<String> {
    let api: Api<Secret> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let secrets = api.list(&ListParams::default()).await.unwrap().items.into_iter();
    let values = secrets.flat_map(|secret| secret.data.unwrap_or_default().into_values());
    values.map(|value| String::from_utf8(value.0).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn w46_secrets_of_a_namespace_hold_the_keys_of_users_of_its_claims_and_no_others() {
    let stack = Stack::start("claim-keys").await.unwrap();
    let mail = Claim::new(ClaimKind::SmtpCredentialSet, "mail", "managed");
    let mut keys = BTreeSet::new();
    for claim in [Claim::bucket("files"), mail] {
        stack.create(&claim).await.unwrap();
        let object = stack.until_complete(&claim).await.unwrap();
        let user = object.data["status"]["placement"]["identifier"].as_str().unwrap();
        let list = format!("Action=ListAccessKeys&UserName={user}&Version=2010-05-08");
        keys.extend(stack.aws.query("iam", &list, "AccessKeyId").await.unwrap());
    }
    let values = secret_values(&stack).await;
    // The operator's own key is the text "local", here.
    assert!(!values.contains("local"), "{values:?}");
    let is_key = |text: &&String| text.len() == 20 && text[1..].starts_with("KIA");
    let opened: BTreeSet<_> = values.iter().filter(is_key).cloned().collect();
    assert_eq!((opened, keys.len()), (keys.clone(), 2));
}
