//! `docs/metrics.md` lists what the services serve. `UPDATE_DOCS=1 cargo test --workspace --test e2e reference:: metrics::`
//! adds what it lacks.

use std::collections::BTreeMap;

use crds::ClaimKind;
use proto::Service;
use stack::{Claim, Stack, repository};

const HEAD: &str = "\
<!-- Written by the test that compares it with what the services serve; do not edit. -->

# Metrics

What each service serves at `/metrics` on port 8080, in the OpenMetrics format. Counters have the suffix `_total`, histograms `_bucket`, `_sum` and
`_count`. Names end in their unit. The prefix says who serves it;
`bus_` all four, `worker_` both provisioners, `cro_` those that [Metrics and alerts](monitoring.md) names, which says what they tell as well.

| Metric | Type | Meaning |
|---|---|---|
";

#[derive(Default)]
struct Family {
    kind: String,
    help: String,
}

fn read(text: &str, families: &mut BTreeMap<String, Family>) {
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some("#"), Some(what), Some(name), Some(rest)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let family = families.entry(name.to_owned()).or_default();
        match what {
            "TYPE" => rest.clone_into(&mut family.kind),
            "HELP" => rest.trim_end_matches('.').clone_into(&mut family.help),
            _ => {}
        }
    }
}

/// Rows of the table, by name of the metric.
fn rows(families: &BTreeMap<String, Family>) -> BTreeMap<String, String> {
    let row = |(name, family): (&String, &Family)| {
        let row = format!("| `{name}` | {} | {} |", family.kind, family.help);
        (name.clone(), row)
    };
    families.iter().map(row).collect()
}

fn name(row: &str) -> String {
    row.split('`').nth(1).unwrap_or_default().to_owned()
}

#[allow(clippy::disallowed_methods, reason = "whoever runs the test asks for it")]
fn shall_update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Fails when something is served that the reference does not have. What has no series now is not served.
pub(crate) async fn check(stack: &mut Stack) {
    let mut families = BTreeMap::new();
    for service in Service::ALL {
        let text = stack.service(service).replicas()[0].metrics().await.unwrap();
        read(&text, &mut families);
    }
    let path = repository().join("docs/metrics.md");
    let reference = std::fs::read_to_string(&path).unwrap_or_default();
    let (mut rows, known) = (rows(&families), reference.lines().filter(|it| it.starts_with("| `")));
    let known: BTreeMap<_, _> = known.map(|row| (name(row), row.to_owned())).collect();
    if shall_update() {
        for (name, row) in known {
            rows.entry(name).or_insert(row);
        }
        let rows: String = rows.into_values().map(|row| row + "\n").collect();
        return std::fs::write(path, HEAD.to_owned() + &rows).unwrap();
    }
    let differs: Vec<_> = rows.iter().filter(|(name, row)| known.get(*name) != Some(row)).collect();
    assert!(differs.is_empty(), "docs/metrics.md lacks {differs:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_in_the_reference() {
    let mut stack = Stack::start("reference").await.unwrap();
    let claims = [
        Claim::redis("inside"),
        Claim::new(ClaimKind::Redis, "cache", "managed"),
        Claim::bucket("files"),
    ];
    for claim in &claims {
        stack.create(claim).await.unwrap();
    }
    for claim in &claims {
        stack.until_complete(claim).await.unwrap();
    }
    let snapshot = Claim::snapshot(ClaimKind::RedisSnapshot, "copy", "cache");
    stack.create(&snapshot).await.unwrap();
    stack.until_complete(&snapshot).await.unwrap();
    check(&mut stack).await;
}
