//! `kubectl scale`.

use cluster::{Installation, Load, NAMESPACE, metric, metrics, operator_pods};

/// What each replica of a service counts.
async fn counted(client: &kube::Client, service: &str, name: &str) -> Vec<f64> {
    let mut counts = Vec::new();
    for pod in operator_pods(client, NAMESPACE, Some(service)).await.unwrap() {
        counts.push(metric(&metrics(client, &pod).await.unwrap(), name));
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_scales_to_three_and_back_and_replicas_share_the_work() {
    let installation = Installation::changed().await.unwrap();
    let tenant = installation.tenant("replicas").await.unwrap();
    let scale = async |count: &str| {
        let (count, namespace) =
            (format!("--replicas={count}"), format!("--namespace={NAMESPACE}"));
        let args = ["scale", "deployment", "--all", &count, &namespace];
        installation.cluster.kubectl(&args).await.unwrap();
        installation.release().until_settled().await.unwrap();
    };
    scale("3").await;
    // Helm leaves the number to whoever scales.
    installation.release().upgrade(&["log.level=debug"]).await.unwrap();
    installation.release().until_settled().await.unwrap();
    let load = Load::start(&tenant);
    load.until_made(60).await.unwrap();
    load.finish().await.unwrap();

    for (service, counter) in [
        ("aws-provisioner", "worker_turns_total"),
        ("openshift-provisioner", "worker_turns_total"),
        ("secret-writer", "secret_writer_reconciles_total"),
    ] {
        let counts = counted(&tenant.client, service, counter).await;
        assert!(
            counts.len() == 3 && counts.iter().all(|count| *count > 0.0),
            "{service} {counts:?}"
        );
    }
    let leaders = counted(&tenant.client, "watcher", "watcher_leader").await;
    assert!((leaders.iter().sum::<f64>() - 1.0).abs() < f64::EPSILON, "{leaders:?}");

    let load = Load::start(&tenant.with_namespace("replicas-fewer").await.unwrap());
    scale("1").await;
    load.finish().await.unwrap();
}
