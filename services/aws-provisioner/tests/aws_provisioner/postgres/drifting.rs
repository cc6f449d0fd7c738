use proto::{Record, State};

use super::databases::{Databases, id};
use crate::ground::OFTEN;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_its_status_is_told() {
    let databases = Databases::with(&OFTEN).await;
    let (item, _) = databases.settled("{}").await;
    databases.world.aws.set_status(&id(&item), Some("backing-up"));
    let is_told =
        |record: &Record| record.state == State::Ready && record.message.ends_with("backing-up");
    databases.world.until(&item, "told", is_told).await;
}
