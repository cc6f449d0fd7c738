use stack::{PATIENCE, eventually};

use super::caches::{Caches, id};
use crate::ground::OFTEN;

#[tokio::test(flavor = "multi_thread")]
async fn w43_what_only_members_show_is_found_by_their_common_listing() {
    let caches = Caches::with(&OFTEN).await;
    let strategy = r#"{"createStrategy":{"PreferredMaintenanceWindow":"sun:01:00-sun:02:00"}}"#;
    let (item, _) = caches.settled(strategy).await;
    let window = async || caches.member(&item).await.preferred_maintenance_window;
    let request = caches.world.elasticache().modify_replication_group();
    let request = request.replication_group_id(id(&item));
    request.preferred_maintenance_window("mon:01:00-mon:02:00").send().await.unwrap();
    let brought_back = eventually("brought back", PATIENCE, async || {
        Ok((window().await.as_deref() == Some("sun:01:00-sun:02:00")).then_some(()))
    });
    brought_back.await.unwrap();
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 1);
}
