//! Which finished snapshots are gone: one listing per region and service tells it for all of them.

use proto::{Kind, Record, Uid};
use tokio::time::Instant;

use crate::aws::{Clients, Error};
use crate::place::Place;

/// Claims of this place whose snapshots are not listed any more; all are of one kind.
pub(crate) async fn changed(
    clients: &Clients,
    place: &Place,
    records: &[&Record],
) -> Result<Vec<Uid>, Error> {
    let now = Instant::now();
    let listed = match records.first().map(|it| it.identity.kind) {
        Some(Kind::RedisSnapshot) => clients.elasticache.snapshots(place, now).await?,
        _ => clients.rds.snapshots(place, now).await?,
    };
    let is_gone = |record: &&&Record| {
        let name = record.placement.identifier.as_deref().unwrap_or_default();
        record.placement.account == place.account && !listed.iter().any(|it| it.name == name)
    };
    Ok(records.iter().filter(is_gone).map(|it| it.identity.uid.clone()).collect())
}
