//! What a tier may say, from the same list and types that read it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{Field, Rule, join};
use crate::{blobstorage, network, postgres, redis, smtp};

/// Of a field that is known because the Go operator's users have it everywhere.
const NOTHING: &str = "Of no meaning here.";

/// One field of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Such as `createStrategy.EngineVersion`.
    pub path: String,
    /// What it means; of a refused one, why.
    pub meaning: String,
    /// Whether it makes a strategy invalid.
    pub is_refused: bool,
}

/// Every kind that has a strategy on AWS, as the ConfigMap names it, and what its tiers may say.
pub fn reference() -> [(&'static str, Vec<Described>); 5] {
    [
        ("postgres", postgres::strategy::Strategy::describe()),
        ("redis", redis::strategy::Strategy::describe()),
        ("blobstorage", blobstorage::strategy::Strategy::describe()),
        ("smtpcredentials", smtp::strategy::Strategy::describe()),
        ("_network", network::strategy::Strategy::describe()),
    ]
}

/// These fields, with the meaning that the documentation of `T` gives them.
pub(crate) fn describe<T: JsonSchema>(fields: &[Field]) -> Vec<Described> {
    let schema = SchemaGenerator::default().into_root_schema_for::<T>();
    let mut described = Vec::new();
    walk(&schema, schema.as_value(), fields, "", &mut described);
    described
}

fn walk(root: &Schema, part: &Value, fields: &[Field], path: &str, described: &mut Vec<Described>) {
    for field in fields {
        let property = &part["properties"][field.name];
        let path = join(path, field.name);
        let (meaning, is_refused) = match field.rule {
            Rule::Nested(fields) => {
                walk(root, resolve(root, property), fields, &path, described);
                continue;
            }
            Rule::Refuse(why) => (why.to_owned(), true),
            Rule::Take | Rule::TakeEmpty => (meaning(property), false),
        };
        described.push(Described { path, meaning, is_refused });
    }
}

fn meaning(property: &Value) -> String {
    let text = property["description"].as_str().unwrap_or(NOTHING);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn resolve<'a>(root: &'a Schema, part: &'a Value) -> &'a Value {
    let reference = part["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    reference.and_then(|pointer| root.as_value().pointer(pointer)).unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_count_have_a_meaning() {
        for (kind, fields) in reference() {
            let silent = fields.iter().filter(|it| it.meaning == NOTHING);
            let silent: Vec<_> = silent.map(|it| it.path.as_str()).collect();
            let harmless = ["deleteStrategy", "serviceUpdates"];
            assert!(silent.iter().all(|path| harmless.contains(path)), "{kind}: {silent:?}");
        }
        let [(_, postgres), ..] = reference();
        let retention =
            postgres.iter().find(|it| it.path == "createStrategy.BackupRetentionPeriod");
        assert_eq!(retention.unwrap().meaning, "Days.");
    }
}
