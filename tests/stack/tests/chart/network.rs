//! X06: what the operator's pods reach, and who reaches them.

use serde_json::{Value, json};

use super::{name, of_kind, rendered, variant};

fn policy<'a>(objects: &'a [Value], wanted: &str) -> &'a Value {
    of_kind(objects, "NetworkPolicy").find(|it| name(it) == wanted).unwrap()
}

/// Ports of all rules of a direction, sorted.
fn ports(policy: &Value, direction: &str) -> Vec<u64> {
    let rules = policy["spec"][direction].as_array().into_iter().flatten();
    let ports = rules.flat_map(|rule| rule["ports"].as_array().unwrap());
    let mut ports: Vec<u64> = ports.map(|it| it["port"].as_u64().unwrap()).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

#[test]
fn x06_every_pod_is_denied_what_no_policy_allows() {
    let objects = rendered(&[]);
    let denied = &policy(&objects, "default-deny")["spec"];
    assert_eq!(denied["policyTypes"], json!(["Ingress", "Egress"]));
    assert!(denied.get("ingress").is_none());
    assert_eq!(ports(policy(&objects, "default-deny"), "egress"), [53, 5353]);
    let selected = denied["podSelector"]["matchLabels"].as_object().unwrap();
    for object in
        objects.iter().filter(|it| it["spec"]["template"]["spec"]["containers"].is_array())
    {
        let labels = &object["spec"]["template"]["metadata"]["labels"];
        for (label, value) in selected {
            assert_eq!(labels[label], *value, "{}", name(object));
        }
        let own = of_kind(&objects, "NetworkPolicy").filter(|policy| {
            let selector = policy["spec"]["podSelector"]["matchLabels"].as_object().unwrap();
            selector.iter().all(|(label, value)| labels[label] == *value)
        });
        assert_eq!(own.count(), 2, "{}: default-deny and its own", name(object));
    }
}

#[test]
fn x06_each_service_reaches_what_it_works_with() {
    let objects = rendered(&[]);
    let table: [(&str, &[u64], &[u64]); 6] = [
        ("setup", &[443, 6443], &[]),
        ("watcher", &[443, 4222, 6443, 8081], &[8080]),
        ("aws-provisioner", &[80, 443, 4222, 5432, 6379], &[8080, 8081]),
        ("openshift-provisioner", &[443, 4222, 5432, 6379, 6443], &[8080, 8081]),
        ("secret-writer", &[443, 4222, 6443], &[8080, 8081]),
        ("nats", &[], &[4222]),
    ];
    for (of, egress, ingress) in table {
        let policy = policy(&objects, of);
        assert_eq!(ports(policy, "egress"), egress, "{of}");
        assert_eq!(ports(policy, "ingress"), ingress, "{of}");
    }
    // With a collector, emulators, three servers of NATS and KEDA.
    let objects = variant("full");
    let aws = ports(policy(&objects, "aws-provisioner"), "egress");
    assert_eq!(aws, [80, 443, 4222, 4317, 4566, 5432, 6379, 9000, 14317]);
    assert_eq!(ports(policy(&objects, "nats"), "ingress"), [4222, 6222, 8222]);
    let external = variant("external-nats");
    assert_eq!(ports(policy(&external, "secret-writer"), "egress"), [443, 4222, 4223, 6443]);
    // The one that lets setup correct the release before.
    let without = variant("namespaces");
    let left: Vec<&Value> = of_kind(&without, "NetworkPolicy").collect();
    assert_eq!(left.len(), 1);
    assert_eq!((name(left[0]), &left[0]["spec"]["egress"]), ("setup", &json!([{}])));
}

#[test]
fn x10_x14_x15_nats_has_one_user_a_service_tls_and_no_other_listener() {
    let config = |objects: &[Value]| {
        let config = of_kind(objects, "ConfigMap").find(|it| name(it) == "nats").unwrap();
        ["server.conf", "nats.conf"]
            .map(|file| config["data"][file].as_str().unwrap().to_owned())
            .concat()
    };
    let one = config(&rendered(&[]));
    let lines: Vec<&str> =
        one.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    for word in [
        "mqtt",
        "websocket",
        "leafnodes",
        "gateway",
        "no_auth_user",
        "password",
        "token",
        "allow_responses",
    ] {
        assert!(!lines.iter().any(|line| line.starts_with(word)), "{word}");
    }
    assert_eq!(one.matches("nkey: $").count(), 4);
    for setting in ["handshake_first: true", "min_version: \"1.3\"", "key: $JETSTREAM_KEY"] {
        assert!(one.contains(setting), "{setting}");
    }
    assert!(!one.contains("cluster {"));
    let three = config(&variant("full"));
    assert_eq!(three.matches("nats-route://nats-").count(), 3);
    assert!(three.contains("verify: true"));
}
