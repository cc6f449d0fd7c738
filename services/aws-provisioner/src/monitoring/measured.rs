//! What CloudWatch measures.

use std::sync::Arc;

use proto::Kind;
use service::gauges::Series;
use tokio::time::Instant;

use super::Resource;
use crate::aws::cloudwatch::Query;
use crate::aws::elasticache::Member;
use crate::aws::{Clients, Error};
use crate::place::Place;

/// Name and help of each metric.
pub(super) const METRICS: &[(&str, &str)] = &[
    ("cro_postgres_free_storage_average", "Free storage, bytes, average over 5 min"),
    ("cro_postgres_cpu_utilization_average", "CPU in use, percent, average over 5 min"),
    ("cro_postgres_freeable_memory_average", "Free memory, bytes, average over 5 min"),
    ("cro_redis_memory_usage_percentage_average", "Memory in use, percent, average over 5 min"),
    ("cro_redis_freeable_memory_average", "Free memory, bytes, average over 5 min"),
    ("cro_redis_cpu_utilization_average", "CPU in use, percent, average over 5 min"),
    (
        "cro_redis_engine_cpu_utilization_average",
        "CPU in use by the engine, percent, average over 5 min",
    ),
];

/// The names of CloudWatch, in the order of [`METRICS`].
const OF_POSTGRES: [&str; 3] = ["FreeStorageSpace", "CPUUtilization", "FreeableMemory"];
const OF_REDIS: [&str; 4] =
    ["DatabaseMemoryUsagePercentage", "FreeableMemory", "CPUUtilization", "EngineCPUUtilization"];

/// Series of all instances, and of all members of groups as listed at `since` or later: one call for 500.
pub(super) async fn series(
    clients: &Clients,
    place: &Place,
    resources: &[Resource],
    since: Instant,
) -> Result<Vec<Series>, Error> {
    let members = if resources.iter().any(|it| it.kind == Kind::Redis) {
        clients.elasticache.members(place, since).await.unwrap_or_else(|error| {
            // Instances of RDS are measured all the same.
            tracing::warn!(error = %error, "members of groups are not known");
            Arc::default()
        })
    } else {
        Arc::default()
    };
    let (queries, series) = asked(resources, &members);
    let values = clients.cloudwatch.newest(&queries).await?;
    let measured = series.into_iter().zip(values);
    Ok(measured.filter_map(|(series, value)| Some(Series { value: value?, ..series })).collect())
}

/// What to ask, and the series that each answer is the value of. Pure.
fn asked(resources: &[Resource], members: &[Member]) -> (Vec<Query>, Vec<Series>) {
    let (postgres, redis) = METRICS.split_at(OF_POSTGRES.len());
    let mut asked = Vec::new();
    for resource in resources {
        match resource.kind {
            Kind::Postgres => {
                let query = |metric| Query {
                    namespace: "AWS/RDS",
                    metric,
                    dimension: "DBInstanceIdentifier",
                    of: resource.id.clone(),
                };
                asked.extend(OF_POSTGRES.iter().zip(postgres).map(|(of, (metric, _))| {
                    (query(of), super::series(metric, resource, [], 0.0))
                }));
            }
            Kind::Redis => {
                for member in members.iter().filter(|it| it.group == resource.id) {
                    let query = |metric| Query {
                        namespace: "AWS/ElastiCache",
                        metric,
                        dimension: "CacheClusterId",
                        of: member.id.clone(),
                    };
                    asked.extend(OF_REDIS.iter().zip(redis).map(|(of, (metric, _))| {
                        (query(of), of_member(metric, resource, &member.id))
                    }));
                }
            }
            _ => {}
        }
    }
    asked.into_iter().unzip()
}

/// As with the Go operator, `instanceID` is the member's.
fn of_member(metric: &'static str, resource: &Resource, member: &str) -> Series {
    let mut series = super::series(metric, resource, [], 0.0);
    for (label, value) in &mut series.labels {
        if *label == "instanceID" {
            member.clone_into(value);
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::super::fixture::resource;
    use super::*;

    #[test]
    fn w64_three_of_an_instance_four_of_each_member_and_nothing_foreign() {
        let member = |group: &str, id: &str| Member {
            id: id.into(),
            group: group.into(),
            ..Member::default()
        };
        let resources = [resource(Kind::Postgres, "db"), resource(Kind::Redis, "cache")];
        let members =
            [member("cache", "cache-001"), member("cache", "cache-002"), member("foreign", "f-1")];
        let (queries, series) = asked(&resources, &members);
        assert_eq!((queries.len(), series.len()), (3 + 2 * 4, 3 + 2 * 4));
        assert_eq!(series[0].metric, "cro_postgres_free_storage_average");
        assert_eq!((queries[0].metric, queries[0].of.as_str()), ("FreeStorageSpace", "db"));
        let last = (series.last().unwrap(), queries.last().unwrap());
        assert_eq!(last.0.metric, "cro_redis_engine_cpu_utilization_average");
        assert!(last.0.labels.contains(&("instanceID", "cache-002".into())));
        assert_eq!((last.1.metric, last.1.of.as_str()), ("EngineCPUUtilization", "cache-002"));
    }
}
