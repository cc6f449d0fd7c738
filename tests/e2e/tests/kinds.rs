//! Replicas that take the work of some kinds only.

use proto::Service;
use stack::{Claim, Stack, condition};

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_is_served_by_the_replicas_that_take_it() {
    let mut stack = Stack::prepare("kinds").await.unwrap();
    stack.service(Service::OpenshiftProvisioner).set("KINDS", "postgres");
    stack.start_services().await.unwrap();
    let (postgres, redis) = (Claim::postgres("orders"), Claim::redis("cache"));
    stack.create(&redis).await.unwrap();
    stack.create(&postgres).await.unwrap();
    stack.until_complete(&postgres).await.unwrap();
    let object = stack.until_reason(&redis, "Scheduled").await.unwrap();
    assert_eq!(condition(&object, "Ready").unwrap()["status"], "False");

    let provisioner = stack.service(Service::OpenshiftProvisioner);
    provisioner.set("KINDS", "redis,smtpcredentialset").start().unwrap();
    stack.until_complete(&redis).await.unwrap();
}
