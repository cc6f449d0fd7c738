//! Buckets, on LocalStack.

use cluster::{Client, Installation};
use stack::Claim;

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_takes_and_gives_an_object_with_the_keys_of_its_secret() {
    let installation = Installation::used().await.unwrap();
    let tenant = installation.tenant("buckets").await.unwrap();
    let claim = Claim::bucket("files");
    tenant.create(&claim).await.unwrap();
    tenant.until_complete(&claim).await.unwrap();
    let client = Client::of_bucket(&installation.cluster, &tenant, "files-sec").await.unwrap();
    client.put("greeting", "hello").await.unwrap();
    assert_eq!(client.get("greeting").await.unwrap(), "hello");

    // A bucket that holds objects is kept.
    tenant.delete(&claim).await.unwrap();
    tenant.until_gone(&claim).await.unwrap();
}
