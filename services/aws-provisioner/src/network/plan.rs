//! The next step, from what is desired, what there is, and what the record knows. Pure.

mod connect;
mod existing;
mod parts;
mod reach;
mod standalone;
mod subnets;
mod vpc;

use ipnet::Ipv4Net;

use crate::aws::ec2::NewRoute;
use crate::error::Error;
use crate::tags::Tags;

use super::desired::{Desired, Mode, Store};
use super::known::Known;
use super::message::Wait;
use super::observed::Observed;

pub use subnets::needs_zones;

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Makes the VPC, which is not safe to repeat.
    MakeVpc(Ipv4Net),
    /// Peers two VPCs, which is not safe to repeat.
    Peer {
        /// The network's.
        vpc: String,
        /// The cluster's.
        cluster: String,
    },
    /// A call that is safe to repeat.
    Put(Put),
    /// Nothing can be done now.
    Wait(Wait),
    /// Everything is as desired.
    Ready(Report),
}

/// A call that is safe to repeat: what is made has a natural key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// Adds tags to parts of the VPC.
    Tag {
        /// Their ids.
        ids: Vec<String>,
        /// All tags that they shall have.
        tags: Tags,
    },
    /// Makes a subnet.
    Subnet {
        /// Id of the VPC.
        vpc: String,
        /// Its range of addresses.
        range: Ipv4Net,
        /// Its zone.
        zone: String,
    },
    /// Makes the security group of a kind.
    Group {
        /// Id of the VPC.
        vpc: String,
        /// The kind.
        store: Store,
    },
    /// Lets somebody in.
    Allow {
        /// Id of the security group.
        group: String,
        /// The port.
        port: i32,
        /// Ranges of addresses and ids of security groups.
        sources: Vec<String>,
    },
    /// Makes the subnet group of a kind.
    SubnetGroup {
        /// The kind.
        store: Store,
        /// Id of the VPC.
        vpc: String,
        /// Ids of its subnets.
        subnets: Vec<String>,
    },
    /// Gives a subnet group these subnets.
    ChangeSubnetGroup {
        /// The kind.
        store: Store,
        /// Ids of all its subnets.
        subnets: Vec<String>,
    },
    /// Adds tags to a subnet group.
    TagSubnetGroup {
        /// The kind.
        store: Store,
        /// Its ARN.
        arn: String,
    },
    /// Accepts a peering.
    Accept(String),
    /// Makes a route.
    Route(NewRoute),
}

/// What databases and people need to know of a network that is ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Id of the VPC.
    pub vpc: String,
    /// Name of both subnet groups.
    pub subnet_group: String,
    /// Ids of the security groups of databases.
    pub postgres: Vec<String>,
    /// Ids of the security groups of caches.
    pub redis: Vec<String>,
    /// What keeps the cluster from databases of a kind, for people.
    pub obstacles: Vec<(Store, String)>,
    /// For people.
    pub notes: Vec<String>,
}

impl Report {
    /// The message of a network that is ready. `ignored` are fields of the strategy that nobody knows.
    pub fn message(&self, ignored: &[String]) -> String {
        let mut parts = vec![format!("the network is ready in VPC {}", self.vpc)];
        parts.extend(self.notes.iter().cloned());
        parts.extend(self.obstacles.iter().map(|(store, it)| format!("{}: {it}", store.as_str())));
        if !ignored.is_empty() {
            parts.push(format!("ignored strategy fields: {}", ignored.join(", ")));
        }
        parts.join("; ")
    }
}

/// The next step.
pub fn plan(desired: &Desired, observed: &Observed, known: &Known) -> Result<Plan, Error> {
    match &desired.mode {
        Mode::Standalone(wanted) => standalone::plan(desired, wanted, observed, known),
        Mode::Existing(named) => existing::plan(desired, named, observed),
    }
}

#[cfg(test)]
mod tests;
