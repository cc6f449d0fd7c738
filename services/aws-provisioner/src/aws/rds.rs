//! RDS: database instances, what AWS offers and plans for them, and their snapshots.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/Welcome.html>

mod instance;
mod maintenance;
mod setting;
mod snapshots;
mod subnet_groups;
mod versions;

use aws_sdk_rds::Client;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use std::sync::Arc;

pub use instance::{Endpoint, Instance};
pub use maintenance::{OptIn, PendingAction};
pub use setting::Setting;

use super::error::{Error, Kind};
use super::gate::Gate;
use super::one_attempt;
use super::operation::Operation;
use super::snapshot::Snapshot;
use crate::aws::operations::rds as api;
use crate::listing::Listings;
use crate::place::Place;
use crate::tags::Tags;

/// The largest page that AWS gives.
const PAGE: i32 = 100;
const ENGINE: &str = "postgres";

/// Databases of one region.
#[derive(Clone)]
pub struct Rds {
    client: Client,
    gate: Gate,
    instances: Listings<Vec<Instance>>,
    actions: Listings<Vec<PendingAction>>,
    snapshots: Listings<Vec<Snapshot>>,
    versions: Listings<Vec<String>>,
}

/// How an instance is made; what is not here is AWS's own default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInstance {
    /// Its identifier, in lower case.
    pub id: String,
    /// What can be changed later.
    pub settings: Vec<Setting>,
    /// Name of the first database.
    pub database: String,
    /// Name of the master user.
    pub username: String,
    /// Whether its storage is encrypted.
    pub is_encrypted: bool,
    /// The key of that encryption; AWS's own when unset.
    pub kms_key: Option<String>,
    /// The one zone, when it has no standby.
    pub zone: Option<String>,
    /// Name of the DB subnet group.
    pub subnet_group: String,
    /// Ids of the security groups.
    pub security_groups: Vec<String>,
    /// Tags, set by the same call.
    pub tags: Tags,
}

/// How an instance is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modification {
    /// What is changed.
    pub settings: Vec<Setting>,
    /// At once, together with everything that is pending already; else AWS waits for the instance's maintenance window
    /// where a change needs it.
    pub at_once: bool,
    /// The engine's major version may change.
    pub allows_major: bool,
}

/// What becomes of an instance's data when it is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// Name of the snapshot to take first.
    pub final_snapshot: Option<String>,
    /// Whether automated backups go too.
    pub deletes_backups: bool,
}

impl Rds {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self {
            client,
            gate,
            instances: Listings::default(),
            actions: Listings::default(),
            snapshots: Listings::default(),
            versions: Listings::default(),
        }
    }

    /// All instances of the region, from one listing that was asked for at `not_before` or later.
    pub async fn instances(
        &self,
        place: &Place,
        not_before: Instant,
    ) -> Result<Arc<Vec<Instance>>, Error> {
        self.instances.get(place, not_before, self.list_instances()).await
    }

    async fn list_instances(&self) -> Result<Vec<Instance>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request = self.client.describe_db_instances().max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_DB_INSTANCES, request.send()).await?;
            found.extend(
                page.db_instances.unwrap_or_default().into_iter().filter_map(Instance::read),
            );
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// Makes an instance; one attempt. Answers with what AWS then knows of it.
    pub async fn create(
        &self,
        new: &NewInstance,
        password: &SecretString,
    ) -> Result<Instance, Error> {
        let request = self
            .client
            .create_db_instance()
            .engine(ENGINE)
            .db_instance_identifier(&new.id)
            .db_name(&new.database)
            .master_username(&new.username)
            .master_user_password(password.expose_secret())
            .storage_encrypted(new.is_encrypted)
            .set_kms_key_id(new.kms_key.clone())
            .set_availability_zone(new.zone.clone())
            .db_subnet_group_name(&new.subnet_group)
            .set_vpc_security_group_ids(Some(new.security_groups.clone()))
            .set_tags(Some(instance::built(&new.tags)));
        let request = new.settings.iter().fold(request, |request, it| it.create(request));
        let request = request.customize().config_override(once());
        let answer = self.gate.call(api::CREATE_DB_INSTANCE, request.send()).await?;
        read(api::CREATE_DB_INSTANCE, answer.db_instance)
    }

    /// Changes an instance; one attempt. Answers with what AWS then knows of it.
    pub async fn modify(&self, id: &str, modification: &Modification) -> Result<Instance, Error> {
        let request = self
            .client
            .modify_db_instance()
            .db_instance_identifier(id)
            .apply_immediately(modification.at_once)
            .set_allow_major_version_upgrade(modification.allows_major.then_some(true));
        let settings = modification.settings.iter();
        let request = settings.fold(request, |request, it| it.modify(request));
        let request = request.customize().config_override(once());
        let answer = self.gate.call(api::MODIFY_DB_INSTANCE, request.send()).await?;
        read(api::MODIFY_DB_INSTANCE, answer.db_instance)
    }

    /// Replaces the master password; one attempt. AWS takes a moment to apply it.
    pub async fn set_password(&self, id: &str, password: &SecretString) -> Result<(), Error> {
        let request = self
            .client
            .modify_db_instance()
            .db_instance_identifier(id)
            .master_user_password(password.expose_secret())
            .customize()
            .config_override(once());
        self.gate.call(api::MODIFY_DB_INSTANCE, request.send()).await.map(|_| ())
    }

    /// Adds or replaces tags.
    pub async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Error> {
        let request = self.client.add_tags_to_resource().resource_name(arn);
        let request = request.set_tags(Some(instance::built(tags)));
        self.gate.call(api::ADD_TAGS_TO_RESOURCE, request.send()).await.map(|_| ())
    }

    /// Begins to delete an instance; one attempt. One that is gone already is no error.
    pub async fn delete(&self, id: &str, deletion: &Deletion) -> Result<(), Error> {
        let request = self
            .client
            .delete_db_instance()
            .db_instance_identifier(id)
            .skip_final_snapshot(deletion.final_snapshot.is_none())
            .set_final_db_snapshot_identifier(deletion.final_snapshot.clone())
            .delete_automated_backups(deletion.deletes_backups)
            .customize()
            .config_override(once());
        super::error::gone(
            self.gate.call(api::DELETE_DB_INSTANCE, request.send()).await.map(|_| ()),
        )
    }
}

fn once() -> aws_sdk_rds::config::Builder {
    aws_sdk_rds::config::Builder::new().retry_config(one_attempt())
}

/// An answer without an instance tells nothing: its effect must be observed.
fn read(
    operation: Operation,
    answer: Option<aws_sdk_rds::types::DbInstance>,
) -> Result<Instance, Error> {
    answer.and_then(Instance::read).ok_or_else(|| Error {
        operation,
        kind: Kind::Unknown,
        code: "NoInstance".to_owned(),
    })
}
