//! ElastiCache: replication groups, what AWS offers and plans for them, and their snapshots.
//!
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/Welcome.html>

mod group;
mod member;
mod setting;
mod snapshots;
mod subnet_groups;
mod tagging;
mod updates;
mod versions;

use std::sync::Arc;

use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::types::AuthTokenUpdateStrategyType;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

pub use group::{Endpoint, Group};
pub use member::Member;
pub use setting::Setting;
pub use updates::Update;
pub use versions::Version;

use super::error::{Error, Kind, gone};
use super::gate::Gate;
use super::one_attempt;
use super::operation::Operation;
use super::snapshot::Snapshot;
use crate::aws::operations::elasticache as api;
use crate::listing::Listings;
use crate::place::Place;
use crate::tags::Tags;

/// The largest page that AWS gives.
const PAGE: i32 = 100;

/// Caches of one region.
#[derive(Clone)]
pub struct ElastiCache {
    client: Client,
    gate: Gate,
    groups: Listings<Vec<Group>>,
    members: Listings<Vec<Member>>,
    updates: Listings<Vec<Update>>,
    snapshots: Listings<Vec<Snapshot>>,
    versions: Listings<Vec<Version>>,
}

/// How a replication group is made; what is not here is AWS's own default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGroup {
    /// Its identifier, in lower case.
    pub id: String,
    /// For people.
    pub description: String,
    /// `redis` or `valkey`.
    pub engine: String,
    /// What can be changed later.
    pub settings: Vec<Setting>,
    /// The primary and its replicas.
    pub nodes: i32,
    /// Whether what it stores is encrypted.
    pub is_encrypted_at_rest: bool,
    /// The key of that encryption; AWS's own when unset.
    pub kms_key: Option<String>,
    /// Whether it speaks TLS only.
    pub has_tls: bool,
    /// TCP port; AWS's own when unset.
    pub port: Option<i32>,
    /// Zones of its nodes; AWS's own choice when empty.
    pub zones: Vec<String>,
    /// Whether rarely used data moves to disks.
    pub has_data_tiering: Option<bool>,
    /// Name of the cache subnet group.
    pub subnet_group: String,
    /// Ids of the security groups.
    pub security_groups: Vec<String>,
    /// Tags, set by the same call.
    pub tags: Tags,
}

/// How a replication group is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modification {
    /// What is changed.
    pub settings: Vec<Setting>,
    /// At once, together with everything that is pending already; else AWS waits for the group's maintenance window
    /// where a change needs it.
    pub at_once: bool,
}

impl ElastiCache {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self {
            client,
            gate,
            groups: Listings::default(),
            members: Listings::default(),
            updates: Listings::default(),
            snapshots: Listings::default(),
            versions: Listings::default(),
        }
    }

    /// All replication groups of the region, from one listing that was asked for at `not_before` or later.
    pub async fn groups(
        &self,
        place: &Place,
        not_before: Instant,
    ) -> Result<Arc<Vec<Group>>, Error> {
        self.groups.get(place, not_before, self.list_groups()).await
    }

    async fn list_groups(&self) -> Result<Vec<Group>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request =
                self.client.describe_replication_groups().max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_REPLICATION_GROUPS, request.send()).await?;
            let groups = page.replication_groups.unwrap_or_default();
            found.extend(groups.into_iter().filter_map(Group::read));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// Makes a replication group; one attempt. `token`: applications must know it. Answers with what AWS then knows.
    pub async fn create(
        &self,
        new: &NewGroup,
        token: Option<&SecretString>,
    ) -> Result<Group, Error> {
        let zones = Some(new.zones.clone()).filter(|zones| !zones.is_empty());
        let request = self
            .client
            .create_replication_group()
            .replication_group_id(&new.id)
            .replication_group_description(&new.description)
            .engine(&new.engine)
            .num_cache_clusters(new.nodes)
            .at_rest_encryption_enabled(new.is_encrypted_at_rest)
            .set_kms_key_id(new.kms_key.clone())
            .transit_encryption_enabled(new.has_tls)
            .set_auth_token(token.map(|token| token.expose_secret().to_owned()))
            .set_port(new.port)
            .set_preferred_cache_cluster_azs(zones)
            .set_data_tiering_enabled(new.has_data_tiering)
            .cache_subnet_group_name(&new.subnet_group)
            .set_security_group_ids(Some(new.security_groups.clone()))
            .set_tags(Some(tagging::built(&new.tags)));
        let request = new.settings.iter().fold(request, |request, it| it.create(request));
        let request = request.customize().config_override(once());
        let answer = self.gate.call(api::CREATE_REPLICATION_GROUP, request.send()).await?;
        read(api::CREATE_REPLICATION_GROUP, answer.replication_group)
    }

    /// Changes a replication group; one attempt. Answers with what AWS then knows of it.
    pub async fn modify(&self, id: &str, modification: &Modification) -> Result<Group, Error> {
        let request = self
            .client
            .modify_replication_group()
            .replication_group_id(id)
            .apply_immediately(modification.at_once);
        let settings = modification.settings.iter();
        let request = settings.fold(request, |request, it| it.modify(request));
        let request = request.customize().config_override(once());
        let answer = self.gate.call(api::MODIFY_REPLICATION_GROUP, request.send()).await?;
        read(api::MODIFY_REPLICATION_GROUP, answer.replication_group)
    }

    /// Adds another AUTH token; one attempt. The one before it is good until the next change. AWS does this at once or
    /// not at all.
    pub async fn rotate_token(&self, id: &str, token: &SecretString) -> Result<(), Error> {
        let request = self
            .client
            .modify_replication_group()
            .replication_group_id(id)
            .auth_token(token.expose_secret())
            .auth_token_update_strategy(AuthTokenUpdateStrategyType::Rotate)
            .apply_immediately(true)
            .customize()
            .config_override(once());
        self.gate.call(api::MODIFY_REPLICATION_GROUP, request.send()).await.map(|_| ())
    }

    /// Begins to delete a replication group; one attempt. One that is gone already is no error.
    pub async fn delete(&self, id: &str, final_snapshot: Option<&str>) -> Result<(), Error> {
        let request = self
            .client
            .delete_replication_group()
            .replication_group_id(id)
            .retain_primary_cluster(false)
            .set_final_snapshot_identifier(final_snapshot.map(ToOwned::to_owned))
            .customize()
            .config_override(once());
        gone(self.gate.call(api::DELETE_REPLICATION_GROUP, request.send()).await.map(|_| ()))
    }
}

fn once() -> aws_sdk_elasticache::config::Builder {
    aws_sdk_elasticache::config::Builder::new().retry_config(one_attempt())
}

/// An answer without a group tells nothing: its effect must be observed.
fn read(
    operation: Operation,
    answer: Option<aws_sdk_elasticache::types::ReplicationGroup>,
) -> Result<Group, Error> {
    answer.and_then(Group::read).ok_or_else(|| Error {
        operation,
        kind: Kind::Unknown,
        code: "NoReplicationGroup".to_owned(),
    })
}
