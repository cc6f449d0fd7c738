//! `helm uninstall`.

use cluster::{Client, Installation, LocalStack, NAMESPACE, database_pod, operator_pods};
use kube::ResourceExt as _;
use stack::{Claim, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn an_uninstall_leaves_claims_and_their_data_and_an_installation_takes_over() {
    let installation = Installation::changed().await.unwrap();
    let tenant = installation.tenant("uninstall").await.unwrap();
    let claims = [Claim::postgres("orders"), Claim::redis("cache"), Claim::bucket("files")];
    for claim in &claims {
        tenant.create(claim).await.unwrap();
    }
    for claim in &claims {
        tenant.until_complete(claim).await.unwrap();
    }
    let client = Client::of_postgres(&installation.cluster, &tenant, "orders-sec").await;
    let client = client.unwrap();
    client.sql("CREATE TABLE orders (id int); INSERT INTO orders VALUES (42)").await.unwrap();
    let secrets = tenant.secrets().await.unwrap();
    let pod = async |claim: &Claim| database_pod(&tenant, claim).await.unwrap().uid();
    let pods = [pod(&claims[0]).await, pod(&claims[1]).await];

    let release = installation.release();
    release.uninstall().await.unwrap();
    eventually("the operator is gone", tenant.patience, async || {
        let pods = operator_pods(&tenant.client, NAMESPACE, None).await?;
        Ok(pods.is_empty().then_some(()))
    })
    .await
    .unwrap();
    for claim in &claims {
        let object = tenant.get(claim).await.unwrap().unwrap();
        assert_eq!(object.metadata.deletion_timestamp, None);
        assert_eq!(object.data["status"]["phase"], "complete");
    }
    assert_eq!(client.sql("SELECT id FROM orders").await.unwrap(), "42");

    release.install(&LocalStack::VALUES).await.unwrap();
    release.until_settled().await.unwrap();
    let new = Claim::postgres("new");
    tenant.create(&new).await.unwrap();
    tenant.until_complete(&new).await.unwrap();
    for claim in &claims {
        tenant.until_complete(claim).await.unwrap();
    }
    let now = tenant.secrets().await.unwrap();
    for (name, secret) in secrets {
        assert_eq!(now.get(&name), Some(&secret), "{name} has changed");
    }
    assert_eq!([pod(&claims[0]).await, pod(&claims[1]).await], pods);
    assert_eq!(client.sql("SELECT id FROM orders").await.unwrap(), "42");

    tenant.delete(&claims[0]).await.unwrap();
    tenant.until_gone(&claims[0]).await.unwrap();
}
