//! What AWS has, and what people and AWS do to it behind the service's back.

use aws_provisioner::tags::Tags;
use proto::{Kind, WorkItem};
use stack::{Maintenance, PATIENCE, Update, eventually};

use super::store::Store;

/// Strategy: nothing keeps people from deleting it, as nothing ever does with caches.
pub const UNPROTECTED: &str = r#"{"createStrategy":{"DeletionProtection":false}}"#;

/// What AWS has.
pub struct Seen {
    pub arn: String,
    pub class: String,
    /// Days for which backups are kept.
    pub backup_days: i32,
    pub is_public: bool,
}

impl Store {
    /// Makes a resource that is not ours.
    pub async fn make_foreign(&self, id: &str, tags: &Tags) {
        if self.kind == Kind::Redis {
            let tag = |(key, value): (&String, &String)| {
                aws_sdk_elasticache::types::Tag::builder().key(key).value(value).build()
            };
            let request = self.world.elasticache().create_replication_group();
            let request = request.replication_group_id(id).replication_group_description("theirs");
            request.set_tags(Some(tags.iter().map(tag).collect())).send().await.unwrap();
        } else {
            let tag = |(key, value): (&String, &String)| {
                aws_sdk_rds::types::Tag::builder().key(key).value(value).build()
            };
            let request = self.world.rds().create_db_instance().db_instance_identifier(id);
            let request = request.engine("postgres").db_instance_class("db.t3.small");
            let request = request.allocated_storage(20);
            request.set_tags(Some(tags.iter().map(tag).collect())).send().await.unwrap();
        }
    }

    /// What AWS has of an item's resource.
    pub async fn seen(&self, item: &WorkItem) -> Option<Seen> {
        let id = self.id(item);
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().describe_replication_groups();
            let answer = request.replication_group_id(id).send().await.ok()?;
            let group = answer.replication_groups?.into_iter().next()?;
            Some(Seen {
                arn: group.arn?,
                class: group.cache_node_type?,
                backup_days: group.snapshot_retention_limit?,
                is_public: false,
            })
        } else {
            let request = self.world.rds().describe_db_instances().db_instance_identifier(id);
            let instance = request.send().await.ok()?.db_instances?.into_iter().next()?;
            Some(Seen {
                arn: instance.db_instance_arn?,
                class: instance.db_instance_class?,
                backup_days: instance.backup_retention_period?,
                is_public: instance.publicly_accessible?,
            })
        }
    }

    /// Waits until AWS has an item's resource so.
    pub async fn until_seen(&self, item: &WorkItem, what: &str, is_it: impl Fn(&Seen) -> bool) {
        let seen = async || Ok(self.seen(item).await.filter(&is_it));
        eventually(what, PATIENCE, seen).await.unwrap();
    }

    /// Days for which backups of an item's resource are kept; `None` if there is none.
    pub async fn backup_days(&self, item: &WorkItem) -> Option<i32> {
        self.seen(item).await.map(|it| it.backup_days)
    }

    /// Tags of an item's resource.
    pub async fn tags(&self, item: &WorkItem) -> Tags {
        let arn = self.seen(item).await.unwrap().arn;
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().list_tags_for_resource().resource_name(arn);
            let tags = request.send().await.unwrap().tag_list.unwrap_or_default();
            tags.into_iter().filter_map(|it| Some((it.key?, it.value?))).collect()
        } else {
            let request = self.world.rds().list_tags_for_resource().resource_name(arn);
            let tags = request.send().await.unwrap().tag_list.unwrap_or_default();
            tags.into_iter().filter_map(|it| Some((it.key?, it.value?))).collect()
        }
    }

    /// Somebody adds a tag.
    pub async fn add_tag(&self, item: &WorkItem, key: &str, value: &str) {
        let arn = self.seen(item).await.unwrap().arn;
        if self.kind == Kind::Redis {
            let tag = aws_sdk_elasticache::types::Tag::builder().key(key).value(value).build();
            let request = self.world.elasticache().add_tags_to_resource().resource_name(arn);
            request.tags(tag).send().await.unwrap();
        } else {
            let tag = aws_sdk_rds::types::Tag::builder().key(key).value(value).build();
            let request = self.world.rds().add_tags_to_resource().resource_name(arn);
            request.tags(tag).send().await.unwrap();
        }
    }

    /// Somebody keeps backups for three days, and opens an instance to everybody.
    pub async fn bend(&self, item: &WorkItem) {
        let id = self.id(item);
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().modify_replication_group();
            request.replication_group_id(id).snapshot_retention_limit(3).send().await.unwrap();
        } else {
            let request = self.world.rds().modify_db_instance().db_instance_identifier(id);
            let request = request.backup_retention_period(3).publicly_accessible(true);
            request.send().await.unwrap();
        }
    }

    /// Somebody deletes an item's resource.
    pub async fn delete(&self, item: &WorkItem) {
        let id = self.id(item);
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().delete_replication_group();
            request.replication_group_id(id).send().await.unwrap();
        } else {
            let request = self.world.rds().delete_db_instance().db_instance_identifier(id);
            request.skip_final_snapshot(true).send().await.unwrap();
        }
    }

    /// AWS plans maintenance of an item's resource.
    pub fn plan_maintenance(&self, item: &WorkItem) {
        let id = self.id(item);
        if self.kind == Kind::Redis {
            self.world.aws.plan_update(Update::new(&id, "security-1"));
        } else {
            let mut planned = Maintenance::new(&id, "system-update");
            planned.auto_applied_after = Some("2022-01-12T00:00:00Z".to_owned());
            self.world.aws.plan_maintenance(planned);
        }
    }

    /// Whether nothing of that is left to do.
    pub async fn is_maintained(&self) -> bool {
        if self.kind == Kind::Redis {
            let answer = self.world.elasticache().describe_update_actions().send().await.unwrap();
            let done = Some(&aws_sdk_elasticache::types::UpdateActionStatus::Complete);
            answer.update_actions().iter().all(|it| it.update_action_status() == done)
        } else {
            let request = self.world.rds().describe_pending_maintenance_actions();
            request.send().await.unwrap().pending_maintenance_actions().is_empty()
        }
    }
}
