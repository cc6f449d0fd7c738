//! The table of all figures. Ids are stable: whoever compares two reports relies on them.

use serde::Serialize;

/// A line of the table: what is measured, once for each part (a kind of claim, or a service) that `*` stands for.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    id: &'static str,
    unit: &'static str,
    /// At most this much.
    aim: Option<f64>,
    meaning: &'static str,
}

/// One measured figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Stable name.
    pub id: String,
    /// In `unit`.
    pub value: f64,
    /// Such as `ms`.
    pub unit: &'static str,
    /// At most this much, in `unit`.
    pub aim: Option<f64>,
    /// Whether the value meets the aim.
    pub holds: Option<bool>,
    /// For readers.
    #[serde(skip)]
    pub meaning: &'static str,
}

impl Row {
    /// The figure of one part.
    pub fn figure(self, part: &str, value: f64) -> Figure {
        let Self { unit, aim, meaning, .. } = self;
        let (id, value) = (self.id.replace('*', part), (value * 100.0).round() / 100.0);
        Figure { id, value, unit, aim, holds: aim.map(|aim| value <= aim), meaning }
    }
}

const fn row(id: &'static str, unit: &'static str, aim: Option<f64>, meaning: &'static str) -> Row {
    Row { id, unit, aim, meaning }
}

const NONE: Option<f64> = None;
const ZERO: Option<f64> = Some(0.0);

/// One line for each figure.
#[rustfmt::skip]
mod table {
    use super::{NONE, Row, ZERO, row};

    // One claim after the other; `*` is the kind of claim.
    pub const SECRET_P50: Row = row("single.*.secret.p50", "ms", NONE, "from create to Secret, median");
    pub const SECRET_P95: Row = row("single.*.secret.p95", "ms", NONE, "from create to Secret, 95th percentile");
    pub const COMPLETE_P50: Row = row("single.*.complete.p50", "ms", NONE, "from create to phase complete, median");
    pub const COMPLETE_P95: Row = row("single.*.complete.p95", "ms", NONE, "from create to phase complete, 95th percentile");
    pub const OVERHEAD_P50: Row = row("single.*.overhead.p50", "ms", Some(300.0), "from create to Secret without what the pods or AWS take, median");
    pub const OVERHEAD_P95: Row = row("single.*.overhead.p95", "ms", NONE, "from create to Secret without what the pods or AWS take, 95th percentile");
    pub const CLAIM_WRITES: Row = row("claim.*.writes", "per claim", NONE, "Kubernetes writes until nothing more is done");
    pub const CLAIM_READS: Row = row("claim.*.reads", "per claim", NONE, "Kubernetes reads until nothing more is done, watches not counted");
    pub const CLAIM_PUBLISHES: Row = row("claim.*.publishes", "per claim", NONE, "messages stored on the bus until nothing more is done");
    pub const CLAIM_CALLS: Row = row("claim.*.provider_calls", "per claim", ZERO, "AWS calls until nothing more is done, listings counted");
    pub const BUCKET_CALLS: Row = row("claim.*.provider_calls", "per claim", Some(12.0), "AWS calls until nothing more is done, listings counted");
    pub const MAIL_CALLS: Row = row("claim.*.provider_calls", "per claim", Some(6.0), "AWS calls until nothing more is done, listings counted");
    pub const SNAPSHOT_CALLS: Row = row("claim.*.provider_calls", "per claim", Some(4.0), "AWS calls until nothing more is done, listings counted");
    pub const DATABASE_CALLS: Row = row("claim.*.provider_calls", "per claim", Some(5.0), "AWS calls until nothing more is done, listings counted, in a network that is there");

    pub const BY_HAND: Row = row("claim.*.by_hand", "ratio", Some(1.3), "AWS calls until nothing more is done, over those that a person would need");
    pub const NETWORK_CALLS: Row = row("network.provider_calls", "count", Some(23.0), "AWS calls until the first databases have their network; a person would need about 18");

    // Many claims at once; `*` is the burst: `burst` in the cluster, Postgres and Redis by turns, `burst-aws` Postgres on AWS.
    pub const BURST_SECRET_P50: Row = row("*.secret.p50", "s", NONE, "from create to Secret, median");
    pub const BURST_SECRET_P95: Row = row("*.secret.p95", "s", NONE, "from create to Secret, 95th percentile");
    pub const BURST_COMPLETE_P50: Row = row("*.complete.p50", "s", NONE, "from create to phase complete, median");
    pub const BURST_COMPLETE_P95: Row = row("*.complete.p95", "s", NONE, "from create to phase complete, 95th percentile");
    pub const BURST_ALL: Row = row("*.complete.all", "s", Some(20.0), "from the first create until all are complete");
    pub const BURST_AWS_ALL: Row = row("*.complete.all", "s", Some(4.9), "from the first create until all are complete");
    pub const BURST_MANY_ALL: Row = row("*.complete.all", "s", Some(9.8), "from the first create until all are complete: twice as many, the token bucket's burst");
    pub const BURST_PODS: Row = row("*.available.all", "s", NONE, "from the first create until all Deployments are available");
    pub const BURST_WRITES: Row = row("*.writes", "per claim", NONE, "Kubernetes writes until nothing more is done");
    pub const BURST_READS: Row = row("*.reads", "per claim", NONE, "Kubernetes reads until nothing more is done, watches not counted");
    pub const BURST_PUBLISHES: Row = row("*.publishes", "per claim", NONE, "messages stored on the bus until nothing more is done");
    pub const BURST_CALLS: Row = row("*.provider_calls", "per claim", NONE, "AWS calls for one claim until nothing more is done");
    pub const BURST_LISTINGS: Row = row("*.listings", "count", NONE, "AWS calls for all claims at once until nothing more is done");

