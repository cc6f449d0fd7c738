//! `helm install`.

use std::time::Duration;

use cluster::{Installation, LocalStack, NAMESPACE, operator_pods};
use crds::ClaimKind;
use serde_json::json;
use stack::{Claim, read_folder, repository};

/// What the documentation promises, once images are there.
const PROMISED: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn all_pods_are_ready_within_a_minute() {
    let installation = Installation::used().await.unwrap();
    assert!(installation.ready_after <= PROMISED, "{:?}", installation.ready_after);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pod_is_restricted_and_cannot_write_its_own_image() {
    let installation = Installation::used().await.unwrap();
    let client = installation.cluster.client().await.unwrap();
    let pods = operator_pods(&client, NAMESPACE, None).await.unwrap();
    assert_eq!(pods.len(), 5);
    for pod in pods {
        let pod = json!(pod);
        let (name, spec) = (&pod["metadata"]["name"], &pod["spec"]);
        assert_eq!(spec["securityContext"]["runAsNonRoot"], true, "{name}");
        assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{name}");
        for container in spec["containers"].as_array().unwrap() {
            let security = &container["securityContext"];
            assert_eq!(security["readOnlyRootFilesystem"], true, "{name}");
            assert_eq!(security["allowPrivilegeEscalation"], false, "{name}");
            assert_eq!(security["capabilities"], json!({"drop": ["ALL"]}), "{name}");
        }
        for status in pod["status"]["containerStatuses"].as_array().unwrap() {
            assert_eq!(status["restartCount"], 0, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_in_the_cluster_need_no_values_and_those_on_aws_say_what_they_wait_for() {
    let installation = Installation::changed().await.unwrap();
    let release = installation.release();
    release.replace(&[]).await.unwrap();
    release.until_settled().await.unwrap();
    let tenant = installation.tenant("samples").await.unwrap();
    for sample in read_folder(&repository().join("deploy/samples")).unwrap() {
        tenant.apply(&sample).await.unwrap();
    }
    for claim in [
        Claim::postgres("example-postgres"),
        Claim::redis("example-redis"),
        Claim::placeholder("example-blobstorage-workshop"),
        Claim::mail("example-smtp"),
    ] {
        tenant.until_complete(&claim).await.unwrap();
    }
    let on_aws = [
        Claim::bucket("example-blobstorage"),
        Claim::new(ClaimKind::SmtpCredentialSet, "example-smtp-aws", "managed"),
    ];
    for claim in &on_aws {
        let waiting = tenant.until_reason(claim, "NeedsPerson").await.unwrap();
        let message = waiting.data["status"]["message"].as_str().unwrap();
        assert!(message.contains("no AWS region is known"), "{message}");
    }
    release.upgrade(&LocalStack::VALUES).await.unwrap();
    for claim in &on_aws {
        tenant.until_complete(claim).await.unwrap();
    }
}
