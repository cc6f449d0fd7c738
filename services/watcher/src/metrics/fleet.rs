//! The Go operator's metrics of claims, with its names and labels. They are made from what is watched when somebody
//! asks, so nothing is dropped, lags, or outlives its claim (W-61, W-62, W-65).

use crds::conditions::{READY, is_true};
use crds::{Claim, ClaimKind, Phase, names};
use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use super::watched::{PHASES, Watched};

type Labels = Vec<(&'static str, String)>;
/// Series of one claim: the label that it has beside the claim's own, and its value.
type Series<'a> = Vec<(Option<(&'static str, &'a str)>, f64)>;

/// One metric: its name, what it means, whose it is, and its series.
struct Metric {
    name: &'static str,
    help: &'static str,
    kind: ClaimKind,
    series: fn(&Seen) -> Series<'_>,
}

/// One claim at the moment of the scrape.
struct Seen {
    claim: Claim,
    /// What all metrics of it carry.
    labels: Labels,
    now: Timestamp,
}

const fn metric(
    name: &'static str,
    kind: ClaimKind,
    help: &'static str,
    series: fn(&Seen) -> Series<'_>,
) -> Metric {
    Metric { name, help, kind, series }
}

const SEEN: &str = "Unix time of the scrape, s, with the state of the resource";
const PHASE: &str = "1 for the phase that the claim is in, else 0";
const AVAILABLE: &str = "1 while the resource can be used, else 0";
const DELETION: &str = "Unix time at which the deletion of the claim was asked for, s";

#[rustfmt::skip]
const METRICS: [Metric; 11] = [
    metric("cro_postgres_info", ClaimKind::Postgres, SEEN, Seen::info),
    metric("cro_postgres_status_phase", ClaimKind::Postgres, PHASE, Seen::phases),
    metric("cro_postgres_available", ClaimKind::Postgres, AVAILABLE, Seen::available),
    metric("cro_postgres_deletion_timestamp", ClaimKind::Postgres, DELETION, Seen::deletion),
    metric("cro_postgres_snapshot_status_phase", ClaimKind::PostgresSnapshot, PHASE, Seen::phases),
    metric("cro_redis_info", ClaimKind::Redis, SEEN, Seen::info),
    metric("cro_redis_status_phase", ClaimKind::Redis, PHASE, Seen::phases),
    metric("cro_redis_available", ClaimKind::Redis, AVAILABLE, Seen::available),
    metric("cro_redis_deletion_timestamp", ClaimKind::Redis, DELETION, Seen::deletion),
    metric("cro_redis_snapshot_status_phase", ClaimKind::RedisSnapshot, PHASE, Seen::phases),
    metric("cro_blobstorage_status_phase", ClaimKind::BlobStorage, PHASE, Seen::phases),
];

impl Seen {
    fn new(claim: Claim, cluster: &str, now: Timestamp) -> Self {
        let labels = labels(&claim, cluster);
        Self { claim, labels, now }
    }

    fn is_ready(&self) -> bool {
        is_true(&self.claim.status.conditions, READY)
    }

    fn phase(&self) -> &str {
        self.claim.status.phase.as_deref().unwrap_or_default()
    }

    fn info(&self) -> Series<'_> {
        let state = if self.is_ready() { "available" } else { "nil" };
        vec![(Some(("status", state)), seconds(self.now))]
    }

    fn phases(&self) -> Series<'_> {
        let value = |phase: &Phase| f64::from(u8::from(phase.as_str() == self.phase()));
        PHASES.iter().map(|it| (Some(("statusPhase", it.as_str())), value(it))).collect()
    }

    fn available(&self) -> Series<'_> {
        vec![(None, f64::from(u8::from(self.is_ready())))]
    }

    fn deletion(&self) -> Series<'_> {
        let asked = self.claim.deletion.map(seconds);
        asked.map(|asked| (Some(("statusPhase", self.phase())), asked)).into_iter().collect()
    }
}

fn labels(claim: &Claim, cluster: &str) -> Labels {
    let Claim { name, namespace, status, annotations, labels, .. } = claim;
    let placed = status.placement.as_ref().and_then(|placement| placement.identifier.as_ref());
    let instance = placed.or_else(|| annotations.get(names::RESOURCE_IDENTIFIER));
    vec![
        ("clusterID", cluster.to_owned()),
        ("resourceID", name.clone()),
        ("namespace", namespace.clone()),
        ("instanceID", instance.cloned().unwrap_or_default()),
        ("productName", labels.get(names::PRODUCT_NAME).cloned().unwrap_or_default()),
        ("strategy", provider_name(claim).unwrap_or_default().to_owned()),
    ]
}

