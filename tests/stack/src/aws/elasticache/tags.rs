//! Tags by ARN.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{ElastiCache, status};
use crate::aws::ask::Ask;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

impl ElastiCache {
    /// The ARNs of all that has this tag.
    pub(in crate::aws) fn tagged(&self, key: &str, value: &str) -> Vec<String> {
        let has =
            |tags: &BTreeMap<String, String>| tags.get(key).is_some_and(|found| found == value);
        self.tags.iter().filter(|(_, tags)| has(tags)).map(|(arn, _)| arn.clone()).collect()
    }

    pub(super) fn tags(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let arn = ask.query.get("ResourceName").unwrap_or_default();
        let mut parts = arn.rsplitn(3, ':');
        let (id, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_known = match kind {
            "replicationgroup" => self.find(id).map(|_| true)?,
            "subnetgroup" => self.subnet_groups.contains_key(id),
            "parametergroup" => self.parameter_groups.contains_key(id),
            "snapshot" => self.snapshots.contains_key(id),
            _ => false,
        };
        if !is_known {
            return Err(Refusal::new(400, "InvalidARN", format!("{arn} names nothing")));
        }
        if let Some(group) = self.groups.get(id) {
            let status = status(ask, group, now);
            // What is there in part has no tags to show yet, or not any more.
            let is_whole = !["creating", "create-failed", "deleting"].contains(&status.as_str());
            if ask.action() != "ListTagsForResource" || !is_whole {
                group.must_be_available(&status)?;
            }
        }
        let tags = self.tags.entry(arn.to_owned()).or_default();
        match ask.action() {
            "AddTagsToResource" => tags.extend(ask.query.tags()),
            "RemoveTagsFromResource" => {
                let keys = ask.query.list("TagKeys");
                tags.retain(|key, _| !keys.contains(&key.as_str()));
            }
            _ => {}
        }
        let tag = |(key, value)| {
            Element::tree("Tag", [Element::leaf("Key", key), Element::leaf("Value", value)])
        };
        Ok(Element::tree("TagList", tags.iter().map(tag)))
    }
}
