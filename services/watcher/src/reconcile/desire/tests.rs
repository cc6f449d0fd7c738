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
fn what_another_operator_serves_is_not_even_validated() {
    let mut observed = observed(ClaimKind::Redis, Provider::Aws, &json!({}));
    assert_eq!(reason(&observed), reasons::INVALID);
    observed.provider = Err(Problem::untouchable("gcp"));
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
fn w23_a_changed_cluster_id_is_told_on_aws_and_not_followed() {
    let mut observed = observed(ClaimKind::Redis, Provider::Aws, &spec());
    observed.cluster.refused_id = Some("cluster-2".into());
    let desire = decide(&observed).unwrap();
    assert_eq!(desire.item.cluster.id, "cluster-1");
    let told =
        "the cluster id cluster-2 is not followed: what is on AWS carries cluster-1, for life";
    assert!(desire.warning.unwrap().message.starts_with(told));
    observed.provider = Ok(Provider::Openshift);
    assert_eq!(decide(&observed).unwrap().warning, None);
}

#[test]
fn f05_a_provider_that_the_mapping_does_not_name_any_more_is_told_and_kept() {
    let mut observed = published(Provider::Aws);
    observed.moved = Some(Provider::Openshift);
    let desire = decide(&observed).unwrap();
    assert_eq!(desire.item.placement.provider, Provider::Aws);
    let told =
        "its type is served by openshift now, and it stays with aws: a provider is kept for life";
    assert_eq!(desire.warning.unwrap().message, told);
}

#[test]
fn nothing_goes_to_aws_without_a_cluster_id() {
    let mut observed = observed(ClaimKind::Redis, Provider::Aws, &spec());
    observed.cluster.id = None;
    assert_eq!(reason(&observed), reasons::WAITING_FOR_CONFIG);
}

#[test]
fn a_region_is_read_as_the_go_operator_reads_it_and_else_is_the_clusters() {
    let table = [
        (r#"{"Region":"us-east-1"}"#, "us-east-1"),
        (r#"{"region":""}"#, "eu-west-1"),
        (r#"{"region":null}"#, "eu-west-1"),
        ("{}", "eu-west-1"),
    ];
    for (json, region) in table {
        let mut observed = observed(ClaimKind::Redis, Provider::Aws, &spec());
        observed.strategy = Ok(Strategy { tier: "development".into(), json: json.into() });
        assert_eq!(decide(&observed).unwrap().item.placement.region, region, "{json}");
        observed.provider = Ok(Provider::Openshift);
        assert_eq!(decide(&observed).unwrap().item.placement.region, "", "{json}");
    }
}

#[test]
fn an_item_from_before_a_restore_says_where_the_resource_is() {
    let mut restored = published(Provider::Aws);
    let last = restored.last.as_mut().unwrap();
    last.placement.region = "us-east-1".into();
    last.placement.identifier = Some("db-1".into());
    let placement = decide(&restored).unwrap().item.placement;
    assert_eq!(placement.region, "us-east-1");
    assert_eq!(placement.identifier.as_deref(), Some("db-1"));
}

#[test]
fn a_broken_config_map_stops_new_claims_and_not_what_runs() {
    let problems = [
        Problem::config("ConfigMap a", "broken"),
        Problem::new(reasons::UNSUPPORTED_TIER, "the tier was removed"),
    ];
    for problem in problems {
        let mut new = observed(ClaimKind::Redis, Provider::Openshift, &spec());
        new.strategy = Err(problem.clone());
        assert_eq!(decide(&new), Err(problem.clone()));
        let mut running = published(Provider::Openshift);
        running.strategy = Err(problem.clone());
        let last = running.last.clone().unwrap();
        let desire = decide(&running).unwrap();
        assert!(desire.item.asks_same_as(&last));
        let warning = desire.warning.unwrap();
        let message = format!("the last good strategy goes on: {}", problem.message);
        assert_eq!((warning.reason, warning.message), (problem.reason, message));
    }
}

#[test]
fn a_tier_is_not_changed_to_one_that_cannot_be_read() {
    let mut running = published(Provider::Openshift);
    running.claim.spec.tier = Some("gold".into());
    running.strategy = Err(Problem::config("ConfigMap a", "broken"));
    assert_eq!(reason(&running), reasons::WAITING_FOR_CONFIG);
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
fn a_bucket_in_the_cluster_needs_a_finalizer_from_the_moment_it_is_asked_for() {
    let mut files = observed(ClaimKind::BlobStorage, Provider::Openshift, &spec());
    let needs_finalizer = |observed: &Observed| decide(observed).unwrap().needs_finalizer;
    assert!(!needs_finalizer(&files));
    let asking = r#"{"strategy":{"objectBucketClaim":{"storageClassName":"a"}}}"#;
    let placeholder = files.strategy.clone().unwrap();
    files.strategy = Ok(Strategy { json: asking.into(), ..placeholder.clone() });
    assert!(needs_finalizer(&files));
    files.claim.spec.skip_create = true;
    assert!(needs_finalizer(&files), "one that is paused may have been made before");
    files.strategy = Ok(placeholder);
    assert!(!needs_finalizer(&files));
    let placement = crds::Placement {
        provider: "openshift".into(),
        identifier: Some("orders-x".into()),
        ..crds::Placement::default()
    };
    files.claim.status.placement = Some(placement);
    assert!(needs_finalizer(&files), "it was made, and nobody asks for it any more");
}

#[test]
fn a_snapshot_is_not_offered_in_the_cluster() {
    let spec = json!({"resourceName": "orders"});
    let snapshot = |provider| observed(ClaimKind::PostgresSnapshot, provider, &spec);
    assert_eq!(reason(&snapshot(Provider::Openshift)), reasons::INVALID);
    assert_eq!(reason(&snapshot(Provider::Aws)), reasons::WAITING_FOR_RESOURCE);
}

#[test]
fn a_snapshot_outlives_its_claim() {
    let spec = json!({"resourceName": "orders"});
    let mut snapshot = observed(ClaimKind::PostgresSnapshot, Provider::Aws, &spec);
    snapshot.last = published(Provider::Aws).last;
    snapshot.strategy = Err(Problem::new(reasons::UNSUPPORTED_TIER, "its claim is gone"));
    assert!(decide(&snapshot).is_ok());
}
