//! Cache subnet groups, and who lives in them.

use std::collections::BTreeSet;

use super::tagging::built;
use super::{ElastiCache, Error, PAGE, Tags, once};
use crate::aws::error::{gone, optional};
use crate::aws::operations::elasticache as api;
use crate::aws::subnet_group::SubnetGroup;

impl ElastiCache {
    /// The cache subnet group of this name.
    pub async fn subnet_group(&self, name: &str) -> Result<Option<SubnetGroup>, Error> {
        let request = self.client.describe_cache_subnet_groups().cache_subnet_group_name(name);
        let found =
            optional(self.gate.call(api::DESCRIBE_CACHE_SUBNET_GROUPS, request.send()).await)?;
        let groups = found.and_then(|it| it.cache_subnet_groups).unwrap_or_default();
        Ok(groups.into_iter().find_map(read))
    }

    /// Makes a cache subnet group; one attempt. Its name is unique.
    pub async fn create_subnet_group(
        &self,
        name: &str,
        description: &str,
        subnets: &[String],
        tags: &Tags,
    ) -> Result<(), Error> {
        let request = self
            .client
            .create_cache_subnet_group()
            .cache_subnet_group_name(name)
            .cache_subnet_group_description(description)
            .set_subnet_ids(Some(subnets.to_vec()))
            .set_tags(Some(built(tags)))
            .customize()
            .config_override(once());
        self.gate.call(api::CREATE_CACHE_SUBNET_GROUP, request.send()).await.map(|_| ())
    }

    /// Gives a cache subnet group these subnets and no others.
    pub async fn modify_subnet_group(&self, name: &str, subnets: &[String]) -> Result<(), Error> {
        let request = self
            .client
            .modify_cache_subnet_group()
            .cache_subnet_group_name(name)
            .set_subnet_ids(Some(subnets.to_vec()));
        self.gate.call(api::MODIFY_CACHE_SUBNET_GROUP, request.send()).await.map(|_| ())
    }

    /// Removes a cache subnet group that nobody uses. One that is gone already is no error.
    pub async fn delete_subnet_group(&self, name: &str) -> Result<(), Error> {
        let request = self.client.delete_cache_subnet_group().cache_subnet_group_name(name);
        gone(self.gate.call(api::DELETE_CACHE_SUBNET_GROUP, request.send()).await.map(|_| ()))
    }

    /// Identifiers of cache clusters in a subnet group or anywhere in a VPC, whoever made them.
    pub async fn clusters_in(&self, vpc: Option<&str>, group: &str) -> Result<Vec<String>, Error> {
        let mut groups = BTreeSet::from([group.to_owned()]);
        if let Some(vpc) = vpc {
            groups.extend(self.subnet_groups_of(vpc).await?);
        }
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request =
                self.client.describe_cache_clusters().max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_CACHE_CLUSTERS, request.send()).await?;
            let clusters = page.cache_clusters.unwrap_or_default().into_iter();
            found.extend(clusters.filter_map(|it| {
                let group = it.cache_subnet_group_name?.to_ascii_lowercase();
                it.cache_cluster_id.filter(|_| groups.contains(&group))
            }));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    async fn subnet_groups_of(&self, vpc: &str) -> Result<BTreeSet<String>, Error> {
        let (mut found, mut marker) = (BTreeSet::new(), None);
        loop {
            let request =
                self.client.describe_cache_subnet_groups().max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_CACHE_SUBNET_GROUPS, request.send()).await?;
            let groups = page.cache_subnet_groups.unwrap_or_default().into_iter();
            let groups = groups.filter_map(read).filter(|it| it.vpc == vpc);
            found.extend(groups.map(|it| it.name));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}

fn read(found: aws_sdk_elasticache::types::CacheSubnetGroup) -> Option<SubnetGroup> {
    let subnets = found.subnets.unwrap_or_default().into_iter();
    Some(SubnetGroup {
        name: found.cache_subnet_group_name?.to_ascii_lowercase(),
        arn: found.arn.unwrap_or_default(),
        vpc: found.vpc_id.unwrap_or_default(),
        subnets: subnets.filter_map(|it| it.subnet_identifier).collect(),
    })
}
