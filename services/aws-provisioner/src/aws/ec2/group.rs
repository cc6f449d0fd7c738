//! Security groups as AWS describes them, read into plain values.

use aws_sdk_ec2::types::IpPermission;

use crate::tags::Tags;

const EVERY_PROTOCOL: &str = "-1";
const TCP: &str = "tcp";

/// A security group that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: String,
    /// Its name, unique in its VPC.
    pub name: String,
    /// Id of its VPC.
    pub vpc: String,
    /// Who may connect.
    pub ingress: Vec<Rule>,
    /// Its tags.
    pub tags: Tags,
}

/// One permission of a security group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// `tcp`, `udp`, `-1` for all, or a number.
    pub protocol: String,
    /// The first port.
    pub from: i32,
    /// The last port.
    pub to: i32,
    /// Ranges of addresses, and ids of security groups and prefix lists.
    pub sources: Vec<String>,
}

impl SecurityGroup {
    /// `None` for an answer without an id, which nothing can be done with.
    pub(super) fn read(found: aws_sdk_ec2::types::SecurityGroup) -> Option<Self> {
        let ingress = found.ip_permissions.unwrap_or_default();
        Some(Self {
            id: found.group_id?,
            name: found.group_name.unwrap_or_default(),
            vpc: found.vpc_id.unwrap_or_default(),
            ingress: ingress.into_iter().map(Rule::read).collect(),
            tags: super::tags(found.tags),
        })
    }

    /// Whether this source may connect to this TCP port, whatever else a rule allows.
    pub fn allows(&self, source: &str, port: i32) -> bool {
        self.sources_at(port).any(|it| it == source)
    }

    /// Who may connect to this TCP port.
    pub fn sources_at(&self, port: i32) -> impl Iterator<Item = &str> {
        let rules = self.ingress.iter().filter(move |rule| rule.is_open_at(port));
        rules.flat_map(|rule| rule.sources.iter().map(String::as_str))
    }
}

impl Rule {
    fn read(found: IpPermission) -> Self {
        let ranges = found.ip_ranges.unwrap_or_default().into_iter();
        let pairs = found.user_id_group_pairs.unwrap_or_default().into_iter();
        let lists = found.prefix_list_ids.unwrap_or_default().into_iter();
        let sources = ranges.filter_map(|it| it.cidr_ip).chain(pairs.filter_map(|it| it.group_id));
        let sources = sources.chain(lists.filter_map(|it| it.prefix_list_id));
        Self {
            protocol: found.ip_protocol.unwrap_or_default(),
            from: found.from_port.unwrap_or(-1),
            to: found.to_port.unwrap_or(-1),
            sources: sources.collect(),
        }
    }

    fn is_open_at(&self, port: i32) -> bool {
        match self.protocol.as_str() {
            EVERY_PROTOCOL => true,
            TCP | "6" => (self.from..=self.to).contains(&port),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w17_another_rule_or_a_wider_one_hides_nothing() {
        let rule = |protocol: &str, from, to, sources: &[&str]| Rule {
            protocol: protocol.to_owned(),
            from,
            to,
            sources: sources.iter().map(|it| (*it).to_owned()).collect(),
        };
        let table = [
            (rule("tcp", 5432, 5432, &["10.0.0.0/16"]), true),
            (rule("tcp", 5432, 5432, &["10.9.0.0/16", "10.0.0.0/16"]), true),
            (rule("tcp", 0, 65535, &["10.0.0.0/16"]), true),
            (rule("-1", -1, -1, &["10.0.0.0/16"]), true),
            (rule("tcp", 5433, 5433, &["10.0.0.0/16"]), false),
            (rule("udp", 5432, 5432, &["10.0.0.0/16"]), false),
            (rule("tcp", 5432, 5432, &["10.9.0.0/16"]), false),
        ];
        for (rule, expected) in table {
            let group = SecurityGroup { ingress: vec![rule], ..SecurityGroup::default() };
            assert_eq!(group.allows("10.0.0.0/16", 5432), expected, "{group:?}");
        }
    }
}
