//! JSON as a list of leaves with their paths.

use serde_json::Value;

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StepTo {
    Key(String),
    Index(usize),
}

/// A text, number or boolean, and where it stands.
#[derive(Debug)]
pub(crate) struct Leaf<'a> {
    /// Such as `deploymentSpec.template.spec.containers[0].image`.
    pub(crate) path: String,
    pub(crate) steps: Vec<StepTo>,
    pub(crate) value: &'a Value,
}

/// The value without `null`, empty texts and what is empty without them.
pub(crate) fn prune(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().map(|(key, value)| (key, prune(value)));
            Value::Object(kept.filter(|(_, value)| !is_absent(value)).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(prune).collect()),
        other => other,
    }
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Every leaf. Empty objects and lists have none: they ask for nothing.
pub(crate) fn of(value: &Value) -> Vec<Leaf<'_>> {
    let mut leaves = Vec::new();
    collect(value, String::new(), &[], &mut leaves);
    leaves
}

fn collect<'a>(value: &'a Value, path: String, steps: &[StepTo], leaves: &mut Vec<Leaf<'a>>) {
    let mut descend = |value, path, step| {
        let steps = [steps, &[step]].concat();
        collect(value, path, &steps, leaves);
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                descend(value, path, StepTo::Key(key.clone()));
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                descend(value, format!("{path}[{index}]"), StepTo::Index(index));
            }
        }
        value => leaves.push(Leaf { path, steps: steps.to_vec(), value }),
    }
}

/// Whether something stands there.
pub(crate) fn contains(value: &Value, steps: &[StepTo]) -> bool {
    let found = steps.iter().try_fold(value, |value, step| match step {
        StepTo::Key(key) => value.get(key),
        StepTo::Index(index) => value.get(index),
    });
    found.is_some()
}
