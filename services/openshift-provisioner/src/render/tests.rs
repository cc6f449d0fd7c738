use k8s_openapi::api::core::v1::{PodSpec, SecurityContext};
use proptest::prelude::*;
use proto::Kind;
use serde_json::json;

use super::*;
use crate::fixtures::{NAME, claim, manifests, workloads};
use crate::naming::external_name;

fn snapshot(name: &str, manifests: &Manifests) {
    let Manifests { volume, deployment, service } = manifests;
    insta::assert_yaml_snapshot!(format!("{name}_volume"), volume);
    insta::assert_yaml_snapshot!(format!("{name}_deployment"), deployment);
    insta::assert_yaml_snapshot!(format!("{name}_service"), service);
}

fn overridden() -> Overrides {
    Overrides {
        resources: Some(resources(&[("cpu", "1")], &[("memory", "4Gi")])),
        node_selector: Some(BTreeMap::from([("disk".to_owned(), "ssd".to_owned())])),
        tolerations: serde_json::from_value(json!([{"key": "db", "operator": "Exists"}])).unwrap(),
        affinity: serde_json::from_value(json!({"nodeAffinity": {}})).unwrap(),
        priority_class_name: Some("high".to_owned()),
        topology_spread_constraints: serde_json::from_value(json!([
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"},
        ]))
        .unwrap(),
        image: Some("registry.example/postgres:17".to_owned()),
        storage: Some("20Gi".to_owned()),
        storage_class: Some("fast".to_owned()),
        ignored: Vec::new(),
    }
}

fn pod_of(manifests: &Manifests) -> &PodSpec {
    let spec = manifests.deployment.spec.as_ref().unwrap();
    spec.template.spec.as_ref().unwrap()
}

/// What the profile `restricted` of Pod Security demands, and what we demand beyond it.
fn assert_restricted(pod: &PodSpec) {
    let none: [Option<bool>; 4] =
        [pod.host_network, pod.host_pid, pod.host_ipc, pod.share_process_namespace];
    assert_eq!(none, [None; 4]);
    assert_eq!(pod.automount_service_account_token, Some(false));
    assert_eq!((&pod.service_account_name, &pod.init_containers), (&None, &None));
    let context = pod.security_context.as_ref().unwrap();
    assert_eq!(context.run_as_non_root, Some(true));
    assert_eq!(context.seccomp_profile.as_ref().unwrap().type_, "RuntimeDefault");
    assert_eq!((context.run_as_user, context.run_as_group), (None, None));
    for volume in pod.volumes.iter().flatten() {
        let allowed = volume.empty_dir.is_some() || volume.persistent_volume_claim.is_some();
        assert!(allowed && volume.host_path.is_none(), "{volume:?}");
    }
    for container in &pod.containers {
        let SecurityContext { privileged, run_as_user, .. } =
            container.security_context.clone().unwrap();
        assert_eq!((privileged, run_as_user), (None, None));
        let context = container.security_context.as_ref().unwrap();
        assert_eq!(context.allow_privilege_escalation, Some(false));
        let capabilities = context.capabilities.as_ref().unwrap();
        assert_eq!(capabilities.drop.as_deref(), Some(["ALL".to_owned()].as_slice()));
        assert_eq!(capabilities.add, None);
        assert!(container.ports.iter().flatten().all(|port| port.host_port.is_none()));
        assert_eq!((&container.command, &container.lifecycle), (&None, &None));
    }
}

#[test]
fn postgres_as_it_is_by_default() {
    snapshot("postgres", &manifests(Engine::Postgres, &Overrides::default()));
}

#[test]
fn redis_as_it_is_by_default() {
    snapshot("redis", &manifests(Engine::Redis, &Overrides::default()));
}

#[test]
fn postgres_with_all_that_a_strategy_may_set() {
    snapshot("overridden", &manifests(Engine::Postgres, &overridden()));
}

#[test]
fn names_at_the_limit_fit() {
    let claim = Identity { name: "a".repeat(253), ..claim(Kind::Redis) };
    let name = external_name("c1", &claim);
    let manifests = render(&Inputs {
        engine: Engine::Redis,
        claim: &claim,
        name: &name,
        workloads: &workloads(),
        overrides: &Overrides::default(),
        defaults: Defaults::Cro,
        secret: None,
    });
    snapshot("longest", &manifests);
}

