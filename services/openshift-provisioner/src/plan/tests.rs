use serde_json::{Value, json};

use super::*;
use crate::fixtures::{goal, healthy, with};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Missing,
    Drifted,
    BeingDeleted,
    Unready,
    Good,
}

use Seen::{BeingDeleted, Drifted, Good, Missing as Absent, Unready};

fn observe(volume: Seen, deployment: Seen, service: Seen) -> Observed {
    let healthy = healthy(&goal(Overrides::default()).manifests);
    let changes = |seen| match seen {
        Drifted => json!({"metadata": {"labels": {"integreatly.org/claim-kind": "other"}}}),
        BeingDeleted => json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
        Unready => json!({"status": {"availableReplicas": 0}}),
        Good | Absent => json!({}),
    };
    Observed {
        volume: healthy.volume.filter(|_| volume != Absent).map(|it| with(&it, changes(volume))),
        deployment: healthy
            .deployment
            .filter(|_| deployment != Absent)
            .map(|it| with(&it, changes(deployment))),
        service: healthy
            .service
            .filter(|_| service != Absent)
            .map(|it| with(&it, changes(service))),
        pods: Vec::new(),
    }
}

fn decide(overrides: Overrides, observed: &Observed, was_observed: bool) -> Plan {
    plan(&goal(overrides), observed, was_observed)
}

fn word(plan: &Plan) -> &'static str {
    match plan {
        Plan::NeedsPerson(_) => "needs person",
        Plan::CreateVolume => "create volume",
        Plan::Apply(Changes { deployment: true, service: true }) => "apply both",
        Plan::Apply(Changes { deployment: true, .. }) => "apply deployment",
        Plan::Apply(_) => "apply service",
        Plan::AwaitDeletion(_) => "await deletion",
        Plan::Wait(_) => "wait",
        Plan::GrowVolume { .. } => "grow",
        Plan::Refuse(_) => "refuse",
        Plan::Ready => "ready",
    }
}

#[test]
fn p01_every_gap_between_the_objects_is_closed() {
    let table = [
        (Good, Absent, Absent, "apply both"),
        (Good, Absent, Good, "apply deployment"),
        (Good, Good, Absent, "apply service"),
        (Good, Drifted, Good, "apply deployment"),
        (Good, Good, Drifted, "apply service"),
        (Good, Drifted, Drifted, "apply both"),
        (Good, Unready, Drifted, "apply service"),
        (Good, Unready, Absent, "apply service"),
        (Good, Unready, Good, "wait"),
        (Good, BeingDeleted, Good, "await deletion"),
        (Good, BeingDeleted, Absent, "await deletion"),
        (Good, Good, BeingDeleted, "await deletion"),
        (Good, Good, Good, "ready"),
        (Drifted, Good, Good, "ready"),
    ];
    for (volume, deployment, service, expected) in table {
        let observed = observe(volume, deployment, service);
        for was_observed in [false, true] {
            let decided = decide(Overrides::default(), &observed, was_observed);
            assert_eq!(word(&decided), expected, "{volume:?} {deployment:?} {service:?}");
        }
    }
}

#[test]
fn p03_a_volume_is_made_only_while_none_was_ever_seen() {
    let all = [Absent, Drifted, BeingDeleted, Unready, Good];
    for deployment in all {
        for service in all {
            let observed = observe(Absent, deployment, service);
            assert_eq!(decide(Overrides::default(), &observed, false), Plan::CreateVolume);
            let again = decide(Overrides::default(), &observed, true);
            assert_eq!(word(&again), "needs person", "{deployment:?} {service:?}");
        }
    }
}

#[test]
fn p03_a_volume_that_is_going_is_told_while_the_data_can_be_saved() {
    for deployment in [Absent, Drifted, Unready, Good] {
        let observed = observe(BeingDeleted, deployment, Good);
        let Plan::NeedsPerson(why) = decide(Overrides::default(), &observed, true) else {
            panic!("{deployment:?}")
        };
        assert!(why.contains("save the data now"), "{why}");
    }
    let mut observed = observe(Good, Good, Good);
    observed.volume = observed.volume.map(|it| with(&it, json!({"status": {"phase": "Lost"}})));
    assert_eq!(word(&decide(Overrides::default(), &observed, true)), "needs person");
}

fn sized(storage: &str, manager: &str) -> Observed {
    let fields = json!({"f:spec": {"f:resources": {"f:requests": {"f:storage": {}}}}});
    let changes = json!({
        "metadata": {"managedFields": [{"manager": manager, "fieldsV1": fields}]},
        "spec": {"resources": {"requests": {"storage": storage}}, "storageClassName": "slow"},
    });
    let observed = observe(Good, Good, Good);
    Observed { volume: observed.volume.map(|it| with(&it, changes)), ..observed }
}

#[test]
fn p04_w31_volumes_grow_and_never_shrink() {
    let ours = OPENSHIFT_MANAGER;
    let table = [
        (Some("2Gi"), "1Gi", ours, "grow"),
        (Some("1Gi"), "1024Mi", ours, "ready"),
        (Some("1Gi"), "2Gi", ours, "refuse"),
        // Grown by hand: the strategy asks for less, and nothing is wrong.
        (Some("1Gi"), "2Gi", "kubectl-edit", "ready"),
        (Some("3Gi"), "2Gi", "kubectl-edit", "grow"),
        (None, "2Gi", ours, "ready"),
    ];
    for (asked, size, manager, expected) in table {
        let overrides = Overrides { storage: asked.map(str::to_owned), ..Overrides::default() };
        let decided = decide(overrides, &sized(size, manager), true);
        assert_eq!(word(&decided), expected, "{asked:?} {size} {manager}");
    }
}

#[test]
fn a_refusal_about_the_volume_names_its_path_and_comes_after_everything_else() {
    let shrink = Overrides { storage: Some("1Gi".to_owned()), ..Overrides::default() };
    let class = Overrides { storage_class: Some("fast".to_owned()), ..Overrides::default() };
    for (overrides, path) in [
        (shrink, "strategy.pvcSpec.resources.requests.storage: "),
        (class, "strategy.pvcSpec.storageClassName: "),
    ] {
        let observed = sized("2Gi", OPENSHIFT_MANAGER);
        let Plan::Refuse(why) = decide(overrides.clone(), &observed, true) else { panic!() };
        assert!(why.starts_with(path), "{why}");
        let broken = Observed { service: None, ..observed };
        assert_eq!(word(&decide(overrides, &broken, true)), "apply service");
    }
}

#[test]
fn w44_nothing_is_written_while_nothing_differs() {
    let defaults = |value: Value| value;
    let observed = observe(Good, Good, Good);
    let deployment = observed.deployment.clone().map(|it| {
        with(&it, defaults(json!({
            "metadata": {"resourceVersion": "7", "annotations": {"deployment.kubernetes.io/revision": "1"}},
            "spec": {"progressDeadlineSeconds": 600, "template": {"spec": {"dnsPolicy": "ClusterFirst"}}},
        })))
    });
    let observed = Observed { deployment, ..observed };
    assert_eq!(decide(Overrides::default(), &observed, true), Plan::Ready);
}
