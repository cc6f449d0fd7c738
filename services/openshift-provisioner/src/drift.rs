//! Does an object still say what we rendered?
//!
//! The API server adds defaults and others add fields of their own, so the question is whether the rendered manifest
//! is a subset of the observed object. Where server-side apply merges a list by a key, so does the comparison.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::quantity;

/// Keys by which server-side apply tells the entries of a list apart, in the order in which they are tried: a mount
/// has a name too, but is told apart by its path.
const LIST_KEYS: [&str; 3] = ["mountPath", "uid", "name"];
/// Maps whose values are quantities.
const QUANTITIES: [&str; 2] = ["requests", "limits"];

/// Whether something that we rendered is missing or different.
pub fn has_drifted<K: Serialize>(rendered: &K, observed: &K) -> bool {
    let value = |object| serde_json::to_value(object).expect("manifests are plain data");
    !is_subset(&value(rendered), &value(observed))
}

fn is_subset(rendered: &Value, observed: &Value) -> bool {
    match (rendered, observed) {
        (Value::Object(rendered), Value::Object(observed)) => is_subset_of_map(rendered, observed),
        (Value::Array(rendered), Value::Array(observed)) => is_subset_of_list(rendered, observed),
        _ => rendered == observed,
    }
}

fn is_subset_of_map(rendered: &Map<String, Value>, observed: &Map<String, Value>) -> bool {
    rendered.iter().all(|(key, value)| match observed.get(key) {
        Some(other) if QUANTITIES.contains(&key.as_str()) => are_same_amounts(value, other),
        Some(other) => is_subset(value, other),
        // Stored as absent.
        None => is_empty(value),
    })
}

fn is_subset_of_list(rendered: &[Value], observed: &[Value]) -> bool {
    let key = LIST_KEYS.into_iter().find(|key| rendered.iter().all(|it| it.get(key).is_some()));
    match key {
        Some(key) => rendered.iter().all(|entry| {
            let other = observed.iter().find(|other| other.get(key) == entry.get(key));
            other.is_some_and(|other| is_subset(entry, other))
        }),
        None => {
            rendered.len() == observed.len()
                && rendered.iter().zip(observed).all(|(one, other)| is_subset(one, other))
        }
    }
}

fn are_same_amounts(rendered: &Value, observed: &Value) -> bool {
    let (Some(rendered), Some(observed)) = (rendered.as_object(), observed.as_object()) else {
        return is_subset(rendered, observed);
    };
    rendered.iter().all(|(name, amount)| {
        let pair = (amount.as_str(), observed.get(name).and_then(Value::as_str));
        matches!(pair, (Some(one), Some(other)) if quantity::same(one, other))
    })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
