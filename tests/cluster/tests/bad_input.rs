//! What cannot work is said, and nothing is lost.

use cluster::{Installation, NAMESPACE, Release};
use stack::Claim;

/// What Helm says when it refuses to install.
async fn refusal(release: Release<'_>, values: &[&str]) -> String {
    format!("{:#}", release.install(values).await.unwrap_err())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_installation_is_refused_in_the_same_namespace_and_in_another() {
    let installation = Installation::used().await.unwrap();
    let cluster = &installation.cluster;
    let said = refusal(Release::named(cluster, "second", NAMESPACE), &[]).await;
    let expected = format!("the release {NAMESPACE} is an installation in this namespace already");
    assert!(said.contains(&expected), "{said}");
    let said = refusal(Release::named(cluster, "second", "elsewhere"), &[]).await;
    assert!(said.contains("two operators must not serve the same namespace"), "{said}");
    installation.release().until_settled().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_nats_credentials_are_named() {
    let installation = Installation::used().await.unwrap();
    let release = || Release::named(&installation.cluster, "second", "elsewhere");
    let external = ["nats.enabled=false", "nats.external.url=tls://nats.example.com:4222"];
    let said = refusal(release(), &external).await;
    assert!(said.contains("nats.external.credentialsSecret is missing"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_is_refused_with_its_path() {
    let installation = Installation::used().await.unwrap();
    let release = || Release::named(&installation.cluster, "second", "elsewhere");
    let said = refusal(release(), &["nats.replicas=2"]).await;
    assert!(said.contains("nats/replicas") || said.contains("nats.replicas"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_region_is_told_at_the_claim() {
    let installation = Installation::changed().await.unwrap();
    let tenant = installation.tenant("region").await.unwrap();
    let release = installation.release();
    // AWS itself, which is nowhere in this network.
    let values = ["aws.region=eu-wset-1", "aws.requireEndpoint=false", "aws.endpointUrl="];
    release.upgrade(&values).await.unwrap();
    release.until_settled().await.unwrap();
    let claim = Claim::bucket("files");
    tenant.create(&claim).await.unwrap();
    let told = tenant.until(&claim, "told of the region", |object| {
        object.data["status"]["message"].as_str().is_some_and(|it| it.contains("check the region"))
    });
    told.await.unwrap();
}
