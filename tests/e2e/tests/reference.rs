//! `docs/metrics.md` lists what the services serve. Written anew by `UPDATE_DOCS=1 cargo test --workspace --test e2e reference::`.

use std::collections::{BTreeMap, BTreeSet};

use proto::Service;
use stack::{Claim, Stack, repository};

const HEAD: &str = "\
<!-- Written by the test that compares it with what the services serve; do not edit. -->

# Metrics

What each service serves at `/metrics` on port 8080, in the OpenMetrics format. Counters have the suffix `_total`, histograms `_bucket`, `_sum` and
`_count`. Names end in their unit; what they tell, and alerts, is in [Metrics and alerts](monitoring.md).

| Metric | Type | From | Meaning |
|---|---|---|---|
";

#[derive(Default)]
struct Family {
    kind: String,
    help: String,
    services: BTreeSet<&'static str>,
}

fn read(text: &str, service: Service, families: &mut BTreeMap<String, Family>) {
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some("#"), Some(what), Some(name), Some(rest)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let family = families.entry(name.to_owned()).or_default();
        family.services.insert(service.as_str());
        match what {
            "TYPE" => rest.clone_into(&mut family.kind),
            "HELP" => rest.trim_end_matches('.').clone_into(&mut family.help),
            _ => {}
        }
    }
}

fn page(families: &BTreeMap<String, Family>) -> String {
    let row = |(name, family): (&String, &Family)| {
        let from: Vec<_> = family.services.iter().copied().collect();
        let from =
            if from.len() == Service::ALL.len() { "all".to_owned() } else { from.join(", ") };
        format!("| `{name}` | {} | {from} | {} |\n", family.kind, family.help)
    };
    HEAD.to_owned() + &families.iter().map(row).collect::<String>()
}

#[allow(clippy::disallowed_methods, reason = "whoever runs the test asks for it")]
fn shall_update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_in_the_reference() {
    let mut stack = Stack::start("reference").await.unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let mut families = BTreeMap::new();
    for service in Service::ALL {
        let text = stack.service(service).replicas()[0].metrics().await.unwrap();
        read(&text, service, &mut families);
    }
    let (page, path) = (page(&families), repository().join("docs/metrics.md"));
    if shall_update() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page);
}
