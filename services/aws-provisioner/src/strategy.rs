//! Reading a strategy: the JSON of one tier, as administrators of the Go operator wrote it.
//!
//! Field names are those of the AWS API, matched in any case. `null` and `""` are absent, because whole SDK structs
//! were serialized into these ConfigMaps. What we do not know is ignored and reported; what would open, replace or
//! redirect a resource is refused with its path.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A strategy that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("strategy field {path}: {problem}")]
pub struct StrategyError {
    /// Path of the field, such as `createStrategy.ACL`.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

/// One field that we know.
pub struct Field {
    name: &'static str,
    rule: Rule,
}

enum Rule {
    Take,
    Nested(&'static [Field]),
    Refuse(&'static str),
}

impl Field {
    /// A field that is taken.
    pub const fn take(name: &'static str) -> Self {
        Self { name, rule: Rule::Take }
    }

    /// An object with fields of its own.
    pub const fn nested(name: &'static str, fields: &'static [Self]) -> Self {
        Self { name, rule: Rule::Nested(fields) }
    }

    /// A field that is refused, and why.
    pub const fn refuse(name: &'static str, why: &'static str) -> Self {
        Self { name, rule: Rule::Refuse(why) }
    }
}

/// A strategy that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// Its typed fields.
    pub strategy: T,
    /// Paths that were ignored because nobody knows them.
    pub ignored: Vec<String>,
}

/// Reads the JSON of a tier by the fields that are known.
pub fn read<T: DeserializeOwned>(json: &str, fields: &[Field]) -> Result<Read<T>, StrategyError> {
    let value: Value = serde_json::from_str(json).map_err(|error| StrategyError {
        path: ".".to_owned(),
        problem: format!("not valid JSON at line {} column {}", error.line(), error.column()),
    })?;
    let mut ignored = Vec::new();
    let known = known(&value, fields, "", &mut ignored)?;
    let strategy = serde_path_to_error::deserialize(known).map_err(|error| StrategyError {
        path: error.path().to_string(),
        problem: error.inner().to_string(),
    })?;
    Ok(Read { strategy, ignored })
}

/// The known fields under their own spelling, without what is absent.
fn known(
    value: &Value,
    fields: &[Field],
    path: &str,
    ignored: &mut Vec<String>,
) -> Result<Value, StrategyError> {
    let Value::Object(entries) = value else {
        let path = if path.is_empty() { ".".to_owned() } else { path.to_owned() };
        return Err(StrategyError { path, problem: "must be a JSON object".to_owned() });
    };
    let mut found = Map::new();
    for (key, value) in entries.iter().filter(|(_, value)| !is_absent(value)) {
        let Some(field) = fields.iter().find(|field| field.name.eq_ignore_ascii_case(key)) else {
            ignored.push(join(path, key));
            continue;
        };
        let path = join(path, field.name);
        let value = match field.rule {
            Rule::Take => value.clone(),
            Rule::Nested(fields) => known(value, fields, &path, ignored)?,
            Rule::Refuse(why) => return Err(StrategyError { path, problem: why.to_owned() }),
        };
        found.insert(field.name.to_owned(), value);
    }
    Ok(Value::Object(found))
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
