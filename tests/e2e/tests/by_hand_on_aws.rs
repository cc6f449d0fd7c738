//! What administrators see and do in the AWS account and in the strategies, beside the operator.

use crds::ClaimKind;
use proto::Service;
use serde_json::json;
use stack::{Claim, Stack, condition, eventually};

const STRATEGIES: &str = "cloud-resources-aws-strategies";

const CLUSTER_ID: &str = "integreatly.org/clusterID";

fn postgres() -> Claim {
    Claim::new(ClaimKind::Postgres, "orders", "managed")
}

fn of_rds(action: &str) -> String {
    format!("Action={action}&Version=2014-10-31")
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_was_made_for_a_cluster_is_found_by_its_tag() {
    let stack = Stack::start("aws-tagged").await.unwrap();
    let redis = Claim::new(ClaimKind::Redis, "cache", "managed");
    let claims = [postgres(), redis, Claim::bucket("images")];
    for claim in &claims {
        stack.create(claim).await.unwrap();
    }
    for claim in &claims {
        stack.until_complete(claim).await.unwrap();
    }
    // The README's query. moto's answer lacks subnet groups of RDS.
    let found = stack.aws.tagged(CLUSTER_ID, "local-aws-tagged").await.unwrap();
    let parts = [
        (":db:", 1),
        (":replicationgroup:", 1),
        (":subnetgroup:", 1),
        (":vpc/", 1),
        (":subnet/", 2),
        (":security-group/", 2),
        (":vpc-peering-connection/", 1),
        (":s3:::", 1),
    ];
    for (part, count) in parts {
        let matching = found.iter().filter(|arn| arn.contains(part)).count();
        assert_eq!(matching, count, "{part}: {found:#?}");
    }
    for claim in &claims {
        stack.delete(claim).await.unwrap();
        stack.until_gone(claim).await.unwrap();
    }
    // The network goes after the last claim. AWS shows a peering that was deleted for an hour.
    eventually("nothing is tagged", stack.patience, async || {
        let mut left = stack.aws.tagged(CLUSTER_ID, "local-aws-tagged").await?;
        left.retain(|arn| !arn.contains(":vpc-peering-connection/"));
        anyhow::ensure!(left.is_empty(), "{left:#?}");
        Ok(Some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_database_that_somebody_deleted_is_told_and_not_replaced() {
    let mut stack = Stack::prepare("aws-gone").await.unwrap();
    let often = "1";
    let service = stack.service(Service::AwsProvisioner);
    service.set("INVENTORY_PERIOD_SECONDS", often).set("DRIFT_PERIOD_SECONDS", often);
    stack.start_services().await.unwrap();
    stack.create(&postgres()).await.unwrap();
    let object = stack.until_complete(&postgres()).await.unwrap();
    let id = object.data["status"]["placement"]["identifier"].as_str().unwrap();
    let secret = stack.secret("orders-sec").await.unwrap();

    let delete =
        format!("{}&DBInstanceIdentifier={id}&SkipFinalSnapshot=true", of_rds("DeleteDBInstance"));
    stack.aws.query("rds", &delete, "DBInstance").await.unwrap();
    let told = stack.until_reason(&postgres(), "NeedsPerson").await.unwrap();
    assert_eq!(condition(&told, "Ready").unwrap()["status"], "False");
    assert_eq!(told.data["status"]["phase"], "failed");
    let message = told.data["status"]["message"].as_str().unwrap();
    assert!(message.contains("is gone"), "{message}");
    // Its password may still open a restored one.
    assert_eq!(stack.secret("orders-sec").await.unwrap(), secret);
    let created = stack.aws.calls().iter().filter(|it| it.operation == "CreateDBInstance").count();
    assert_eq!(created, 1);
    stack.delete(&postgres()).await.unwrap();
    stack.until_gone(&postgres()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_strategy_changed_just_before_the_deletion_counts() {
    let stack = Stack::start("aws-delete-strategy").await.unwrap();
    let snapshots = async || {
        stack
            .aws
            .query("rds", &of_rds("DescribeDBSnapshots"), "DBSnapshotIdentifier")
            .await
            .unwrap()
    };
    for (skips, expected) in [(false, 1), (true, 1)] {
        stack.create(&postgres()).await.unwrap();
        stack.until_complete(&postgres()).await.unwrap();
        let strategy = json!({"development": {
            "createStrategy": {"DeletionProtection": false},
            "deleteStrategy": {"SkipFinalSnapshot": skips},
        }});
        stack.configure(STRATEGIES, "postgres", strategy.to_string()).await.unwrap();
        stack.delete(&postgres()).await.unwrap();
        stack.until_gone(&postgres()).await.unwrap();
        assert_eq!(snapshots().await.len(), expected, "SkipFinalSnapshot: {skips}");
    }
}
