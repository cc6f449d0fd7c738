//! EC2: networks. VPCs, subnets, route tables, peerings, security groups.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html>

mod create;
mod delete;
mod group;
mod list;
mod peering;
mod route;
mod vpc;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

pub use create::NewRoute;
pub use group::{Rule, SecurityGroup};
pub use peering::{End, Peering};
pub use route::{Route, RouteTable};
pub use vpc::{Subnet, Vpc};

use super::error::{Error, Kind};
use super::gate::Gate;
use super::one_attempt;
use super::operation::Operation;
use crate::tags::Tags;

/// Networks of one region.
#[derive(Clone)]
pub struct Ec2 {
    client: Client,
    gate: Gate,
}

impl Ec2 {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate }
    }
}

/// An answer without what was made tells nothing: its effect must be observed.
fn some<T>(operation: Operation, answer: Option<T>) -> Result<T, Error> {
    answer.ok_or_else(|| Error { operation, kind: Kind::Unknown, code: "EmptyAnswer".to_owned() })
}

fn once() -> aws_sdk_ec2::config::Builder {
    aws_sdk_ec2::config::Builder::new().retry_config(one_attempt())
}

fn tags(found: Option<Vec<Tag>>) -> Tags {
    let tags = found.unwrap_or_default().into_iter();
    tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

fn built(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Tags that are set by the call that makes the resource, so that it is never without.
fn tagged(resource: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder().resource_type(resource).set_tags(Some(built(tags))).build()
}