    // `*` is the burst and the service.
    pub const BURST_CPU: Row = row("*.cpu", "ms per claim", NONE, "processor time of the service until nothing more is done");

    // Steady state with the claims of the bursts and the buckets.
    pub const QUIET_WRITES: Row = row("quiet.writes", "count", ZERO, "Kubernetes writes, renewals of the leader's Lease not counted");
    pub const QUIET_RENEWALS: Row = row("quiet.lease_renewals", "count", NONE, "renewals of the leader's Lease");
    pub const QUIET_READS: Row = row("quiet.reads", "count", NONE, "Kubernetes reads, watches not counted");
    pub const QUIET_PUBLISHES: Row = row("quiet.publishes", "count", ZERO, "messages stored on the bus, leases not counted");
    pub const QUIET_LEASES: Row = row("quiet.bus_leases", "count", NONE, "renewals of the lease of who looks at CloudWatch for all");
    pub const QUIET_CALLS: Row = row("quiet.provider_calls", "count", ZERO, "AWS calls for one claim");
    pub const QUIET_LISTINGS: Row = row("quiet.listings", "count", NONE, "AWS calls for all claims at once");

    // An hour of aws-provisioner with the same claims, in a minute: its periods are a sixtieth of the defaults.
    pub const HOUR_CALLS: Row = row("hour.provider_calls", "per claim", NONE, "AWS calls for one claim in an hour, all kinds together");
    pub const BUCKET_HOUR: Row = row("hour.*.provider_calls", "per claim", Some(6.0), "AWS calls for one claim in an hour");
    pub const DATABASE_HOUR: Row = row("hour.*.provider_calls", "per claim", ZERO, "AWS calls for one claim in an hour");
    pub const CACHE_HOUR: Row = row("hour.*.provider_calls", "per claim", Some(1.0), "AWS calls for one claim in an hour: its tags, which no listing shows");
    pub const MAIL_HOUR: Row = row("hour.*.provider_calls", "per claim", Some(2.0), "AWS calls for one claim in an hour");
    pub const SNAPSHOT_HOUR: Row = row("hour.*.provider_calls", "per claim", ZERO, "AWS calls for one claim in an hour");
    pub const HOUR_LISTINGS: Row = row("hour.listings", "count", NONE, "AWS calls for all claims at once in an hour");

    // With the claims of the bursts and the buckets; `*` is the service.
    pub const MEMORY: Row = row("memory.*", "MB", Some(60.0), "resident memory");
    pub const RESTART_STOP: Row = row("restart.*.stop", "s", NONE, "from SIGTERM to the end of the process");
    pub const RESTART_READY: Row = row("restart.*.ready", "s", Some(5.0), "from the start of the process until it is ready");
    pub const RESTART_CALLS: Row = row("restart.*.provider_calls", "count", Some(5.0), "AWS calls of a restart until nothing more is done, listings counted");
    pub const RESTART_LOOKED: Row = row("restart.watcher.looked", "s", NONE, "from the start of the process until it has looked at all claims");

    // With a thousand databases and caches on AWS; `*` is the service.
    pub const SCRAPE_P50: Row = row("scrape.*.p50", "ms", NONE, "to get /metrics with BENCH_SCRAPE_CLAIMS (1,000) claims, median of 50");
    pub const SCRAPE_P95: Row = row("scrape.*.p95", "ms", Some(50.0), "to get /metrics with BENCH_SCRAPE_CLAIMS (1,000) claims, 95th percentile of 50");
    pub const SCRAPE_SERIES: Row = row("scrape.*.series", "count", NONE, "series in /metrics with BENCH_SCRAPE_CLAIMS (1,000) claims");
    pub const SCRAPE_CALLS: Row = row("scrape.provider_calls", "count", ZERO, "AWS calls while /metrics was got, listings counted");

    // An installation by Helm with default values, on a node of its own. `*` is the service.
    pub const INSTALL_READY: Row = row("install.ready", "s", Some(60.0), "from helm install until all pods are ready; images are there");
    pub const INSTALL_SAMPLES: Row = row("install.samples", "s", NONE, "from kubectl apply until a Postgres, a Redis and both placeholders are complete; pods are real");
    pub const INSTALL_MEMORY: Row = row("install.memory.*", "MB", NONE, "resident memory, after a minute without claims");
    pub const INSTALL_MEMORY_ALL: Row = row("install.memory", "MB", NONE, "resident memory of the installation, after a minute without claims");
    pub const INSTALL_COMPOSE: Row = row("install.compose", "s", Some(120.0), "from docker compose up until all samples are complete; images are there");
    pub const INSTALL_IMAGE: Row = row("install.image.*", "MB", Some(40.0), "size of the image, compressed");

    pub const LOAD: Row = row("machine.load", "processes", NONE, "load average when the bench started: others that share the machine");
}

pub use table::*;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_holds_up_to_its_value_and_no_aim_says_nothing() {
        let cases = [
            (OVERHEAD_P50, 300.001, Some(true)),
            (OVERHEAD_P50, 300.02, Some(false)),
            (QUIET_WRITES, 0.0, Some(true)),
            (QUIET_WRITES, 1.0, Some(false)),
            (SECRET_P50, 1.0, None),
        ];
        for (row, value, holds) in cases {
            assert_eq!(row.figure("redis", value).holds, holds, "{value} of {}", row.id);
        }
        assert_eq!(OVERHEAD_P50.figure("redis", 1.0).id, "single.redis.overhead.p50");
    }
}
