//! CloudWatch: what AWS measures of databases and caches.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy,
};

use super::error::Error;
use super::gate::Gate;
use crate::aws::operations::cloudwatch as api;

/// What one call takes.
const AT_ONCE: usize = 500;
/// Over which an average is made, s.
const PERIOD: i32 = 300;
/// An older value tells nothing of now, s.
const OLDEST: u64 = 900;

/// Measurements of one region.
#[derive(Clone)]
pub struct CloudWatch {
    client: Client,
    gate: Gate,
}

/// One metric of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// Such as `AWS/RDS`.
    pub namespace: &'static str,
    /// Such as `CPUUtilization`.
    pub metric: &'static str,
    /// What things are told apart by, such as `DBInstanceIdentifier`.
    pub dimension: &'static str,
    /// Which of them.
    pub of: String,
}

impl CloudWatch {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate }
    }

    /// The newest average over five minutes of each, in the metric's unit; `None` where nothing was measured lately. One
    /// call for 500.
    pub async fn newest(&self, queries: &[Query]) -> Result<Vec<Option<f64>>, Error> {
        let mut found = Vec::new();
        for queries in queries.chunks(AT_ONCE) {
            let newest = newest(self.results(queries).await?);
            found.extend((0..queries.len()).map(|number| newest.get(&id(number)).copied()));
        }
        Ok(found)
    }

    async fn results(&self, queries: &[Query]) -> Result<Vec<MetricDataResult>, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        let period = u64::from(PERIOD.unsigned_abs());
        let queries: Vec<_> = queries.iter().enumerate().map(query).collect();
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let request = self
                .client
                .get_metric_data()
                .set_metric_data_queries(Some(queries.clone()))
                .scan_by(ScanBy::TimestampDescending)
                // CloudWatch answers faster when the window begins with a period.
                .start_time(time((now - OLDEST) / period * period))
                .end_time(time(now))
                .set_next_token(token);
            let page = self.gate.call(api::GET_METRIC_DATA, request.send()).await?;
            found.extend(page.metric_data_results.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }
}

fn id(number: usize) -> String {
    format!("m{number}")
}

fn time(seconds: u64) -> DateTime {
    DateTime::from_secs(seconds.try_into().unwrap_or(i64::MAX))
}

fn query((number, query): (usize, &Query)) -> MetricDataQuery {
    let dimension = Dimension::builder().name(query.dimension).value(&query.of).build();
    let metric = Metric::builder()
        .namespace(query.namespace)
        .metric_name(query.metric)
        .dimensions(dimension)
        .build();
    let stat = MetricStat::builder().metric(metric).period(PERIOD).stat("Average").build();
    MetricDataQuery::builder().id(id(number)).metric_stat(stat).build()
}

/// The newest value of each query, in whatever order they come, and on however many pages.
fn newest(results: Vec<MetricDataResult>) -> HashMap<String, f64> {
    let mut newest: HashMap<String, (i64, f64)> = HashMap::new();
    for result in results {
        let Some(id) = result.id else { continue };
        let times = result.timestamps.unwrap_or_default().into_iter().map(|time| time.secs());
        let Some(found) = times.zip(result.values.unwrap_or_default()).max_by_key(|it| it.0) else {
            continue;
        };
        let known = newest.entry(id).or_insert(found);
        if known.0 < found.0 {
            *known = found;
        }
    }
    newest.into_iter().map(|(id, (_, value))| (id, value)).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn w63_the_newest_value_counts() {
        let result = |id: &str, measured: &[(u64, f64)]| {
            let times = measured.iter().map(|it| time(it.0)).collect();
            let values = measured.iter().map(|it| it.1).collect();
            let result = MetricDataResult::builder().id(id);
            result.set_timestamps(Some(times)).set_values(Some(values)).build()
        };
        let found = newest(vec![
            result("m0", &[(600, 2.0), (300, 1.0)]),
            result("m1", &[(300, 3.0), (600, 4.0)]),
            result("m2", &[]),
            result("m1", &[(0, 5.0)]),
        ]);
        assert_eq!(found, HashMap::from([("m0".into(), 2.0), ("m1".into(), 4.0)]));
    }
}
