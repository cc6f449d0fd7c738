//! Values that many tests start from.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use proto::{Defaults, Identity, Kind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::WorkloadConfig;
use crate::engine::Engine;
use crate::observed::Observed;
use crate::plan::Goal;
use crate::render::{Inputs, Manifests, render};
use crate::strategy::Overrides;

pub(crate) const NAME: &str = "orders-aiwngpdjwokdyauw";

pub(crate) fn claim(kind: Kind) -> Identity {
    Identity {
        kind,
        namespace: "shop".to_owned(),
        name: "orders".to_owned(),
        uid: format!("{kind}-0b5f").parse().unwrap(),
        generation: 1,
    }
}

pub(crate) fn workloads() -> WorkloadConfig {
    WorkloadConfig {
        postgres_image: "registry.example/postgres:16".to_owned(),
        redis_image: "registry.example/redis:7".to_owned(),
        image_pull_secret: None,
        fs_group: None,
    }
}

pub(crate) fn manifests(engine: Engine, overrides: &Overrides) -> Manifests {
    let kind = if engine == Engine::Postgres { Kind::Postgres } else { Kind::Redis };
    render(&Inputs {
        engine,
        claim: &claim(kind),
        name: NAME,
        workloads: &workloads(),
        overrides,
        defaults: Defaults::Secure,
        secret: Some("orders-credentials"),
    })
}

pub(crate) fn goal(overrides: Overrides) -> Goal {
    Goal {
        engine: Engine::Postgres,
        defaults: Defaults::Secure,
        name: NAME.to_owned(),
        manifests: manifests(Engine::Postgres, &overrides),
        overrides,
    }
}

/// The object with these fields added or replaced, as the API server or somebody else would have it.
pub(crate) fn with<K: Serialize + DeserializeOwned>(object: &K, changes: Value) -> K {
    let mut value = serde_json::to_value(object).unwrap();
    merge(&mut value, changes);
    serde_json::from_value(value).unwrap()
}

/// Objects join; everything else is replaced.
pub(crate) fn merge(value: &mut Value, changes: Value) {
    match (value, changes) {
        (Value::Object(value), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(value.entry(key).or_insert(Value::Null), change);
            }
        }
        (value, change) => *value = change,
    }
}

/// What is observed once everything was applied and the pod is up.
pub(crate) fn healthy(manifests: &Manifests) -> Observed {
    let volume: PersistentVolumeClaim =
        with(&manifests.volume, json!({"status": {"phase": "Bound"}}));
    let service: Service = with(&manifests.service, json!({"spec": {"clusterIP": "10.0.0.1"}}));
    let deployment: Deployment = with(
        &manifests.deployment,
        json!({
            "metadata": {"generation": 1},
            "spec": {"replicas": 1},
            "status": {
                "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1,
            },
        }),
    );
    Observed {
        volume: Some(volume),
        deployment: Some(deployment),
        service: Some(service),
        pods: vec![],
    }
}
