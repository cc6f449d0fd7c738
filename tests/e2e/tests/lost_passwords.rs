//! Passwords of databases on AWS, whose Secrets people delete.

use crds::ClaimKind;
use crds::names::{binding_secret, credential_secret};
use proto::Service;
use serde_json::{Value, json};
use stack::{Claim, Stack, condition};

use crate::secrets::delete;

/// Each with its tier as it was, but that a lost password is replaced.
fn databases() -> [(Claim, Value); 2] {
    let postgres = json!({"development": {
        "createStrategy": {"MultiAZ": false, "BackupRetentionPeriod": 1, "DeletionProtection": false},
        "deleteStrategy": {"SkipFinalSnapshot": true},
        "lostPassword": "reset",
    }});
    let redis = json!({"development": {
        "createStrategy": {"SnapshotRetentionLimit": 0},
        "deleteStrategy": {"FinalSnapshotIdentifier": ""},
        "lostPassword": "reset",
    }});
    [
        (Claim::new(ClaimKind::Postgres, "orders", "managed"), postgres),
        (Claim::new(ClaimKind::Redis, "cache", "managed"), redis),
    ]
}

/// The Secret that keeps the password, and the two that publish it.
fn secrets(claim: &Claim) -> [String; 3] {
    let secret = format!("{}-sec", claim.name);
    let kept = credential_secret(&claim.name, "aws", claim.kind).unwrap();
    [kept, secret.clone(), binding_secret(&secret)]
}

async fn published(stack: &Stack, claim: &Claim) -> String {
    let name = format!("{}-sec", claim.name);
    stack.secret(&name).await.unwrap().unwrap()["password"].clone()
}

/// The password that AWS lets in.
async fn in_force(stack: &Stack, claim: &Claim) -> String {
    let object = stack.get(claim).await.unwrap().unwrap();
    let id = object.data["status"]["placement"]["identifier"].as_str().unwrap();
    stack.aws.login(id).unwrap().password
}

fn changes(stack: &Stack) -> usize {
    let changes = ["ModifyDBInstance", "ModifyReplicationGroup"];
    stack.aws.calls().iter().filter(|it| changes.contains(&it.operation.as_str())).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_a_lost_secret_comes_back_and_a_lost_password_needs_a_person_or_a_strategy() {
    let mut stack = Stack::start("lost-passwords").await.unwrap();
    for (claim, _) in databases() {
        stack.create(&claim).await.unwrap();
    }
    for (claim, _) in databases() {
        stack.until_complete(&claim).await.unwrap();
        assert_eq!(published(&stack, &claim).await, in_force(&stack, &claim).await);
        for name in secrets(&claim) {
            let values = stack.secret(&name).await.unwrap().unwrap();
            delete(&stack, &name).await;
            stack.until_secret(&name, "is back", |it| *it == values).await.unwrap();
        }
    }

    stack.service(Service::SecretWriter).kill();
    for name in databases().iter().flat_map(|(claim, _)| secrets(claim)) {
        delete(&stack, &name).await;
    }
    stack.service(Service::SecretWriter).start().unwrap().ready().await.unwrap();
    for (claim, _) in databases() {
        let told = stack.until_reason(&claim, "NeedsPerson").await.unwrap();
        let message = condition(&told, "Ready").unwrap()["message"].as_str().unwrap();
        assert!(message.contains("lost"), "{message}");
    }
    assert_eq!(changes(&stack), 0);

    for (claim, strategy) in databases() {
        let config_map = "cloud-resources-aws-strategies";
        let strategy = strategy.to_string();
        stack.configure(config_map, claim.kind.mapping_key(), strategy).await.unwrap();
    }
    for (claim, _) in databases() {
        stack.until_complete(&claim).await.unwrap();
        assert_eq!(published(&stack, &claim).await, in_force(&stack, &claim).await);
    }
    assert_eq!(changes(&stack), 2);
}
