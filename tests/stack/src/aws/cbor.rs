//! CloudWatch speaks CBOR, moto only the query protocol: its calls and answers are translated.
//!
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use axum::response::{IntoResponse as _, Response};
use ciborium::Value;
use http::{StatusCode, Uri};
use jiff::Timestamp;

use super::query::Query;
use super::refusal::Refusal;
use super::xml::Element;

const PATH: &str = "/service/GraniteServiceVersion20100801/operation/";
const VERSION: &str = "2010-08-01";
/// Seconds since the Unix epoch.
const TIME: u64 = 1;

/// The operation that a path asks for; `None` for another protocol.
pub(crate) fn operation(uri: &Uri) -> Option<&str> {
    uri.path().strip_prefix(PATH)
}

/// The same call in the query protocol.
pub(crate) fn query(operation: &str, body: &[u8]) -> Option<Query> {
    let body: Value = ciborium::from_reader(body).ok()?;
    let mut query = Query::new(operation, VERSION);
    flatten(&mut query, "", &body);
    Some(query)
}

/// What moto answers to `GetMetricData`.
pub(crate) fn answer(root: &Element) -> Response {
    let results = root.items("MetricDataResults").iter().map(result).collect();
    document(StatusCode::OK, &map([("MetricDataResults", Value::Array(results))]))
}

/// An error in this protocol.
pub(crate) fn refuse(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = format!("com.amazonaws.cloudwatch#{}", refusal.code);
    let message = refusal.message.clone();
    document(status, &map([("__type", code.into()), ("message", message.into())]))
}

/// `MetricDataQueries.member.1.Id=…`
fn flatten(query: &mut Query, key: &str, value: &Value) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Map(entries) => {
            for (name, value) in entries {
                flatten(query, &below(name.as_text().unwrap_or_default()), value);
            }
        }
        Value::Array(items) => {
            for (number, item) in (1..).zip(items) {
                flatten(query, &below(&format!("member.{number}")), item);
            }
        }
        Value::Tag(TIME, seconds) => query.set(key, time(seconds)),
        Value::Text(text) => query.set(key, text),
        Value::Bool(flag) => query.set(key, flag),
        Value::Float(number) => query.set(key, number),
        Value::Integer(number) => query.set(key, i128::from(*number)),
        _ => {}
    }
}

#[allow(clippy::cast_possible_truncation, reason = "whole seconds do")]
fn time(seconds: &Value) -> Timestamp {
    let whole = seconds.as_integer().and_then(|it| i64::try_from(it).ok());
    let whole = whole.or_else(|| seconds.as_float().map(|it| it as i64));
    Timestamp::from_second(whole.unwrap_or_default()).unwrap_or_default()
}

fn result(element: &Element) -> Value {
    let text = |name: &str| Value::from(element.text_of(name));
    let times = element.items("Timestamps").iter().map(|it| {
        let seconds = it.text.parse::<Timestamp>().map_or(0, Timestamp::as_second);
        Value::Tag(TIME, Box::new(seconds.into()))
    });
    let values = element.items("Values").iter();
    let values = values.map(|it| Value::Float(it.text.parse().unwrap_or(f64::NAN)));
    map([
        ("Id", text("Id")),
        ("StatusCode", text("StatusCode")),
        ("Timestamps", Value::Array(times.collect())),
        ("Values", Value::Array(values.collect())),
    ])
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.map(|(key, value)| (key.into(), value)).into())
}

fn document(status: StatusCode, value: &Value) -> Response {
    let mut body = Vec::new();
    ciborium::into_writer(value, &mut body).expect("memory takes everything");
    let headers = [("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_the_same_in_the_query_protocol() {
        let metric = map([("MetricName", "CPUUtilization".into())]);
        let call = map([
            ("MaxDatapoints", 3.into()),
            ("StartTime", Value::Tag(TIME, Box::new(Value::Float(60.0)))),
            ("MetricDataQueries", Value::Array(vec![map([("Metric", metric)])])),
        ]);
        let mut body = Vec::new();
        ciborium::into_writer(&call, &mut body).unwrap();
        let uri = format!("{PATH}GetMetricData").parse().unwrap();
        let query = query(operation(&uri).unwrap(), &body).unwrap();
        let expected = Query::new("GetMetricData", VERSION)
            .with("MaxDatapoints", 3)
            .with("StartTime", "1970-01-01T00:01:00Z")
            .with("MetricDataQueries.member.1.Metric.MetricName", "CPUUtilization");
        assert_eq!(query, expected);
    }
}
