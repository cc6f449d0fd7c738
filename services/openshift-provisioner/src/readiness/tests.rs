use serde_json::{Value, json};

use super::*;
use crate::engine::Engine;
use crate::fixtures::{healthy, manifests, with};
use crate::strategy::Overrides;

fn observed() -> Observed {
    healthy(&manifests(Engine::Postgres, &Overrides::default()))
}

fn unavailable() -> Observed {
    let observed = observed();
    let status = json!({"status": {"availableReplicas": null, "replicas": 1}});
    Observed { deployment: observed.deployment.map(|it| with(&it, status)), ..observed }
}

fn with_deployment(changes: Value) -> Observed {
    let observed = unavailable();
    Observed { deployment: observed.deployment.map(|it| with(&it, changes)), ..observed }
}

fn with_pod(status: &Value) -> Observed {
    let pod = serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).unwrap();
    Observed { pods: vec![pod], ..unavailable() }
}

fn waiting(reason: &str) -> Observed {
    with_pod(&json!({"containerStatuses": [{
        "name": "postgres", "image": "registry.example/postgres:16", "imageID": "", "ready": false,
        "restartCount": 0, "state": {"waiting": {"reason": reason, "message": "request id 4711"}},
    }]}))
}

fn message(observed: &Observed) -> String {
    missing(observed).unwrap().message
}

#[test]
fn ready_when_the_newest_pod_serves() {
    assert_eq!(missing(&observed()), None);
    let status = |changes: Value| {
        let observed = observed();
        let deployment = observed.deployment.map(|it| with(&it, json!({"status": changes})));
        missing(&Observed { deployment, ..observed }).is_none()
    };
    let table = [
        (json!({}), true),
        (json!({"availableReplicas": 0}), false),
        (json!({"updatedReplicas": null}), false),
        (json!({"observedGeneration": 0}), false),
        // The pod of before the change still holds the volume.
        (json!({"replicas": 2}), false),
        (json!({"replicas": null, "updatedReplicas": null, "availableReplicas": null}), false),
    ];
    for (changes, is_ready) in table {
        assert_eq!(status(changes.clone()), is_ready, "{changes}");
    }
}

#[test]
fn without_a_known_cause_the_go_operators_text_stands_alone() {
    assert_eq!(message(&unavailable()), "creation in progress");
    assert_eq!(message(&Observed::default()), "creation in progress");
}

#[test]
fn p06_a_pull_that_fails_is_told_in_one_stable_text() {
    let texts =
        ["ErrImagePull", "ImagePullBackOff", "InvalidImageName"].map(|it| message(&waiting(it)));
    assert_eq!(texts[0], texts[1]);
    assert_eq!(
        texts[2],
        "creation in progress: the image registry.example/postgres:16 cannot be pulled; check its name and the \
         pull secret"
    );
}

#[test]
fn the_cause_is_told() {
    let volume = |spec: Value| {
        let observed = unavailable();
        let changes = json!({"status": {"phase": "Pending"}, "spec": spec});
        Observed { volume: observed.volume.map(|it| with(&it, changes)), ..observed }
    };
    let scaled = json!({
        "metadata": {"managedFields": [
            {"manager": "scaler", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
        ]},
        "spec": {"replicas": 0},
    });
    let refused = json!({"status": {"conditions": [
        {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: q"},
    ]}});
    let table = vec![
        (with_deployment(scaled), "scaler scaled the Deployment to 0"),
        (with_deployment(refused), "pods are refused: exceeded quota: q"),
        (volume(json!({})), "the cluster has no default StorageClass"),
        (waiting("CreateContainerConfigError"), "the Secret with the credentials cannot be used"),
        (waiting("CrashLoopBackOff"), "container postgres stops again and again"),
        (
            with_pod(&json!({"conditions": [{
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/3 nodes are available",
            }]})),
            "no node takes the pod: 0/3 nodes are available",
        ),
    ];
    for (observed, cause) in table {
        let told = message(&observed);
        assert!(told.starts_with(&format!("creation in progress: {cause}")), "{told}");
    }
    assert_eq!(message(&volume(json!({"storageClassName": "slow"}))), IN_PROGRESS);
    assert_eq!(message(&waiting("ContainerCreating")), IN_PROGRESS);
}

#[test]
fn missing_credentials_are_noticed() {
    assert!(missing(&waiting("CreateContainerConfigError")).unwrap().lacks_credentials);
    assert!(!missing(&waiting("ErrImagePull")).unwrap().lacks_credentials);
}

#[test]
fn the_longer_nothing_moves_the_rarer_we_look() {
    let observed = with_deployment(json!({
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "status": {"conditions": [
            {"type": "Progressing", "status": "True", "lastUpdateTime": "2026-01-01T01:00:00Z"},
        ]},
    }));
    let moved: k8s_openapi::jiff::Timestamp = "2026-01-01T01:00:00Z".parse().unwrap();
    let after = |seconds| {
        let now = SystemTime::from(moved) + Duration::from_secs(seconds);
        look_again(&observed, now).as_secs()
    };
    assert_eq!([0, 80, 160, 480, 100_000].map(after), [10, 10, 20, 60, 60]);
    assert_eq!(look_again(&Observed::default(), SystemTime::now()), SOONEST);
}
