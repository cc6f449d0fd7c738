//! Bad input: the condition says what is wrong and what to do, and neighbours are not harmed.

use crds::ClaimKind;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;
use stack::{Claim, Stack};

async fn refused(stack: &Stack, claim: &Claim, reason: &str, part: &str) {
    stack.create(claim).await.unwrap();
    let object = stack.until_reason(claim, reason).await.unwrap();
    let message = object.data["status"]["message"].as_str().unwrap_or_default();
    assert!(message.contains(part), "{reason}: {message}");
    assert_eq!(object.data["status"]["phase"], "failed", "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_cannot_be_served_says_why_and_can_be_deleted() {
    let stack = Stack::start("input-refused").await.unwrap();
    let other = json!({"name": "a-sec", "namespace": "default"});
    let cases = [
        (Claim::new(ClaimKind::Redis, "type", "nowhere"), "UnsupportedType", "managed"),
        (Claim::redis("tier").tier("gold"), "UnsupportedTier", "development, production"),
        (Claim::redis("namespace").with("secretRef", other), "NamespaceRefused", "secretRef"),
    ];
    for (claim, reason, part) in &cases {
        refused(&stack, claim, reason, part).await;
    }
    let good = Claim::redis("good");
    stack.create(&good).await.unwrap();
    stack.until_complete(&good).await.unwrap();
    for (claim, ..) in &cases {
        stack.delete(claim).await.unwrap();
        stack.until_gone(claim).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_secret_is_never_touched() {
    let stack = Stack::start("input-taken").await.unwrap();
    let api: Api<Secret> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let theirs = json!({"metadata": {"name": "theirs"}, "stringData": {"token": "precious"}});
    let theirs: Secret = serde_json::from_value(theirs).unwrap();
    api.create(&PostParams::default(), &theirs).await.unwrap();
    let claim = Claim::redis("cache").secret("theirs");
    stack.create(&claim).await.unwrap();
    stack.until_reason(&claim, "SecretTaken").await.unwrap();
    let kept = stack.secret("theirs").await.unwrap().unwrap();
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [("token".into(), "precious".into())]);
    // It heals when the name becomes free.
    api.delete("theirs", &DeleteParams::default()).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_whose_secret_is_taken_may_choose_another_name() {
    let stack = Stack::start("input-renamed").await.unwrap();
    let api: Api<Secret> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let theirs = json!({"metadata": {"name": "theirs"}, "stringData": {"token": "precious"}});
    let theirs: Secret = serde_json::from_value(theirs).unwrap();
    api.create(&PostParams::default(), &theirs).await.unwrap();
    let claim = Claim::redis("cache").secret("theirs");
    stack.create(&claim).await.unwrap();
    stack.until_reason(&claim, "SecretTaken").await.unwrap();
    let rename = |name| json!({"spec": {"secretRef": {"name": name}}});
    stack.patch(&claim, rename("own")).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    assert!(stack.secret("own").await.unwrap().is_some());
    let refusal = stack.patch(&claim, rename("another")).await.unwrap_err();
    assert!(format!("{refusal:#}").contains("cannot change once provisioned"), "{refusal:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_claims_that_name_one_secret_the_older_wins() {
    let stack = Stack::start("input-shared").await.unwrap();
    let first = Claim::redis("first").secret("shared");
    stack.create(&first).await.unwrap();
    stack.until_complete(&first).await.unwrap();
    let values = stack.secret("shared").await.unwrap();
    let second = Claim::postgres("second").secret("shared");
    refused(&stack, &second, "SecretTaken", "Redis first").await;
    assert_eq!(stack.secret("shared").await.unwrap(), values);
    // A free name, and it goes on.
    stack.patch(&second, json!({"spec": {"secretRef": {"name": "own"}}})).await.unwrap();
    stack.until_complete(&second).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn names_at_the_length_limit_are_served() {
    let stack = Stack::start("input-long").await.unwrap();
    let name = format!("{}.b", "a".repeat(251));
    let on_aws = |kind, name: &str| Claim::new(kind, name, "managed");
    let other = format!("{}.c", "a".repeat(251));
    let claims = [
        Claim::postgres(&name),
        Claim::redis(&name),
        Claim::bucket(&name),
        on_aws(ClaimKind::Postgres, &other),
        on_aws(ClaimKind::Redis, &other),
    ];
    for (number, claim) in claims.into_iter().enumerate() {
        let claim = claim.secret(&format!("{}{number}", "s".repeat(245)));
        stack.create(&claim).await.unwrap();
        stack.until_complete(&claim).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w30_claims_of_one_name_and_two_kinds_share_nothing() {
    let stack = Stack::start("input-same-name").await.unwrap();
    let (postgres, redis) = (Claim::postgres("same").secret("p"), Claim::redis("same").secret("r"));
    stack.create(&postgres).await.unwrap();
    stack.create(&redis).await.unwrap();
    stack.until_complete(&postgres).await.unwrap();
    stack.until_complete(&redis).await.unwrap();
    let host =
        async |secret: &str, key: &str| stack.secret(secret).await.unwrap().unwrap()[key].clone();
    assert_ne!(host("p", "host").await, host("r", "uri").await);
    stack.delete(&redis).await.unwrap();
    stack.until_gone(&redis).await.unwrap();
    let object = stack.get(&postgres).await.unwrap().unwrap();
    assert_eq!(object.data["status"]["phase"], "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_recreated_with_its_name_starts_anew() {
    let stack = Stack::start("input-recreated").await.unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let before = stack.secret("orders-sec").await.unwrap().unwrap();
    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let after = stack.until_secret("orders-sec", "is new", |values| {
        values["password"] != before["password"] && values["host"] != before["host"]
    });
    after.await.unwrap();
}
