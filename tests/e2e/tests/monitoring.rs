//! Alerts and the dashboard, on the metrics that there really are.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crds::{ClaimKind, names};
use jiff::Timestamp;
use kube::ResourceExt as _;
use kube::api::DynamicObject;
use proto::Service;
use serde_json::Value;
use stack::{
    CHART, Claim, Maintenance, Prometheus, Stack, Update, eventually, render, repository,
    test_rules,
};
use tokio::net::TcpListener;

/// What every metric of ours, and of Prometheus itself, begins with.
const PREFIXES: [&str; 10] = [
    "aws_provisioner_",
    "build_info",
    "bus_",
    "cro_",
    "openshift_provisioner_",
    "secret_writer_",
    "up",
    "watcher_",
    "worker_",
    "ALERTS",
];

/// What has no series while all is well, and why.
const ON_EVENTS: [(&str, &str); 5] = [
    ("ALERTS", "alerts that fire, or are about to"),
    ("cro_postgres_deletion_timestamp", "databases that are being deleted"),
    ("cro_redis_deletion_timestamp", "caches that are being deleted"),
    ("cro_vpc_action", "a network that cannot be made or removed"),
    ("secret_writer_credentials_request", "OpenShift, where credentials are minted"),
];

/// What CloudWatch measures of a healthy database and cache.
const OF_POSTGRES: [(&str, f64); 3] =
    [("FreeStorageSpace", 15e9), ("CPUUtilization", 20.0), ("FreeableMemory", 1e9)];
const OF_REDIS: [(&str, f64); 4] = [
    ("DatabaseMemoryUsagePercentage", 20.0),
    ("FreeableMemory", 1e9),
    ("CPUUtilization", 20.0),
    ("EngineCPUUtilization", 20.0),
];

/// What aws-provisioner does now and then, s.
const PERIODS: [&str; 4] = [
    "CLOUDWATCH_PERIOD_SECONDS",
    "CONNECTION_CHECK_SECONDS",
    "INVENTORY_PERIOD_SECONDS",
    "DRIFT_PERIOD_SECONDS",
];

fn file(path: &str) -> PathBuf {
    repository().join(path)
}

/// The `spec` of the `PrometheusRule`: what Prometheus calls a file of rules.
fn rules() -> Value {
    monitoring("PrometheusRule").data["spec"].clone()
}

/// What the chart installs of this kind for monitoring; the first one.
fn monitoring(kind: &str) -> DynamicObject {
    let parts = ["serviceMonitor", "prometheusRule"];
    let values = parts.map(|it| format!("monitoring.{it}.enabled=true"));
    let mut objects = render("operator", &values).unwrap();
    objects.retain(|it| {
        let is_metrics =
            it.labels().get("app.kubernetes.io/component").is_some_and(|it| it == "metrics");
        is_metrics && it.types.as_ref().is_some_and(|it| it.kind == kind)
    });
    objects.swap_remove(0)
}

fn alerts() -> Vec<Value> {
    let groups = rules()["groups"].as_array().unwrap().clone();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// Expressions of the dashboard, with values for its variables.
fn panels() -> Vec<String> {
    let text = std::fs::read_to_string(file(&format!("{CHART}/files/dashboard.json"))).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let expressions = targets.map(|target| target["expr"].as_str().unwrap());
    expressions.map(|it| it.replace("$namespace", ".*").replace("$__rate_interval", "1m")).collect()
}

/// The metrics that an expression names. What is in quotes is none.
fn metrics(expression: &str) -> BTreeSet<String> {
    let outside: String = expression.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let words = outside.split(|it: char| !(it.is_alphanumeric() || it == '_'));
    let is_metric = |word: &&str| PREFIXES.iter().any(|prefix| word.starts_with(prefix));
    words.filter(is_metric).map(str::to_owned).collect()
}

#[test]
fn metrics_are_told_from_labels_functions_and_texts() {
    let expression = r#"max by (pod) (rate(bus_a_total{by="cro_b"}[1h])) > 0 unless up == 1"#;
    assert_eq!(metrics(expression), ["bus_a_total", "up"].map(str::to_owned).into());
}

#[tokio::test]
async fn each_alert_says_what_to_do_and_fires_when_it_should() {
    let thresholds = file("tests/e2e/tests/monitoring/thresholds.yaml");
    let tested = std::fs::read_to_string(&thresholds).unwrap();
    for alert in alerts() {
        let name = alert["alert"].as_str().unwrap();
        assert!(tested.contains(name), "nothing shows that {name} fires");
        for annotation in ["summary", "runbook"] {
            let text = alert["annotations"][annotation].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name} has no {annotation}");
        }
        assert!(["warning", "critical"].contains(&alert["labels"]["severity"].as_str().unwrap()));
    }
    let folder = tempfile::tempdir().unwrap();
    test_rules(folder.path(), &rules(), &thresholds).await.unwrap();
}

/// The job is the name of the Service that the `ServiceMonitor` finds.
fn job() -> String {
    let (service, monitor) = (monitoring("Service"), monitoring("ServiceMonitor"));
    let selected = &monitor.data["spec"]["selector"]["matchLabels"];
    for (label, value) in selected.as_object().unwrap() {
        assert_eq!(service.labels().get(label).unwrap(), value.as_str().unwrap());
    }
    let endpoint = &monitor.data["spec"]["endpoints"][0];
    assert_eq!(service.data["spec"]["ports"][0]["name"], endpoint["port"]);
    assert_eq!(endpoint["honorLabels"], Value::Null);
    service.name_any()
}

