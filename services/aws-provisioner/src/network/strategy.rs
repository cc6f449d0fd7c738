//! What the `_network` strategy may say.

use proto::Strategy as Tier;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::strategy::{Described, Field, Read, StrategyError, describe, read};

const NO_POOL: &str = "ranges of addresses are not taken from pools: set CidrBlock, or nothing";
const NO_IPV6: &str = "databases have IPv4 addresses: the VPC has no others";

/// The fields of EC2's `CreateVpcInput` that are accepted or refused; others are ignored.
const CREATE: &[Field] = &[
    Field::take("CidrBlock"),
    Field::refuse("Ipv4IpamPoolId", NO_POOL),
    Field::refuse("Ipv4NetmaskLength", NO_POOL),
    Field::refuse("Ipv6CidrBlock", NO_IPV6),
    Field::refuse("Ipv6IpamPoolId", NO_IPV6),
    Field::refuse("Ipv6Pool", NO_IPV6),
    Field::take("AmazonProvidedIpv6CidrBlock"),
    Field::take("InstanceTenancy"),
];

const TIER: &[Field] = &[
    Field::take("region"),
    Field::nested("createStrategy", CREATE),
    Field::take("availabilityZones"),
    Field::take("instanceClasses"),
    // Written by the Go operator for every kind; they mean nothing to a network.
    Field::take("deleteStrategy"),
    Field::take("serviceUpdates"),
];

/// One tier for the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Strategy {
    /// Region of a new network.
    pub region: Option<String>,
    /// How its VPC is made.
    pub create_strategy: Create,
    /// Zones to use, two or more; unset: the first two that fit.
    pub availability_zones: Vec<String>,
    /// Classes that the zones must offer, such as `db.t3.small` and `cache.t3.micro`.
    pub instance_classes: Vec<String>,
}

/// How a VPC is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Create {
    /// Its range of addresses; unset: a free one is chosen.
    pub cidr_block: Option<String>,
    /// Must not be true.
    pub amazon_provided_ipv6_cidr_block: bool,
    /// Must be `default`.
    pub instance_tenancy: Option<String>,
}

impl Strategy {
    /// What a tier may say, for the reference.
    pub(crate) fn describe() -> Vec<Described> {
        describe::<Self>(TIER)
    }

    /// Reads a tier; an empty text is an empty object.
    pub fn read(tier: &Tier) -> Result<Read<Self>, StrategyError> {
        let json = if tier.json.trim().is_empty() { "{}" } else { &tier.json };
        let read = read::<Self>(json, TIER)?;
        read.strategy.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), StrategyError> {
        let create = &self.create_strategy;
        let mut zones = self.availability_zones.clone();
        zones.sort();
        zones.dedup();
        let is_dedicated = create.instance_tenancy.as_ref().is_some_and(|it| it != "default");
        let few =
            !zones.is_empty() && (zones.len() < 2 || zones.len() < self.availability_zones.len());
        let mistakes = [
            (
                create.amazon_provided_ipv6_cidr_block,
                "createStrategy.AmazonProvidedIpv6CidrBlock",
                NO_IPV6,
            ),
            (
                is_dedicated,
                "createStrategy.InstanceTenancy",
                "must be default: databases bring their own hosts",
            ),
            (few, "availabilityZones", "must name two zones or more, each once"),
        ];
        match mistakes.into_iter().find(|(is_made, ..)| *is_made) {
            Some((_, path, problem)) => {
                Err(StrategyError { path: path.to_owned(), problem: problem.to_owned() })
            }
            None => Ok(()),
        }
    }

    /// Classes of RDS. AWS does not tell which zones offer a class of ElastiCache.
    pub fn db_classes(&self) -> Vec<String> {
        let of_rds = self.instance_classes.iter().filter(|it| it.starts_with("db."));
        let mut classes: Vec<String> = of_rds.cloned().collect();
        classes.sort();
        classes.dedup();
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Read<Strategy>, StrategyError> {
        Strategy::read(&Tier { tier: "production".into(), json: json.into() })
    }

    #[test]
    fn what_the_go_operators_users_wrote_is_accepted() {
        let json = r#"{"region":"","createStrategy":{"CidrBlock":"","AmazonProvidedIpv6CidrBlock":null,
            "DryRun":null,"InstanceTenancy":null,"TagSpecifications":null},"deleteStrategy":{}}"#;
        assert_eq!(read(json).unwrap().strategy, Strategy::default());
        assert_eq!(read("").unwrap().strategy, Strategy::default());
        let json = r#"{"region":"eu-west-1","createStrategy":{"CidrBlock":"10.1.0.0/16"}}"#;
        let strategy = read(json).unwrap().strategy;
        assert_eq!(strategy.create_strategy.cidr_block.as_deref(), Some("10.1.0.0/16"));
    }

    #[test]
    fn f04_a_mistake_is_refused_with_its_path() {
        let table = [
            ("[]", "."),
            (r#"{"createStrategy":{"CidrBlock":7}}"#, "createStrategy.CidrBlock"),
            (
                r#"{"createStrategy":{"AmazonProvidedIpv6CidrBlock":true}}"#,
                "createStrategy.AmazonProvidedIpv6CidrBlock",
            ),
            (r#"{"createStrategy":{"Ipv4IpamPoolId":"pool"}}"#, "createStrategy.Ipv4IpamPoolId"),
            (
                r#"{"createStrategy":{"InstanceTenancy":"dedicated"}}"#,
                "createStrategy.InstanceTenancy",
            ),
            (r#"{"availabilityZones":["a"]}"#, "availabilityZones"),
            (r#"{"availabilityZones":["a","a","b"]}"#, "availabilityZones"),
        ];
        for (json, path) in table {
            assert_eq!(read(json).unwrap_err().path, path, "{json}");
        }
        let ignored = read(r#"{"createStrategy":{"DryRun":true},"x":1}"#).unwrap().ignored;
        assert_eq!(ignored, ["createStrategy.DryRun", "x"]);
    }

    #[test]
    fn w56_classes_that_zones_must_offer_are_those_of_rds() {
        let json =
            r#"{"instanceClasses":["db.t3.small","cache.t3.small","db.m6g.large","db.t3.small"]}"#;
        assert_eq!(read(json).unwrap().strategy.db_classes(), ["db.m6g.large", "db.t3.small"]);
    }
}
