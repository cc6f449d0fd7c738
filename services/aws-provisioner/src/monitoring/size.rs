//! How large instances are.

use std::collections::BTreeMap;

use proto::Kind;
use service::gauges::Series;
use tokio::time::Instant;

use super::Resource;
use crate::aws::rds::{Instance, Setting};
use crate::aws::{Clients, Error};
use crate::place::Place;

const MEMORY: &str = "cro_postgres_max_memory";
const STORAGE: &str = "cro_postgres_current_allocated_storage";

/// Name and help of each metric.
pub(super) const METRICS: &[(&str, &str)] =
    &[(MEMORY, "Memory of the instance's class, bytes"), (STORAGE, "Allocated storage, bytes")];
const GIB: f64 = 1_073_741_824.0;
const MIB: f64 = 1_048_576.0;

/// Memory of instance types, MiB, asked once; `None` for one that EC2 does not have.
pub(super) type Memories = BTreeMap<String, Option<i64>>;

/// Series of our instances as listed at `since` or later.
pub(super) async fn series(
    clients: &Clients,
    place: &Place,
    resources: &[Resource],
    since: Instant,
    memories: &mut Memories,
) -> Result<Vec<Series>, Error> {
    if !resources.iter().any(|it| it.kind == Kind::Postgres) {
        return Ok(Vec::new());
    }
    let instances = clients.rds.instances(place, since).await?;
    let of = |resource: &Resource| instances.iter().find(|it| it.id == resource.id).cloned();
    let ours: Vec<_> = resources.iter().filter_map(|it| Some((it, of(it)?))).collect();
    for class in ours.iter().filter_map(|(_, instance)| class(instance)) {
        if memories.contains_key(class) {
            continue;
        }
        match clients.ec2.memory(class).await {
            Ok(memory) => memories.insert(class.to_owned(), memory),
            // The storage is known all the same; the others would fail alike.
            Err(error) => {
                tracing::warn!(error = %error, "the memory of instances is not known");
                break;
            }
        };
    }
    let sizes = ours.iter().flat_map(|(resource, instance)| sizes(resource, instance, memories));
    Ok(sizes.collect())
}

#[allow(clippy::cast_precision_loss, reason = "no class has that much memory")]
fn sizes(resource: &Resource, instance: &Instance, memories: &Memories) -> Vec<Series> {
    let memory = class(instance).and_then(|class| memories.get(class).copied().flatten());
    let storage = instance.settings.iter().find_map(|it| match it {
        Setting::AllocatedStorage(gib) => Some(f64::from(*gib) * GIB),
        _ => None,
    });
    let values = [(MEMORY, memory.map(|mib| mib as f64 * MIB)), (STORAGE, storage)];
    let series =
        |(metric, value): (_, Option<f64>)| Some(super::series(metric, resource, [], value?));
    values.into_iter().filter_map(series).collect()
}

/// As EC2 names it: without `db.`.
fn class(instance: &Instance) -> Option<&str> {
    instance.settings.iter().find_map(|it| match it {
        Setting::Class(class) => class.strip_prefix("db."),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::resource;
    use super::*;

    #[test]
    fn sizes_are_in_bytes_and_an_unknown_class_has_no_memory() {
        let settings = vec![Setting::Class("db.t4g.small".into()), Setting::AllocatedStorage(20)];
        let instance = Instance { id: "db".into(), settings, ..Instance::default() };
        let found = |memory| {
            let memories = Memories::from([("t4g.small".to_owned(), memory)]);
            let sizes = sizes(&resource(Kind::Postgres, "db"), &instance, &memories);
            sizes.into_iter().map(|it| (it.metric, it.value)).collect::<Vec<_>>()
        };
        assert_eq!(found(Some(2048)), [(MEMORY, 2_147_483_648.0), (STORAGE, 21_474_836_480.0)]);
        assert_eq!(found(None), [(STORAGE, 21_474_836_480.0)]);
    }
}
