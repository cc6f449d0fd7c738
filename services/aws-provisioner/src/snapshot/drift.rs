//! Which finished snapshots are gone: one listing per region and service tells it for all of them.

use std::collections::BTreeSet;

use proto::{Kind, Record, Uid};
use tokio::time::Instant;

use crate::aws::{Clients, Error};
use crate::place::Place;

/// Claims of this place whose snapshots are not listed any more.
pub(crate) async fn changed(
    clients: &Clients,
    place: &Place,
    records: &[&Record],
) -> Result<Vec<Uid>, Error> {
    let now = Instant::now();
    let mut listed = BTreeSet::new();
    if records.iter().any(|it| it.identity.kind == Kind::PostgresSnapshot) {
        let all = clients.rds.snapshots(place, now).await?;
        listed.extend(all.iter().map(|it| (Kind::PostgresSnapshot, it.name.clone())));
    }
    if records.iter().any(|it| it.identity.kind == Kind::RedisSnapshot) {
        let all = clients.elasticache.snapshots(place, now).await?;
        listed.extend(all.iter().map(|it| (Kind::RedisSnapshot, it.name.clone())));
    }
    let is_gone = |record: &&&Record| {
        let name = record.placement.identifier.clone().unwrap_or_default();
        record.placement.account == place.account && !listed.contains(&(record.identity.kind, name))
    };
    Ok(records.iter().filter(is_gone).map(|it| it.identity.uid.clone()).collect())
}
