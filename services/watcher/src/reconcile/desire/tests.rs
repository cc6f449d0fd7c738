use crds::conditions::reasons;
use proto::Defaults;
use serde_json::json;

use super::*;
use crate::reconcile::observe::fixture::{observed, published, spec};

fn reason(observed: &Observed) -> &'static str {
    decide(observed).unwrap_err().reason
}

#[test]
fn a_good_claim_is_published_whole() {
    let mut spec = spec();
    spec["size"] = json!("cache.t3.micro");
    let mut redis = observed(ClaimKind::Redis, Provider::Aws, &spec);
    redis.claim.labels.insert("productName".into(), "shop".into());
    let desire = decide(&redis).unwrap();
    assert!(desire.needs_finalizer);
    let item = desire.item;
    assert_eq!((item.desired, item.identity.generation), (Desired::Present, 2));
    assert_eq!(item.placement.region, "eu-west-1");
    assert_eq!((item.cluster.id.as_str(), item.cluster.defaults), ("cluster-1", Defaults::Secure));
    assert_eq!(item.secret_name, "orders-sec");
    assert_eq!(
        (item.options.size.as_str(), item.options.product_name.as_str()),
        ("cache.t3.micro", "shop")
    );
}

#[test]
fn what_cannot_be_served_says_why() {
    let with = |change: fn(&mut serde_json::Value)| {
        let mut spec = spec();
        change(&mut spec);
        observed(ClaimKind::Postgres, Provider::Openshift, &spec)
    };
    let table = [
        (with(|spec| spec["secretRef"] = json!({"name": ""})), reasons::INVALID),
        (with(|spec| spec["tier"] = json!("")), reasons::INVALID),
        (with(|spec| spec["tier"] = json!(7)), reasons::INVALID),
        (
            with(|spec| spec["secretRef"] = json!({"name": "a", "namespace": "other"})),
            reasons::NAMESPACE_REFUSED,
        ),
    ];
    for (observed, expected) in table {
        assert_eq!(reason(&observed), expected);
    }
    let own = with(|spec| spec["secretRef"] = json!({"name": "a", "namespace": "shop"}));
    assert!(decide(&own).is_ok());
}

#[test]
fn a_secret_of_an_older_claim_is_refused_with_its_owner() {
    let mut observed = observed(ClaimKind::Postgres, Provider::Openshift, &spec());
    observed.secret_owner = Some("Redis cache".into());
    let problem = decide(&observed).unwrap_err();
    assert_eq!(problem.reason, reasons::SECRET_TAKEN);
    assert!(problem.message.contains("Redis cache"), "{}", problem.message);
}

#[test]
fn the_pin_wins_over_the_mapping() {
    let mut observed = observed(ClaimKind::Redis, Provider::Aws, &spec());
    observed.claim.status.strategy = Some("openshift".into());
    assert_eq!(decide(&observed).unwrap().item.placement.provider, Provider::Openshift);
    observed.claim.status.strategy = Some("gcp".into());
    assert!(decide(&observed).unwrap_err().is_untouchable);
}

#[test]
fn the_pinned_region_wins_over_the_strategy() {
    let mut observed = observed(ClaimKind::Redis, Provider::Aws, &spec());
    observed.strategy =
        Ok(Strategy { tier: "development".into(), json: r#"{"region":"us-east-1"}"#.into() });
    assert_eq!(decide(&observed).unwrap().item.placement.region, "us-east-1");
    observed.claim.status.placement = Some(crds::Placement {
        provider: "aws".into(),
        region: Some("eu-central-1".into()),
        account: Some("000000000001".into()),
        identifier: Some("db-1".into()),
        observed: Some(true),
    });
    let placement = decide(&observed).unwrap().item.placement;
    assert_eq!(
        (placement.region.as_str(), placement.account.as_str()),
        ("eu-central-1", "000000000001")
    );
    assert_eq!((placement.identifier.as_deref(), placement.observed), (Some("db-1"), true));
}

#[test]
fn nothing_goes_to_aws_without_a_cluster_id() {
    let mut observed = observed(ClaimKind::Redis, Provider::Aws, &spec());
    observed.cluster.id = None;
    assert_eq!(reason(&observed), reasons::WAITING_FOR_CONFIG);
}

#[test]
fn a_broken_config_map_stops_new_claims_and_not_what_runs() {
    let broken = Err(Problem::config("ConfigMap a", "broken"));
    let mut new = observed(ClaimKind::Redis, Provider::Openshift, &spec());
    new.strategy = broken.clone();
    assert_eq!(reason(&new), reasons::WAITING_FOR_CONFIG);
    let mut running = published(Provider::Openshift);
    running.strategy = broken;
    let last = running.last.clone().unwrap();
    assert!(decide(&running).unwrap().item.asks_same_as(&last));
}

#[test]
fn skip_create_is_published_as_paused_and_placeholders_need_no_finalizer() {
    let mut paused = spec();
    paused["skipCreate"] = json!(true);
    let observed = observed(ClaimKind::BlobStorage, Provider::Openshift, &paused);
    let desire = decide(&observed).unwrap();
    assert_eq!((desire.item.desired, desire.needs_finalizer), (Desired::Paused, false));
}

#[test]
fn a_snapshot_waits_for_its_claim_and_is_not_offered_in_the_cluster() {
    let spec = json!({"resourceName": "orders"});
    let snapshot = |provider| observed(ClaimKind::PostgresSnapshot, provider, &spec);
    assert_eq!(reason(&snapshot(Provider::Aws)), reasons::WAITING_FOR_RESOURCE);
    let mut in_cluster = snapshot(Provider::Openshift);
    in_cluster.parent =
        Some(observed(ClaimKind::Postgres, Provider::Openshift, &self::spec()).claim);
    assert_eq!(reason(&in_cluster), reasons::INVALID);
}
