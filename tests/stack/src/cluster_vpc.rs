//! What an installer leaves in the AWS account of a cluster: a VPC with tagged subnets in two zones.

use anyhow::Context as _;
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Ranges of the VPC and of its subnets.
const VPC: &str = "10.0.0.0/16";
const SUBNETS: [(&str, &str); 2] = [("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")];

/// Makes them in the double on this port, past the proxy: they are not the operator's calls.
pub(crate) async fn make(
    moto: u16,
    account: &str,
    region: &str,
    cluster_id: &str,
) -> anyhow::Result<()> {
    let ec2 = Ec2 { moto, account, region };
    let vpc = ec2.make("CreateVpc", &[("CidrBlock", VPC)], "vpcId").await?;
    let tag = format!("kubernetes.io/cluster/{cluster_id}");
    for (zone, range) in SUBNETS {
        let zone = format!("{region}{zone}");
        let fields = [("VpcId", vpc.as_str()), ("CidrBlock", range), ("AvailabilityZone", &zone)];
        let subnet = ec2.make("CreateSubnet", &fields, "subnetId").await?;
        let fields =
            [("ResourceId.1", subnet.as_str()), ("Tag.1.Key", &tag), ("Tag.1.Value", "owned")];
        ec2.make("CreateTags", &fields, "requestId").await?;
    }
    Ok(())
}

struct Ec2<'a> {
    moto: u16,
    account: &'a str,
    region: &'a str,
}

impl Ec2<'_> {
    /// Sends one action, and returns this element of the answer.
    async fn make(
        &self,
        action: &str,
        fields: &[(&str, &str)],
        element: &str,
    ) -> anyhow::Result<String> {
        let query: Vec<String> = [("Action", action), ("Version", "2016-11-15")]
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{name}={}", value.replace('/', "%2F")))
            .collect();
        let scope = format!("operator/20260101/{}/ec2/aws4_request", self.region);
        let credential =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let request = http::Request::post(format!("http://127.0.0.1:{}/", self.moto))
            .header(AUTHORIZATION, credential)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-moto-account-id", self.account)
            .body(Body::from(query.join("&")))?;
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let answer = Body::new(client.request(request).await?);
        let text = axum::body::to_bytes(answer, usize::MAX).await?;
        let text = String::from_utf8_lossy(&text);
        let (_, rest) = text
            .split_once(&format!("<{element}>"))
            .with_context(|| format!("{action} was refused: {text}"))?;
        let (value, _) = rest.split_once('<').context("an element ends")?;
        Ok(value.to_owned())
    }
}
