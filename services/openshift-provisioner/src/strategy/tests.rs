use proptest::proptest;
use serde_json::json;

use super::*;

const IMAGE: &str = "registry.example/postgres:16";

fn read(json: &Value) -> Result<Overrides, Failure> {
    overrides(&Strategy { tier: "production".to_owned(), json: json.to_string() }, IMAGE)
}

fn refusal(strategy: &Value) -> String {
    let failure = read(&json!({"strategy": strategy})).unwrap_err();
    assert_eq!((failure.class, failure.reason), (ErrorClass::Invalid, "Invalid"));
    failure.message
}

/// The value at the end of a path such as `a.b[0].c`.
fn nested(path: &str, leaf: Value) -> Value {
    path.split('.').rev().fold(leaf, |value, step| match step.strip_suffix("[0]") {
        Some(name) => json!({name: [value]}),
        None => json!({step: value}),
    })
}

#[test]
fn nothing_asked_is_nothing_changed() {
    for json in ["", "  ", "{}", r#"{"strategy": {}}"#, r#"{"strategy": null}"#] {
        let strategy = Strategy { tier: "development".to_owned(), json: json.to_owned() };
        assert_eq!(overrides(&strategy, IMAGE).unwrap(), Overrides::default(), "{json}");
    }
}

#[test]
fn null_and_empty_texts_are_absent() {
    let written = json!({
        "deploymentSpec": {
            "paused": null,
            "template": {"spec": {"serviceAccountName": "", "hostname": null, "containers": []}},
        },
        "serviceSpec": {"clusterIP": "", "externalName": null},
        "pvcSpec": {"storageClassName": "", "volumeName": ""},
        "secretData": {"password": ""},
    });
    assert_eq!(read(&json!({"strategy": written})).unwrap(), Overrides::default());
}

#[test]
fn what_x36_allows_is_taken() {
    let asked = read(&json!({"strategy": {
        "deploymentSpec": {
            "replicas": 1,
            "template": {"spec": {
                "nodeSelector": {"kubernetes.io/arch": "arm64"},
                "tolerations": [{"key": "db", "operator": "Exists"}],
                "affinity": {"nodeAffinity": {}},
                "priorityClassName": "high",
                "topologySpreadConstraints": [
                    {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"},
                ],
                "containers": [{
                    "name": "postgres",
                    "image": "registry.example/postgres:17",
                    "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "4Gi"}},
                }],
            }},
        },
        "serviceSpec": {"type": "ClusterIP"},
        "pvcSpec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast",
            "resources": {"requests": {"storage": "20Gi"}},
        },
    }}));
    insta::assert_debug_snapshot!(asked.unwrap());
}

/// Fields of the container that a strategy may not set, or not to this value.
fn of_container() -> Vec<(&'static str, Value)> {
    vec![
        ("command[0]", json!("sh")),
        ("args[0]", json!("-c")),
        ("env[0].value", json!("x")),
        ("env[0].valueFrom.secretKeyRef.name", json!("other")),
        ("envFrom[0].secretRef.name", json!("other")),
        ("image", json!("registry.example/other:16")),
        ("image", json!("evil.example/postgres:16")),
        ("image", json!("registry.example/postgres")),
        ("imagePullPolicy", json!("Always")),
        ("lifecycle.preStop.exec.command[0]", json!("sh")),
        ("livenessProbe.exec.command[0]", json!("sh")),
        ("ports[0].hostPort", json!(22)),
        ("securityContext.privileged", json!(true)),
        ("securityContext.capabilities.add[0]", json!("SYS_ADMIN")),
        ("volumeMounts[0].mountPath", json!("/")),
        ("volumeDevices[0].devicePath", json!("/dev/sda")),
        ("resources.claims[0].name", json!("gpu")),
        ("resources.requests.cpu", json!("lots")),
        ("resources.limits.memory", json!("-1Gi")),
    ]
}

/// The same of the pod.
fn of_pod() -> Vec<(&'static str, Value)> {
    vec![
        ("serviceAccountName", json!("admin")),
        ("serviceAccount", json!("admin")),
        ("automountServiceAccountToken", json!(true)),
        ("hostNetwork", json!(true)),
        ("hostPID", json!(true)),
        ("hostIPC", json!(true)),
        ("hostUsers", json!(true)),
        ("hostAliases[0].ip", json!("10.0.0.1")),
        ("nodeName", json!("control-plane")),
        ("schedulerName", json!("mine")),
        ("runtimeClassName", json!("mine")),
        ("shareProcessNamespace", json!(true)),
        ("imagePullSecrets[0].name", json!("other")),
        ("securityContext.runAsUser", json!(0)),
        ("securityContext.runAsNonRoot", json!(false)),
        ("securityContext.sysctls[0].name", json!("kernel.x")),
        ("volumes[0].hostPath.path", json!("/")),
        ("volumes[0].secret.secretName", json!("other")),
        ("volumes[0].name", json!("other")),
        ("initContainers[0].image", json!("evil")),
        ("ephemeralContainers[0].image", json!("evil")),
        ("resourceClaims[0].name", json!("gpu")),
        ("terminationGracePeriodSeconds", json!(0)),
        ("nodeSelectorX.a", json!("b")),
    ]
}

