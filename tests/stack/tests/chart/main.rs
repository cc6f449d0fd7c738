//! What the chart installs, and what it refuses.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without fails it")]

mod guards;
mod network;
mod pods;
mod values;
mod versions;

use kube::api::DynamicObject;
use serde_json::Value;
use stack::render;

/// Files of values that the lints use too: each turns on what others cannot have at the same time.
pub(crate) const VARIANTS: [&str; 5] =
    ["full", "openshift", "openshift-sts", "namespaces", "external-nats"];

/// What the chart installs with the values of a file.
pub(crate) fn variant(name: &str) -> Vec<Value> {
    let file = stack::repository().join(stack::CHART).join(format!("ci/{name}.yaml"));
    let output = stack::helm()
        .unwrap()
        .args([
            "template",
            "cloud-resource-operator",
            stack::CHART,
            "--namespace",
            "cro",
            "--values",
        ])
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    stack::read(&String::from_utf8(output.stdout).unwrap()).unwrap().iter().map(plain).collect()
}

/// What it installs by default, with these exceptions.
pub(crate) fn rendered(values: &[&str]) -> Vec<Value> {
    let values: Vec<String> = values.iter().map(|&it| it.to_owned()).collect();
    render("cro", &values).unwrap().iter().map(plain).collect()
}

fn plain(object: &DynamicObject) -> Value {
    serde_json::to_value(object).unwrap()
}

/// Those of a kind.
pub(crate) fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

/// Its name.
pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}