/// Snapshots carry that of their resource, as in the Go operator.
fn provider_name(claim: &Claim) -> Option<&str> {
    match claim.kind.parent() {
        Some(parent) => names::provider_name(claim.status.strategy.as_deref()?, parent),
        None => claim.status.provider.as_deref(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds of this age fit")]
fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}

/// Tells of what the leader watches.
#[derive(Debug)]
pub(crate) struct Fleet(pub(crate) Watched);

impl Collector for Fleet {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let Some((claims, cluster)) = self.0.claims() else { return Ok(()) };
        let now = Timestamp::now();
        let claims: Vec<Seen> =
            claims.into_iter().map(|claim| Seen::new(claim, &cluster, now)).collect();
        for Metric { name, help, kind, series } in METRICS {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for seen in claims.iter().filter(|seen| seen.claim.kind == kind) {
                for (more, value) in series(seen) {
                    let labels = (seen.labels.as_slice(), more.as_slice());
                    ConstGauge::new(value).encode(metric.encode_family(&labels)?)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use crds::conditions::{Fact, Truth, merge};
    use proto::Provider;
    use serde_json::json;

    use super::*;
    use crate::reconcile::observe::fixture::{observed, spec};

    fn claim(kind: ClaimKind) -> Claim {
        let mut claim = observed(kind, Provider::Aws, &spec()).claim;
        claim.status.phase = Some("complete".into());
        claim.status.provider = Some("aws-rds".into());
        claim.status.placement = serde_json::from_value(json!({
            "provider": "aws", "identifier": "cro-orders",
        }))
        .unwrap();
        let ready = Fact::new(READY, Truth::True, "Provisioned", "it works");
        claim.status.conditions = merge(&[], vec![ready], 1, Timestamp::UNIX_EPOCH);
        claim
    }

    fn series(name: &str, claim: &Claim) -> Vec<(Labels, f64)> {
        let metric = METRICS.iter().find(|metric| metric.name == name).unwrap();
        assert_eq!(metric.kind, claim.kind);
        let seen = Seen::new(claim.clone(), "c-1", Timestamp::UNIX_EPOCH);
        let own = |more: Option<(&'static str, &str)>| {
            let more = more.map(|(label, value)| (label, value.to_owned()));
            seen.labels.iter().cloned().chain(more).collect()
        };
        (metric.series)(&seen).into_iter().map(|(more, value)| (own(more), value)).collect()
    }

    #[test]
    fn series_carry_the_go_operators_labels() {
        let found = series("cro_postgres_available", &claim(ClaimKind::Postgres));
        let expected = [
            ("clusterID", "c-1"),
            ("resourceID", "orders"),
            ("namespace", "shop"),
            ("instanceID", "cro-orders"),
            ("productName", ""),
            ("strategy", "aws-rds"),
        ]
        .map(|(label, value)| (label, value.to_owned()));
        assert_eq!(found, [(expected.to_vec(), 1.0)]);
    }

    #[test]
    fn snapshots_carry_the_strategy_of_what_they_are_of() {
        let table = [
            (ClaimKind::PostgresSnapshot, "aws-rds"),
            (ClaimKind::RedisSnapshot, "aws-elasticache"),
        ];
        for (kind, expected) in table {
            let mut claim = claim(kind);
            claim.status.strategy = Some("aws".into());
            let labels = labels(&claim, "c-1");
            assert!(labels.contains(&("strategy", expected.to_owned())), "{labels:?}");
        }
    }

    #[test]
    fn w66_one_of_five_phases_is_set_and_it_is_the_one_that_users_see() {
        let found = series("cro_redis_status_phase", &claim(ClaimKind::Redis));
        let set: Vec<_> = found.iter().filter(|(_, value)| *value == 1.0).collect();
        assert_eq!((found.len(), set.len()), (5, 1));
        assert!(set[0].0.contains(&("statusPhase", "complete".to_owned())));
    }

    #[test]
    fn a_claim_that_is_being_deleted_says_since_when() {
        let mut claim = claim(ClaimKind::Postgres);
        assert_eq!(series("cro_postgres_deletion_timestamp", &claim), []);
        claim.deletion = Some(Timestamp::from_second(90).unwrap());
        assert_eq!(series("cro_postgres_deletion_timestamp", &claim)[0].1, 90.0);
    }

    #[test]
    fn what_does_not_work_is_not_available() {
        let mut claim = claim(ClaimKind::Postgres);
        claim.status.conditions.clear();
        assert_eq!(series("cro_postgres_available", &claim)[0].1, 0.0);
        let info = series("cro_postgres_info", &claim);
        assert!(info[0].0.contains(&("status", "nil".to_owned())));
    }
}
