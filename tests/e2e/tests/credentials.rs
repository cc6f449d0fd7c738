//! AWS credentials that come when the operator already runs.

use crds::ClaimKind;
use proto::Service;
use stack::{Cco, Claim, Folder, Stack, condition};

const NAME: &str = "cloud-resources-aws-credentials";

#[tokio::test(flavor = "multi_thread")]
async fn claims_on_aws_wait_until_openshift_has_minted_credentials_and_go_on_by_themselves() {
    let mut stack = Stack::prepare("minted").await.unwrap();
    let cco = Cco::install(&stack, NAME).await.unwrap();
    let mounted = Folder::for_test().unwrap();
    let writer = stack.service(Service::SecretWriter);
    writer.set("CREDENTIALS_REQUEST_NAMESPACE", "minted");
    writer.set("CREDENTIALS_REQUEST_PERIOD_SECONDS", "1");
    let provisioner = stack.service(Service::AwsProvisioner);
    provisioner.set("AWS_ACCESS_KEY_ID", "");
    provisioner.set("CREDENTIALS_DIR", mounted.path().to_str().unwrap());
    stack.start_services().await.unwrap();

    let (bucket, cache) = (Claim::bucket("images"), Claim::redis("cache"));
    stack.create(&bucket).await.unwrap();
    let object = stack.until_reason(&bucket, "WaitingForCredentials").await.unwrap();
    let ready = condition(&object, "Ready").unwrap();
    let message = ready["message"].as_str().unwrap();
    assert!(message.contains("no AWS credentials yet; it goes on by itself"), "{message}");
    assert_eq!(object.data["status"]["phase"], "in progress");
    // Nobody else waits.
    stack.create(&cache).await.unwrap();
    stack.until_complete(&cache).await.unwrap();

    stack::eventually("asked for", stack.patience, async || Ok(cco.api.get_opt(NAME).await?))
        .await
        .unwrap();
    cco.answer("MINTED").await.unwrap();
    let minted = stack.secret(NAME).await.unwrap().unwrap();
    // What a kubelet does with an optional volume.
    for (key, value) in minted {
        std::fs::write(mounted.path().join(key), value).unwrap();
    }
    stack.until_complete(&bucket).await.unwrap();
    let calls = stack.aws.calls();
    assert!(calls.iter().any(|call| call.caller == "MINTED" && call.operation == "PUT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_local_mode_a_service_may_have_an_endpoint_of_its_own() {
    let mut stack = Stack::prepare("own-endpoints").await.unwrap();
    let double = stack.aws.url();
    let nowhere = "http://127.0.0.1:1";
    let provisioner = stack.service(Service::AwsProvisioner).set("AWS_ENDPOINT_URL", nowhere);
    for service in ["S3", "IAM", "STS"] {
        provisioner.set(&format!("AWS_ENDPOINT_URL_{service}"), &double);
    }
    stack.start_services().await.unwrap();
    let (bucket, mail) = (Claim::bucket("files"), Claim::mail("mail"));
    stack.create(&bucket).await.unwrap();
    stack.create(&mail).await.unwrap();
    stack.until_complete(&bucket).await.unwrap();
    stack.until_complete(&mail).await.unwrap();
    let postgres = Claim::new(ClaimKind::Postgres, "orders", "managed");
    stack.create(&postgres).await.unwrap();
    // Databases have the endpoint for all, where nobody answers.
    stack.until_reason(&postgres, "Transient").await.unwrap();
}
