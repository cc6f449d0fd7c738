//! One operator for all namespaces.

use crds::ClaimKind;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, DeleteParams, ObjectMeta, PostParams};
use proto::Service;
use stack::{Claim, Place, Scope, Site, Stack, condition, eventually};

/// An operator that serves a control plane of its own, with the rights that the chart gives it for that.
async fn everywhere(name: &str) -> Stack {
    let site = Site::alone().await.unwrap();
    let folder = site.folder.path().join(name);
    let place = Place { namespace: name.to_owned(), scope: Scope::Cluster, folder };
    Stack::at(site, place).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_served_in_every_namespace_also_in_those_that_come_later() {
    let mut stack = everywhere("operator").await;
    stack.start_services().await.unwrap();
    let claims = [Claim::postgres("orders"), Claim::bucket("files"), Claim::placeholder("later")];
    let mut hosts = Vec::new();
    for namespace in ["team-a", "team-b"] {
        stack.move_to(namespace).await.unwrap();
        for claim in &claims {
            stack.create(claim).await.unwrap();
        }
        for claim in &claims {
            stack.until_complete(claim).await.unwrap();
        }
        hosts.push(stack.secret("orders-sec").await.unwrap().unwrap()["host"].clone());
    }
    assert!(hosts[0].ends_with(".team-a.svc.cluster.local"), "{hosts:?}");
    assert!(hosts[1].ends_with(".team-b.svc.cluster.local"), "{hosts:?}");
    for claim in &claims {
        stack.delete(claim).await.unwrap();
        stack.until_gone(claim).await.unwrap();
    }
    let refused = stack.site().plane.calls().into_iter().filter(|call| call.code == 403);
    assert_eq!(refused.collect::<Vec<_>>(), []);
}

/// Gives a namespace a mapping of its own, with one type.
async fn map(stack: &Stack, entry: &str) {
    let api: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let name = Some("cloud-resource-config".to_owned());
    let config = ConfigMap {
        metadata: ObjectMeta { name, ..ObjectMeta::default() },
        data: Some([("own".to_owned(), entry.to_owned())].into()),
        ..ConfigMap::default()
    };
    api.create(&PostParams::default(), &config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_namespace_may_have_a_mapping_of_its_own() {
    let mut stack = everywhere("mapped").await;
    stack.service(Service::Watcher).set("MAPPING_NAMESPACE", "claim");
    stack.start_services().await.unwrap();
    let claim = Claim::redis("cache").with("type", "own");
    stack.move_to("with").await.unwrap();
    map(&stack, r#"{"redis": "openshift"}"#).await;
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    stack.move_to("without").await.unwrap();
    stack.create(&claim).await.unwrap();
    let object = stack.until_reason(&claim, "UnsupportedType").await.unwrap();
    // Neither the neighbour's mapping holds nor the operator's.
    let message = condition(&object, "Ready").unwrap()["message"].as_str().unwrap();
    assert!(message.ends_with("has: aws, managed, openshift, workshop"), "{message}");
    map(&stack, r#"{"redis": "openshift"}"#).await;
    stack.until_complete(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn l10_a_namespace_that_is_deleted_takes_its_claims_and_what_they_have_with_it() {
    let mut stack = everywhere("keeper").await;
    stack.start_services().await.unwrap();
    stack.move_to("doomed").await.unwrap();
    let claims = [
        Claim::postgres("orders"),
        Claim::redis("cache"),
        Claim::bucket("files"),
        Claim::new(ClaimKind::Postgres, "ledger", "managed"),
        Claim::new(ClaimKind::Redis, "sessions", "managed"),
    ];
    for claim in &claims {
        stack.create(claim).await.unwrap();
    }
    for claim in &claims {
        stack.until_complete(claim).await.unwrap();
    }
    let api: Api<Namespace> = Api::all(stack.client.clone());
    api.delete("doomed", &DeleteParams::default()).await.unwrap();
    eventually("the namespace is gone", stack.patience, async || {
        Ok(api.get_opt("doomed").await?.is_none().then_some(()))
    })
    .await
    .unwrap();
    let done = |operation: &str| {
        let calls = stack.aws.calls().into_iter();
        calls.filter(|it| it.operation == operation && it.status < 300).count()
    };
    eventually("the network is gone", stack.patience, async || {
        Ok((done("DeleteVpc") == 1).then_some(()))
    })
    .await
    .unwrap();
    for (create, delete) in [
        ("CreateDBInstance", "DeleteDBInstance"),
        ("CreateReplicationGroup", "DeleteReplicationGroup"),
        ("CreateUser", "DeleteUser"),
    ] {
        assert_eq!((done(create), done(delete)), (1, 1), "{create}");
    }
}
