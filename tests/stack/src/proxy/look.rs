//! What a person sees who looks around in the account, and what one does by hand.

use http::Request;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;

use crate::aws::Query;
use crate::person::{self, FORM};

use super::{Call, Proxy};

impl Proxy {
    /// Calls that AWS refused because of a state which no test has forced. Whoever has had no answer may ask again.
    pub fn mistimed(&self) -> Vec<Call> {
        let (calls, forced) = (self.calls(), self.controls(|controls| controls.forced.clone()));
        let is_forced = |call: &Call| forced.iter().any(|id| call.refusal.contains(id.as_str()));
        let is_repeat = |call: &Call| {
            let has_no_answer = |it: &&Call| [0, 500].contains(&it.status);
            calls.iter().filter(has_no_answer).any(|it| it.operation == call.operation)
        };
        let is_meant = |it: &&Call| it.is_mistimed() && !is_forced(it) && !is_repeat(it);
        calls.iter().filter(is_meant).cloned().collect()
    }

    /// Calls a query API (`iam`, `rds`) with `Action=..&Version=..`; what elements of this name in the answer hold.
    pub async fn query(
        &self,
        service: &str,
        form: &str,
        element: &str,
    ) -> anyhow::Result<Vec<String>> {
        let request = Request::post(self.url()).header(CONTENT_TYPE, FORM);
        let answer = person::ask(service, request, form.to_owned()).await?;
        Ok(person::texts(&answer, element))
    }

    /// The names of all buckets.
    pub async fn buckets(&self) -> anyhow::Result<Vec<String>> {
        let answer = person::ask("s3", Request::get(self.url()), String::new()).await?;
        Ok(person::texts(&answer, "Name"))
    }

    /// The ARNs of all that has this tag, as `aws resourcegroupstaggingapi get-resources` finds them.
    pub async fn tagged(&self, key: &str, value: &str) -> anyhow::Result<Vec<String>> {
        let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
        let request = Request::post(self.url())
            .header(CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", target);
        let filters = serde_json::json!({"TagFilters": [{"Key": key, "Values": [value]}]});
        let answer = person::ask("tagging", request, filters.to_string()).await?;
        let answer: serde_json::Value = serde_json::from_str(&answer)?;
        let found = answer["ResourceTagMappingList"].as_array().cloned().unwrap_or_default();
        let arns = found.iter().filter_map(|it| it["ResourceARN"].as_str()).map(str::to_owned);
        Ok(arns.chain(self.shared.account.tagged(key, value).await).collect())
    }

    /// CloudWatch has measured this of an instance or a node, such as `CPUUtilization` in `AWS/RDS` of
    /// `DBInstanceIdentifier=cro-orders`.
    pub async fn measured(
        &self,
        metric: (&str, &str),
        (dimension, of): (&str, &str),
        at: Timestamp,
        value: f64,
    ) -> anyhow::Result<()> {
        self.measured_of_all(metric, dimension, &[of.to_owned()], at, value).await
    }

    /// CloudWatch has measured the same of many.
    pub async fn measured_of_all(
        &self,
        (namespace, metric): (&str, &str),
        dimension: &str,
        ids: &[String],
        at: Timestamp,
        value: f64,
    ) -> anyhow::Result<()> {
        let query = Query::new("PutMetricData", "2010-08-01").with("Namespace", namespace);
        let query = ids.iter().zip(1..).fold(query, |query, (id, number)| {
            let item = format!("MetricData.member.{number}");
            query
                .with(&format!("{item}.MetricName"), metric)
                .with(&format!("{item}.Dimensions.member.1.Name"), dimension)
                .with(&format!("{item}.Dimensions.member.1.Value"), id)
                .with(&format!("{item}.Timestamp"), at)
                .with(&format!("{item}.Value"), value)
        });
        self.query("monitoring", &query.form(), "Nothing").await.map(drop)
    }
}
