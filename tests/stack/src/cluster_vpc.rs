//! What an installer leaves in the AWS account of a cluster: a VPC with tagged subnets in two zones.

use http::header::CONTENT_TYPE;

use crate::person::{self, FORM};
use crate::stack::REGION;

/// Ranges of the VPC and of its subnets.
const VPC: &str = "10.0.0.0/16";
const SUBNETS: [(&str, &str); 2] = [("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")];

/// Makes them in the double on this port, unless they are there; past the proxy: they are not the operator's calls.
pub(crate) async fn make(moto: u16, account: &str, cluster_id: &str) -> anyhow::Result<()> {
    let ec2 = Ec2 { moto, account };
    let tag = format!("kubernetes.io/cluster/{cluster_id}");
    let filter = [("Filter.1.Name", "tag-key"), ("Filter.1.Value.1", &*tag)];
    if ec2.make("DescribeSubnets", &filter, "subnetId").await.is_ok() {
        return Ok(());
    }
    let vpc = ec2.make("CreateVpc", &[("CidrBlock", VPC)], "vpcId").await?;
    for (zone, range) in SUBNETS {
        let zone = format!("{REGION}{zone}");
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
        let request = http::Request::post(format!("http://127.0.0.1:{}/", self.moto))
            .header(CONTENT_TYPE, FORM)
            .header("x-moto-account-id", self.account);
        let answer = person::ask("ec2", request, query.join("&")).await?;
        person::text(&answer, element)
    }
}
