//! AWS in the cluster.

use stack::{Tenant, read};

use crate::client::Client;
use crate::cluster::Cluster;
use crate::images;
use crate::release::NAMESPACE;

const PYTHON: &str = r#"python -c '
import os, sys, boto3
s3 = boto3.client("s3", endpoint_url="http://localstack.aws.svc:4566",
    region_name=os.environ["bucketRegion"], aws_access_key_id=os.environ["credentialKeyID"],
    aws_secret_access_key=os.environ["credentialSecretKey"])
bucket = os.environ["bucketName"]
"#;

/// LocalStack, as a pod.
pub struct LocalStack;

impl LocalStack {
    /// What the operator is told to use it.
    pub const VALUES: [&str; 5] = [
        "cluster.id=tested",
        "aws.region=eu-west-1",
        "aws.endpointUrl=http://localstack.aws.svc:4566",
        "aws.requireEndpoint=true",
        "aws.credentialsSecret=aws",
    ];

    /// Starts it, and leaves the operator credentials.
    pub async fn start(cluster: &Cluster) -> anyhow::Result<()> {
        let tenant = Tenant::make(&cluster.client().await?, "aws").await?;
        let manifest = include_str!("../manifests/localstack.yaml");
        for object in read(&manifest.replace("LOCALSTACK_IMAGE", &images::localstack()?))? {
            tenant.apply(&object).await?;
        }
        let keys = ["aws_access_key_id", "aws_secret_access_key"];
        let keys = keys.map(|key| format!("--from-literal={key}=tested"));
        let secret = ["create", "secret", "generic", "aws", "--namespace", NAMESPACE];
        cluster.kubectl(&[&secret[..], &[&keys[0], &keys[1]]].concat()).await?;
        let wait =
            ["rollout", "status", "deployment/localstack", "--namespace=aws", "--timeout=3m"];
        cluster.kubectl(&wait).await.map(drop)
    }
}

impl<'a> Client<'a> {
    /// A pod with the keys of a bucket.
    pub async fn of_bucket(
        cluster: &'a Cluster,
        tenant: &Tenant,
        secret: &str,
    ) -> anyhow::Result<Self> {
        Self::start(cluster, tenant, &images::localstack()?, secret).await
    }

    /// Puts an object into the bucket of the Secret.
    pub async fn put(&self, key: &str, body: &str) -> anyhow::Result<()> {
        let call = format!("s3.put_object(Bucket=bucket, Key=\"{key}\", Body=b\"{body}\")'");
        self.run(&format!("{PYTHON}{call}")).await.map(drop)
    }

    /// Gets an object from the bucket of the Secret.
    pub async fn get(&self, key: &str) -> anyhow::Result<String> {
        let call = format!(
            "print(s3.get_object(Bucket=bucket, Key=\"{key}\")[\"Body\"].read().decode())'"
        );
        self.run(&format!("{PYTHON}{call}")).await
    }
}
