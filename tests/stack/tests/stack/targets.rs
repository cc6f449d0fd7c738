//! What people type: the targets of the Makefile and the program behind `make run`.

use std::process::Output;

use crds::ClaimKind;
use kube::api::{Api, DeleteParams, DynamicObject};
use stack::{Kubeconfig, Site, repository, tools};
use tokio::process::Command;

const NAMESPACE: &str = "cro";

async fn make(kubeconfig: &Kubeconfig, targets: &[&str]) -> Output {
    let mut command = Command::new("make");
    command.args(targets).arg(format!("NAMESPACE={NAMESPACE}")).current_dir(repository());
    command.arg(format!("KUBECTL={}", tools().unwrap().join("kubectl").display()));
    command.env("KUBECONFIG", kubeconfig.path());
    command.output().await.unwrap()
}

fn text(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    format!("{out}{err}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_prepared_seeded_and_cleaned_but_never_while_claims_are_left() {
    let site = Site::alone().await.unwrap();
    let kubeconfig = site.plane.admin();
    let done = async |targets: &[&str]| {
        let output = make(kubeconfig, targets).await;
        assert!(output.status.success(), "{}", text(&output));
    };
    let refused = async |told: &str| {
        let output = make(kubeconfig, &["cluster/clean"]).await;
        assert!(!output.status.success() && text(&output).contains(told), "{}", text(&output));
    };
    done(&["cluster/prepare"]).await;
    done(&["cluster/prepare"]).await;
    let seeds = [
        (ClaimKind::Postgres, "workshop"),
        (ClaimKind::Redis, "managed"),
        (ClaimKind::BlobStorage, "managed"),
    ];
    for (kind, deployment_type) in seeds {
        let target = format!("cluster/seed/{deployment_type}/{}", kind.as_str());
        done(&[&target, "TIER=production"]).await;
    }
    refused("delete these first").await;
    let client = kubeconfig.client().await.unwrap();
    for (kind, deployment_type) in seeds {
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), NAMESPACE, &kind.api_resource());
        let name = format!("example-{}", kind.as_str());
        let spec = &api.get(&name).await.unwrap().data["spec"];
        assert_eq!((&spec["type"], &spec["tier"]), (&deployment_type.into(), &"production".into()));
        api.delete(&name, &DeleteParams::default()).await.unwrap();
    }
    done(&["cluster/clean"]).await;
    done(&["cluster/clean"]).await;
    site.plane.kill_apiserver().await;
    refused("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_with_success_when_the_samples_are_complete_and_fails_when_they_are_not() {
    let run = async |within: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stack"));
        command.args(["run", "--once", "--timeout-seconds", within]).output().await.unwrap()
    };
    let complete = run("120").await;
    let told = text(&complete);
    assert!(complete.status.success(), "{told}");
    for line in ["logs: ", "example-postgres-sec ", "example-blobstorage-sec-binding "] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let late = run("0").await;
    let told = text(&late);
    assert!(!late.status.success() && told.contains("error: not started in 0 s"), "{told}");
}