/// The same of everything else.
fn of_the_rest() -> Vec<(&'static str, Value)> {
    vec![
        ("deploymentSpec.replicas", json!(2)),
        ("deploymentSpec.paused", json!(true)),
        ("deploymentSpec.minReadySeconds", json!(5)),
        ("deploymentSpec.revisionHistoryLimit", json!(0)),
        ("deploymentSpec.selector.matchLabels.app", json!("other")),
        ("deploymentSpec.strategy.type", json!("RollingUpdate")),
        ("deploymentSpec.template.metadata.labels.app", json!("other")),
        ("deploymentSpec.template.metadata.annotations.a", json!("b")),
        ("serviceSpec.type", json!("LoadBalancer")),
        ("serviceSpec.externalIPs[0]", json!("1.2.3.4")),
        ("serviceSpec.externalName", json!("evil.example")),
        ("serviceSpec.selector.app", json!("other")),
        ("serviceSpec.ports[0].port", json!(22)),
        ("serviceSpec.clusterIP", json!("None")),
        ("pvcSpec.accessModes[0]", json!("ReadWriteMany")),
        ("pvcSpec.volumeName", json!("other")),
        ("pvcSpec.volumeMode", json!("Block")),
        ("pvcSpec.dataSource.name", json!("other")),
        ("pvcSpec.dataSourceRef.namespace", json!("other")),
        ("pvcSpec.selector.matchLabels.a", json!("b")),
        ("pvcSpec.resources.limits.storage", json!("1Gi")),
        ("pvcSpec.resources.requests.storage", json!("big")),
        ("secretData.user", json!("postgres")),
        ("secretData.password", json!("hunter2")),
        ("configMapData.redis", json!("protected-mode no")),
    ]
}

#[test]
fn x36_every_forbidden_path_is_refused_by_its_name() {
    let pod = "deploymentSpec.template.spec";
    let below = |parent: &str, fields: Vec<(&str, Value)>| {
        let below = fields.into_iter().map(|(field, value)| (format!("{parent}{field}"), value));
        below.collect::<Vec<_>>()
    };
    let table = [
        below(&format!("{pod}.containers[0]."), of_container()),
        below(&format!("{pod}."), of_pod()),
        below("", of_the_rest()),
    ]
    .concat();
    let mut let_through = Vec::new();
    for (path, value) in table {
        let strategy = nested(&path, value);
        match read(&json!({"strategy": strategy})) {
            // An unknown field is no Kubernetes field: it does nothing, and that is said.
            Ok(asked) if path.contains("nodeSelectorX") => {
                assert_eq!(asked.ignored, [format!("strategy.{path}")]);
            }
            Ok(_) => let_through.push(path),
            Err(failure) => {
                let told = failure.message;
                assert!(told.contains(&format!("strategy.{path}: ")), "{path}: {told}");
                assert!(!told.contains("hunter2"));
            }
        }
    }
    assert_eq!(let_through, Vec::<String>::new());
}

#[test]
fn all_refused_paths_are_told_at_once() {
    let told = refusal(&json!({
        "deploymentSpec": {"replicas": 3},
        "serviceSpec": {"type": "NodePort"},
    }));
    assert!(told.contains("strategy.deploymentSpec.replicas: only 1"), "{told}");
    assert!(told.contains("strategy.serviceSpec.type: only \"ClusterIP\""), "{told}");
}

#[test]
fn a_second_container_is_refused() {
    let told = refusal(&json!({"deploymentSpec": {"template": {"spec": {"containers": [
        {"name": "postgres"}, {"name": "sidecar", "image": "evil"},
    ]}}}}));
    assert!(told.contains("containers[1].image: "), "{told}");
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_its_path() {
    let told = refusal(&json!({"deploymentSpec": {"template": {"spec": {"containers": 3}}}}));
    assert!(told.starts_with("strategy.deploymentSpec.template.spec.containers: "), "{told}");
    let told = refusal(&json!({"pvcSpec": {"resources": {"requests": "1Gi"}}}));
    assert!(told.starts_with("strategy.pvcSpec.resources.requests: "), "{told}");
}

#[test]
fn what_is_no_json_object_is_refused() {
    for json in ["{", "[]", "3", "\"x\"", r#"{"strategy": 3}"#, r#"{"strategy": []}"#] {
        let strategy = Strategy { tier: "production".to_owned(), json: json.to_owned() };
        let failure = overrides(&strategy, IMAGE).unwrap_err();
        assert_eq!(failure.class, ErrorClass::Invalid, "{json}");
    }
}

#[test]
fn unknown_keys_are_named_and_ignored() {
    let asked = read(&json!({
        "region": "eu-west-1",
        "strategy": {"deploymentSpecs": {"replicas": 9}, "pvcSpec": {"size": "3Gi"}},
    }));
    let ignored = ["region", "strategy.deploymentSpecs.replicas", "strategy.pvcSpec.size"];
    assert_eq!(asked.unwrap().ignored, ignored);
}

proptest! {
    #[test]
    fn no_text_can_make_it_panic(json in "\\PC{0,200}") {
        let strategy = Strategy { tier: String::new(), json };
        let _ = overrides(&strategy, IMAGE);
    }
}
