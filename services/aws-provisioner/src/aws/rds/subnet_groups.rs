//! DB subnet groups, who lives in a VPC, and what can be ordered where.

use std::collections::BTreeSet;

use super::instance::built;
use super::{ENGINE, Error, PAGE, Rds, Tags, once};
use crate::aws::error::{gone, optional};
use crate::aws::operations::rds as api;
use crate::aws::subnet_group::SubnetGroup;

impl Rds {
    /// The DB subnet group of this name.
    pub async fn subnet_group(&self, name: &str) -> Result<Option<SubnetGroup>, Error> {
        let request = self.client.describe_db_subnet_groups().db_subnet_group_name(name);
        let found = optional(self.gate.call(api::DESCRIBE_DB_SUBNET_GROUPS, request.send()).await)?;
        let groups = found.and_then(|it| it.db_subnet_groups).unwrap_or_default();
        Ok(groups.into_iter().find_map(read))
    }

    /// Makes a DB subnet group; one attempt. Its name is unique.
    pub async fn create_subnet_group(
        &self,
        name: &str,
        description: &str,
        subnets: &[String],
        tags: &Tags,
    ) -> Result<(), Error> {
        let request = self
            .client
            .create_db_subnet_group()
            .db_subnet_group_name(name)
            .db_subnet_group_description(description)
            .set_subnet_ids(Some(subnets.to_vec()))
            .set_tags(Some(built(tags)))
            .customize()
            .config_override(once());
        self.gate.call(api::CREATE_DB_SUBNET_GROUP, request.send()).await.map(|_| ())
    }

    /// Gives a DB subnet group these subnets and no others.
    pub async fn modify_subnet_group(&self, name: &str, subnets: &[String]) -> Result<(), Error> {
        let request = self
            .client
            .modify_db_subnet_group()
            .db_subnet_group_name(name)
            .set_subnet_ids(Some(subnets.to_vec()));
        self.gate.call(api::MODIFY_DB_SUBNET_GROUP, request.send()).await.map(|_| ())
    }

    /// Removes a DB subnet group that nobody uses. One that is gone already is no error.
    pub async fn delete_subnet_group(&self, name: &str) -> Result<(), Error> {
        let request = self.client.delete_db_subnet_group().db_subnet_group_name(name);
        gone(self.gate.call(api::DELETE_DB_SUBNET_GROUP, request.send()).await.map(|_| ()))
    }

    /// Tags of a resource.
    pub async fn tags(&self, arn: &str) -> Result<Tags, Error> {
        let request = self.client.list_tags_for_resource().resource_name(arn);
        let answer = self.gate.call(api::LIST_TAGS_FOR_RESOURCE, request.send()).await?;
        let tags = answer.tag_list.unwrap_or_default().into_iter();
        Ok(tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
    }

    /// Identifiers of instances in a subnet group or anywhere in a VPC, whoever made them.
    pub async fn instances_in(&self, vpc: Option<&str>, group: &str) -> Result<Vec<String>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request = self.client.describe_db_instances().max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_DB_INSTANCES, request.send()).await?;
            let instances = page.db_instances.unwrap_or_default().into_iter();
            found.extend(instances.filter_map(|it| {
                let of = it.db_subnet_group?;
                let is_in_group = of.db_subnet_group_name.as_deref() == Some(group);
                let is_in = is_in_group || (vpc.is_some() && of.vpc_id.as_deref() == vpc);
                it.db_instance_identifier.filter(|_| is_in)
            }));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// Zones in which an instance of Postgres of this class can be ordered.
    pub async fn zones_of(&self, class: &str) -> Result<BTreeSet<String>, Error> {
        let (mut found, mut marker) = (BTreeSet::new(), None);
        loop {
            let request = self
                .client
                .describe_orderable_db_instance_options()
                .engine(ENGINE)
                .db_instance_class(class)
                .max_records(PAGE)
                .set_marker(marker);
            let page =
                self.gate.call(api::DESCRIBE_ORDERABLE_DB_INSTANCE_OPTIONS, request.send()).await?;
            let options = page.orderable_db_instance_options.unwrap_or_default().into_iter();
            let zones = options.flat_map(|it| it.availability_zones.unwrap_or_default());
            found.extend(zones.filter_map(|zone| zone.name));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}

fn read(found: aws_sdk_rds::types::DbSubnetGroup) -> Option<SubnetGroup> {
    let subnets = found.subnets.unwrap_or_default().into_iter();
    Some(SubnetGroup {
        name: found.db_subnet_group_name?.to_ascii_lowercase(),
        arn: found.db_subnet_group_arn.unwrap_or_default(),
        vpc: found.vpc_id.unwrap_or_default(),
        subnets: subnets.filter_map(|it| it.subnet_identifier).collect(),
    })
}
