//! Settled claims, region by region: a region that does not answer keeps nobody from looking at the others.

use std::collections::BTreeMap;

use proto::{Kind, Placement, Record, State, Uid};

use crate::aws::{self, Aws, Clients};
use crate::error::Error;
use crate::place::Place;

/// What `look` finds to be changed among settled claims of these kinds.
pub(crate) async fn changed(
    aws: &Aws,
    records: &[Record],
    kinds: &[Kind],
    look: impl AsyncFn(&Clients, &Place, &[&Record]) -> Result<Vec<Uid>, aws::Error>,
) -> Vec<Uid> {
    let mut regions: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    let is_meant = |it: &&Record| kinds.contains(&it.identity.kind) && it.state == State::Ready;
    for record in records.iter().filter(is_meant) {
        regions.entry(&record.placement.region).or_default().push(record);
    }
    let mut found = Vec::new();
    for (region, records) in regions {
        let used = aws.session().await;
        let seen = async {
            let (place, clients) = reach(aws, &records[0].placement).await?;
            Ok::<_, Error>(look(&clients, &place, &records).await?)
        };
        match seen.await {
            Ok(uids) => found.extend(uids),
            Err(error) => {
                aws.heed(error.reason(), &used).await;
                tracing::warn!(error = %error, region, ?kinds, "no look for drift");
            }
        }
    }
    found
}

/// The region in the account that we are in now; claims of another are not in its listing.
pub(crate) async fn reach(aws: &Aws, placement: &Placement) -> Result<(Place, Clients), Error> {
    aws.reach(&Placement { account: String::new(), ..placement.clone() }, None).await
}