fn claims() -> [Claim; 6] {
    [
        Claim::new(ClaimKind::Postgres, "orders", "managed"),
        Claim::new(ClaimKind::Redis, "cache", "managed"),
        Claim::bucket("images"),
        Claim::redis("session"),
        Claim::snapshot(ClaimKind::PostgresSnapshot, "orders-nightly", "orders"),
        Claim::snapshot(ClaimKind::RedisSnapshot, "cache-nightly", "cache"),
    ]
}

/// A stack with a claim of each kind that has metrics, and all that AWS can say of them. Returns the database's id.
async fn healthy(stack: &mut Stack) -> String {
    let mut ids = Vec::new();
    for claim in claims() {
        stack.create(&claim).await.unwrap();
    }
    for claim in claims() {
        let object = stack.until_complete(&claim).await.unwrap();
        let annotations = object.metadata.annotations.unwrap_or_default();
        ids.push(annotations.get(names::RESOURCE_IDENTIFIER).cloned().unwrap_or_default());
    }
    let (database, member) = (ids[0].as_str(), format!("{}-001", ids[1]));
    for (metric, value) in OF_POSTGRES {
        let of = ("DBInstanceIdentifier", database);
        stack.aws.measured(("AWS/RDS", metric), of, Timestamp::now(), value).await.unwrap();
    }
    for (metric, value) in OF_REDIS {
        let of = ("CacheClusterId", member.as_str());
        stack.aws.measured(("AWS/ElastiCache", metric), of, Timestamp::now(), value).await.unwrap();
    }
    stack.aws.plan_maintenance(Maintenance::new(database, "system-update"));
    let apply_by = Some("2030-01-01T00:00:00Z".to_owned());
    stack.aws.plan_update(Update { apply_by, ..Update::new(&ids[1], "update-1") });
    ids.swap_remove(0)
}

async fn active(prometheus: &Prometheus) -> Vec<String> {
    let alerts = prometheus.alerts().await.unwrap();
    alerts.iter().map(|alert| format!("{} {}", alert["state"], alert["labels"])).collect()
}

async fn check_metrics(stack: &Stack, prometheus: &Prometheus) {
    let of_alerts = alerts().into_iter().map(|alert| alert["expr"].as_str().unwrap().to_owned());
    let expressions: Vec<String> = of_alerts.chain(panels()).collect();
    let named: BTreeSet<String> = expressions.iter().flat_map(|it| metrics(it)).collect();
    assert!(named.len() > 40, "{named:?}");
    for (metric, why) in ON_EVENTS {
        assert!(named.contains(metric), "{metric} is for {why}, and nobody looks at it");
    }
    let mut steady = named;
    steady.retain(|metric| ON_EVENTS.iter().all(|(event, _)| event != metric));
    for metric in &steady {
        eventually(&format!("a series of {metric}"), stack.patience, async || {
            Ok((!prometheus.query(metric).await?.is_empty()).then_some(()))
        })
        .await
        .unwrap();
    }
    for expression in &expressions {
        prometheus.query(expression).await.unwrap();
    }
}

async fn check_rules(stack: &Stack, prometheus: &Prometheus) {
    eventually("all rules are evaluated without error", stack.patience, async || {
        let rules = prometheus.rules().await?;
        assert_eq!(rules.len(), alerts().len());
        let bad = rules.iter().find(|rule| rule["health"] == "err");
        assert_eq!(bad, None);
        Ok(rules.iter().all(|rule| rule["health"] == "ok").then_some(()))
    })
    .await
    .unwrap();
    eventually("no alert is active", stack.patience, async || match active(prometheus).await {
        active if active.is_empty() => Ok(Some(())),
        active => anyhow::bail!("{active:#?}"),
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn w61_w66_alerts_and_dashboard_work_on_the_real_metrics_and_a_lost_database_raises_alarm() {
    let mut stack = Stack::prepare("monitoring").await.unwrap();
    let service = stack.service(Service::AwsProvisioner);
    for period in PERIODS {
        service.set(period, "1");
    }
    service.set("SIMULATED", "false");
    stack.start_services().await.unwrap();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    stack.aws.set_endpoints("127.0.0.1", server.local_addr().unwrap().port());
    let database = healthy(&mut stack).await;

    let prometheus = Prometheus::start(&mut stack, &job(), &rules()).await.unwrap();
    check_metrics(&stack, &prometheus).await;
    check_rules(&stack, &prometheus).await;

    let delete = format!(
        "Action=DeleteDBInstance&Version=2014-10-31&DBInstanceIdentifier={database}&SkipFinalSnapshot=true"
    );
    stack.aws.query("rds", &delete, "DBInstance").await.unwrap();
    let raised = |alerts: &[Value], name: &str, state: &str, labels: &[(&str, &str)]| {
        alerts.iter().any(|alert| {
            let own = &alert["labels"];
            own["alertname"] == name
                && alert["state"] == state
                && labels.iter().all(|(label, value)| own[*label] == *value)
        })
    };
    let claim = [("exported_namespace", "monitoring"), ("resourceID", "orders")];
    eventually("alarm is raised", stack.patience, async || {
        let alerts = prometheus.alerts().await?;
        // Five minutes later it fires; so do the tests of thresholds say.
        let is_raised = raised(&alerts, "PostgresInstanceUnavailable", "pending", &claim)
            && raised(&alerts, "PostgresResourceStatusPhaseFailed", "pending", &claim)
            && raised(
                &alerts,
                "CloudResourceOperatorClaimNeedsPerson",
                "firing",
                &[("kind", "postgres"), ("reason", "NeedsPerson")],
            );
        anyhow::ensure!(is_raised, "{alerts:#?}");
        Ok(Some(()))
    })
    .await
    .unwrap();
    let redis = active(&prometheus).await.into_iter().filter(|alert| alert.contains("Redis"));
    assert_eq!(redis.collect::<Vec<_>>(), Vec::<String>::new());
}
