//! What the services have asked of Kubernetes, the bus and AWS so far.

use std::collections::BTreeMap;

use proto::Service;
use stack::{ApiCall, Call, Stack};

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Changes something in Kubernetes.
    Write,
    /// Renews the Lease of the watcher's leader.
    Renewal,
    /// Gets or lists in Kubernetes.
    Read,
    /// Stores a message on the bus.
    Publish,
    /// Asks AWS about one resource.
    ProviderCall,
    /// Asks AWS about all resources at once.
    Listing,
}

/// How often what was done, by class and by what it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<(Class, String), u64>);

impl Counts {
    /// Everything so far.
    pub async fn read(stack: &mut Stack) -> anyhow::Result<Self> {
        let mut counts = Self::default();
        for call in stack.site().plane.calls() {
            counts.add_api_call(&call, &stack.namespace);
        }
        for call in stack.aws.calls() {
            counts.add_provider_call(&call);
        }
        for service in Service::ALL {
            for replica in stack.service(service).replicas() {
                counts.add_publishes(service, &replica.metrics().await?);
            }
        }
        Ok(counts)
    }

    /// What was done since.
    pub fn since(&self, earlier: &Self) -> Self {
        let count = |key| earlier.0.get(key).copied().unwrap_or_default();
        let new = self.0.iter().map(|(key, now)| (key.clone(), now.saturating_sub(count(key))));
        Self(new.filter(|(_, count)| *count > 0).collect())
    }

    /// All of a class.
    pub fn total(&self, class: Class) -> u64 {
        self.of(class).map(|(_, count)| count).sum()
    }

    /// What a class consists of.
    pub fn of(&self, class: Class) -> impl Iterator<Item = (&str, u64)> {
        let own = self.0.iter().filter(move |((it, _), _)| *it == class);
        own.map(|((_, what), count)| (what.as_str(), *count))
    }

    /// Without what goes on for ever.
    pub fn without_renewals(mut self) -> Self {
        self.0.retain(|(class, _), _| *class != Class::Renewal);
        self
    }

    fn add(&mut self, class: Class, what: String, count: u64) {
        *self.0.entry((class, what)).or_default() += count;
    }

    fn add_api_call(&mut self, call: &ApiCall, namespace: &str) {
        let own = format!("system:serviceaccount:{namespace}:");
        let Some(service) = call.user.strip_prefix(&own) else { return };
        let class = match (call.resource.as_str(), call.verb.as_str()) {
            (_, "watch") => return,
            ("leases", "update") => Class::Renewal,
            _ if call.is_write() => Class::Write,
            _ => Class::Read,
        };
        let refused = if call.code < 400 { String::new() } else { format!(" ({})", call.code) };
        self.add(class, format!("{service}: {} {}{refused}", call.verb, call.resource), 1);
    }

    fn add_provider_call(&mut self, call: &Call) {
        let class = if call.resource.is_empty() { Class::Listing } else { Class::ProviderCall };
        self.add(class, format!("{}: {}", call.service, call.operation), 1);
    }

    /// Lines such as `bus_publishes_total{stream="WORK"} 3`.
    fn add_publishes(&mut self, service: Service, metrics: &str) {
        for line in metrics.lines() {
            let Some((labels, count)) = labelled(line, "bus_publishes_total") else { continue };
            self.add(Class::Publish, format!("{service}: {labels}"), count);
        }
    }
}

/// Labels and value of a counter's line.
pub fn labelled<'a>(line: &'a str, name: &str) -> Option<(&'a str, u64)> {
    let (labels, value) = line.strip_prefix(name)?.rsplit_once(' ')?;
    Some((labels.trim_matches(['{', '}']), value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(user: &str, verb: &str, resource: &str) -> ApiCall {
        let text = str::to_owned;
        ApiCall {
            user: text(user),
            verb: text(verb),
            resource: text(resource),
            namespace: text("ours"),
            name: String::new(),
            code: 200,
        }
    }

    #[test]
    fn calls_of_our_services_are_counted_by_class_and_those_of_others_are_not() {
        let ours = "system:serviceaccount:ours:watcher";
        let cases = [
            (call(ours, "patch", "postgres/status"), Some(Class::Write)),
            (call(ours, "create", "leases"), Some(Class::Write)),
            (call(ours, "update", "leases"), Some(Class::Renewal)),
            (call(ours, "get", "redis"), Some(Class::Read)),
            (call(ours, "watch", "redis"), None),
            (call("system:serviceaccount:kube-system:default", "patch", "pods"), None),
            (call("system:serviceaccount:ours-too:watcher", "patch", "pods"), None),
        ];
        for (call, class) in cases {
            let mut counts = Counts::default();
            counts.add_api_call(&call, "ours");
            assert_eq!(counts.0.keys().map(|(class, _)| *class).next(), class, "{call:?}");
        }
    }

    #[test]
    fn what_was_done_since_is_the_difference_and_a_counter_that_began_anew_says_nothing() {
        let metrics = |work: u64, records: u64| {
            let mut counts = Counts::default();
            let text = format!(
                "# TYPE bus_publishes counter\nbus_publishes_total{{stream=\"WORK\"}} {work}\n\
                 bus_publishes_total{{stream=\"records\"}} {records}\nbus_connects_total 1\n"
            );
            counts.add_publishes(Service::Watcher, &text);
            counts
        };
        let since = metrics(5, 1).since(&metrics(2, 4));
        assert_eq!(since.total(Class::Publish), 3);
        let parts: Vec<_> = since.of(Class::Publish).collect();
        assert_eq!(parts, [("watcher: stream=\"WORK\"", 3)]);
    }
}
