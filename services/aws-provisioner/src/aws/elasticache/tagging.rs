//! Tags, which no listing shows.

use aws_sdk_elasticache::types::Tag;

use super::{ElastiCache, Error, Tags};
use crate::aws::operations::elasticache as api;

impl ElastiCache {
    /// Tags of a resource. AWS tells them only while it is available.
    pub async fn tags(&self, arn: &str) -> Result<Tags, Error> {
        let request = self.client.list_tags_for_resource().resource_name(arn);
        let answer = self.gate.call(api::LIST_TAGS_FOR_RESOURCE, request.send()).await?;
        let tags = answer.tag_list.unwrap_or_default().into_iter();
        Ok(tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
    }

    /// Adds or replaces tags.
    pub async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Error> {
        let request = self.client.add_tags_to_resource().resource_name(arn);
        let request = request.set_tags(Some(built(tags)));
        self.gate.call(api::ADD_TAGS_TO_RESOURCE, request.send()).await.map(|_| ())
    }
}

pub(super) fn built(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
