//! Where snapshots are: RDS or ElastiCache, by one set of words.

use proto::Kind;
use tokio::time::Instant;

use crate::aws::{Clients, Error, Snapshot};
use crate::place::Place;
use crate::tags::Tags;

use super::plan::Source;

const AVAILABLE: &str = "available";

/// The service that takes snapshots of one kind.
#[derive(Clone, Copy)]
pub(super) struct Store<'a> {
    pub(super) clients: &'a Clients,
    pub(super) place: &'a Place,
    pub(super) kind: Kind,
}

impl Store<'_> {
    /// The snapshot of this name, as a listing shows it that was asked for at `not_before` or later.
    pub(super) async fn snapshot(
        &self,
        name: &str,
        not_before: Instant,
    ) -> Result<Option<Snapshot>, Error> {
        let listed = match self.kind {
            Kind::RedisSnapshot => self.clients.elasticache.snapshots(self.place, not_before).await,
            _ => self.clients.rds.snapshots(self.place, not_before).await,
        };
        Ok(listed?.iter().find(|it| it.name == name).cloned())
    }

    /// Its tags.
    pub(super) async fn tags(&self, snapshot: &Snapshot) -> Result<Tags, Error> {
        match &snapshot.tags {
            Some(tags) => Ok(tags.clone()),
            None => self.clients.elasticache.tags(&snapshot.arn).await,
        }
    }

    /// What a snapshot shall be taken of, if it is there.
    pub(super) async fn source(
        &self,
        id: &str,
        not_before: Instant,
    ) -> Result<Option<Source>, Error> {
        if self.kind == Kind::RedisSnapshot {
            let groups = self.clients.elasticache.groups(self.place, not_before).await?;
            let found = groups.iter().find(|it| it.id == id);
            return Ok(found.map(|group| Source {
                is_available: group.status == AVAILABLE,
                status: group.status.clone(),
                node: group.primary.clone(),
            }));
        }
        let instances = self.clients.rds.instances(self.place, not_before).await?;
        let found = instances.iter().find(|it| it.id == id);
        Ok(found.map(|instance| Source {
            is_available: instance.status == AVAILABLE,
            status: instance.status.clone(),
            node: None,
        }))
    }

    pub(super) async fn create(
        &self,
        name: &str,
        (id, node): (&str, Option<&str>),
        tags: &Tags,
    ) -> Result<(), Error> {
        match self.kind {
            Kind::RedisSnapshot => {
                self.clients.elasticache.create_snapshot(name, id, node, tags).await
            }
            _ => self.clients.rds.create_snapshot(name, id, tags).await,
        }
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), Error> {
        match self.kind {
            Kind::RedisSnapshot => self.clients.elasticache.delete_snapshot(name).await,
            _ => self.clients.rds.delete_snapshot(name).await,
        }
    }
}
