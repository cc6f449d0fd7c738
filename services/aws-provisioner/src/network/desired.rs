//! What an item asks for: a network of its own, or the administrator's.

use proto::{NetworkMode, Placement, WorkItem, wire};

use crate::error::Error;
use crate::naming::external_name;
use crate::place::Place;
use crate::tags::{self, Owner, Tags};

use super::cidr::Taken;
use super::problem::Problem;
use super::strategy::Strategy;

/// Which network it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Name of the subnet groups, and of what else has a name.
    pub name: String,
    /// Whose tags its parts have.
    pub owner: Owner,
    /// Where it is.
    pub place: Place,
    /// Id of the cluster.
    pub cluster: String,
}

/// What the network shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Which one.
    pub target: Target,
    /// Tags of each of its parts that are ours.
    pub tags: Tags,
    /// Whose VPC it is.
    pub mode: Mode,
}

/// Whose VPC it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One of its own, peered with the cluster's.
    Standalone(Standalone),
    /// The administrator's.
    Existing(Existing),
}

/// A VPC of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standalone {
    /// The cluster's VPC, if an administrator has named it.
    pub cluster_vpc: Option<String>,
    /// The range of addresses that the strategy names.
    pub range: Option<String>,
    /// Ranges of pods, services and machines.
    pub taken: Vec<Taken>,
    /// Security groups that may connect; none: the ranges of the cluster's VPC may.
    pub clients: Vec<String>,
    /// Zones that the strategy names.
    pub zones: Vec<String>,
    /// Classes of RDS that each zone must offer.
    pub classes: Vec<String>,
}

/// The administrator's VPC: used, and never changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Existing {
    /// Its id.
    pub vpc: String,
    /// The cluster's VPC, if an administrator has named it.
    pub cluster_vpc: Option<String>,
    /// Ids of the subnets for databases.
    pub subnets: Vec<String>,
    /// Ids of the security groups of databases.
    pub groups: Vec<String>,
}

/// What has parts of its own in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// RDS.
    Postgres,
    /// ElastiCache.
    Redis,
}

impl Store {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Redis];

    /// The TCP port at which it answers.
    pub fn port(self) -> i32 {
        match self {
            Self::Postgres => 5432,
            Self::Redis => 6379,
        }
    }

    /// For names and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// What AWS calls its subnet group.
    pub fn subnet_group(self) -> &'static str {
        match self {
            Self::Postgres => "DB subnet group",
            Self::Redis => "cache subnet group",
        }
    }
}

impl Target {
    /// The network of an item; a name that was stored stays.
    pub fn new(item: &WorkItem, placement: &Placement, place: Place) -> Self {
        let new = || external_name(&item.cluster.id, &item.identity);
        Self {
            name: placement.identifier.clone().unwrap_or_else(new),
            owner: Owner::of(item),
            place,
            cluster: item.cluster.id.clone(),
        }
    }

    /// Name of the security group of a kind.
    pub fn group(&self, store: Store) -> String {
        format!("{}-{}", self.name, store.as_str())
    }
}

impl Desired {
    /// What the item and its strategy ask for.
    pub fn new(target: Target, item: &WorkItem, strategy: &Strategy) -> Result<Self, Error> {
        let network = item.network.as_ref().ok_or(Problem::Unknown)?;
        let mode = match network.mode() {
            NetworkMode::Standalone => Mode::Standalone(Standalone::new(network, strategy)?),
            NetworkMode::Existing => Mode::Existing(Existing::new(network)),
            NetworkMode::Unspecified => return Err(Problem::Unknown.into()),
        };
        Ok(Self { target, tags: tags::desired(item)?, mode })
    }
}

impl Standalone {
    fn new(network: &wire::Network, strategy: &Strategy) -> Result<Self, Problem> {
        let taken = network.cluster_cidrs.iter().filter(|it| !it.is_empty());
        Ok(Self {
            cluster_vpc: Some(network.cluster_vpc_id.clone()).filter(|it| !it.is_empty()),
            range: strategy.create_strategy.cidr_block.clone(),
            taken: taken.map(|it| Taken::read(it, "the cluster")).collect::<Result<_, _>>()?,
            clients: named(&network.client_security_group_ids),
            zones: strategy.availability_zones.clone(),
            classes: strategy.db_classes(),
        })
    }
}

impl Existing {
    fn new(network: &wire::Network) -> Self {
        Self {
            vpc: network.vpc_id.clone(),
            cluster_vpc: Some(network.cluster_vpc_id.clone()).filter(|it| !it.is_empty()),
            subnets: named(&network.subnet_ids),
            groups: named(&network.security_group_ids),
        }
    }
}

/// Sorted, each once, without what an empty variable leaves.
fn named(ids: &[String]) -> Vec<String> {
    let mut ids: Vec<String> =
        ids.iter().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect();
    ids.sort();
    ids.dedup();
    ids
}