#[test]
fn w48_under_the_go_operators_defaults_redis_has_no_password() {
    let manifests = render(&Inputs {
        engine: Engine::Redis,
        claim: &claim(Kind::Redis),
        name: NAME,
        workloads: &workloads(),
        overrides: &Overrides::default(),
        defaults: Defaults::Cro,
        secret: None,
    });
    assert_eq!(pod_of(&manifests).containers[0].env, None);
    let annotations = manifests.volume.metadata.annotations.unwrap();
    assert_eq!(annotations[MADE_WITH_DEFAULTS], "cro");
}

#[test]
fn x05_pods_are_restricted() {
    for engine in [Engine::Postgres, Engine::Redis] {
        for overrides in [Overrides::default(), overridden()] {
            assert_restricted(pod_of(&manifests(engine, &overrides)));
        }
    }
}

#[test]
fn credentials_are_references_only() {
    for engine in [Engine::Postgres, Engine::Redis] {
        let manifests = manifests(engine, &Overrides::default());
        let env = pod_of(&manifests).containers[0].env.clone().unwrap();
        assert!(!env.is_empty());
        for variable in env {
            assert_eq!(variable.value, None);
            let reference = variable.value_from.unwrap().secret_key_ref.unwrap();
            assert_eq!(reference.name, "orders-credentials");
        }
    }
}

#[test]
fn w30_selectors_of_two_claims_of_the_same_name_are_disjoint() {
    let selectors = [Engine::Postgres, Engine::Redis].map(|engine| {
        let manifests = manifests(engine, &Overrides::default());
        let service = manifests.service.spec.unwrap().selector.unwrap();
        let spec = manifests.deployment.spec.unwrap();
        assert_eq!(spec.selector.match_labels.as_ref(), Some(&service));
        let pod = spec.template.metadata.unwrap().labels.unwrap();
        assert!(service.iter().all(|(key, value)| pod.get(key) == Some(value)));
        service
    });
    assert_ne!(selectors[0], selectors[1]);
}

#[test]
fn the_volume_alone_has_no_owner() {
    let manifests = manifests(Engine::Postgres, &Overrides::default());
    assert_eq!(manifests.volume.metadata.owner_references, None);
    for metadata in [manifests.deployment.metadata, manifests.service.metadata] {
        let owners = metadata.owner_references.unwrap();
        assert_eq!((owners.len(), owners[0].controller), (1, Some(true)));
    }
}

#[test]
fn p02_replicas_are_left_to_others() {
    let manifests = manifests(Engine::Postgres, &Overrides::default());
    assert_eq!(manifests.deployment.spec.unwrap().replicas, None);
}

#[test]
fn the_digest_tells_what_is_no_longer_rendered() {
    let digest = |overrides: &Overrides| {
        let manifests = manifests(Engine::Postgres, overrides);
        manifests.deployment.metadata.annotations.unwrap()[RENDERED].clone()
    };
    let (plain, with) = (digest(&Overrides::default()), digest(&overridden()));
    assert_eq!(plain, digest(&Overrides::default()));
    assert_ne!(plain, with);
}

#[test]
fn settings_for_plain_kubernetes_reach_the_pod() {
    let workloads = WorkloadConfig {
        fs_group: Some(26),
        image_pull_secret: Some("registry".to_owned()),
        ..workloads()
    };
    let manifests = render(&Inputs {
        engine: Engine::Postgres,
        claim: &claim(Kind::Postgres),
        name: NAME,
        workloads: &workloads,
        overrides: &Overrides::default(),
        defaults: Defaults::Secure,
        secret: Some("orders-credentials"),
    });
    let pod = pod_of(&manifests);
    assert_eq!(pod.security_context.as_ref().unwrap().fs_group, Some(26));
    assert_eq!(pod.image_pull_secrets.as_ref().unwrap()[0].name, "registry");
}

proptest! {
    /// Kinds and namespaces are fixed in code: nothing of a claim's name reaches them (X37).
    #[test]
    fn x37_kind_and_namespace_are_never_the_claims_to_choose(name in "\\PC{1,60}") {
        let claim = Identity { name, ..claim(Kind::Postgres) };
        let own = external_name("c1", &claim);
        let manifests = render(&Inputs {
            engine: Engine::Postgres,
            claim: &claim,
            name: &own,
            workloads: &workloads(),
            overrides: &Overrides::default(),
            defaults: Defaults::Secure,
            secret: Some("orders-credentials"),
        });
        let value = serde_json::to_value(&manifests.deployment).unwrap();
        prop_assert_eq!(&value["apiVersion"], "apps/v1");
        prop_assert_eq!(&value["kind"], "Deployment");
        prop_assert_eq!(&value["metadata"]["namespace"], "shop");
    }
}
