//! Reading a strategy: the JSON of one tier, as administrators of the Go operator wrote it.
//!
//! Field names are those of the AWS API, matched in any case. `null` and `""` are absent, because whole SDK structs
//! were serialized into these ConfigMaps. What we do not know is ignored and reported; what would open, replace or
//! redirect a resource is refused with its path.

mod describe;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) use describe::describe;
pub use describe::{Described, reference};

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
    TakeEmpty,
    Nested(&'static [Field]),
    Refuse(&'static str),
}

impl Field {
    /// A field that is taken.
    pub const fn take(name: &'static str) -> Self {
        Self { name, rule: Rule::Take }
    }

    /// A field whose empty text says something.
    pub const fn take_empty(name: &'static str) -> Self {
        Self { name, rule: Rule::TakeEmpty }
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
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        let field = fields.iter().find(|field| field.name.eq_ignore_ascii_case(key));
        if is_absent(value, field) {
            continue;
        }
        let Some(field) = field else {
            ignored.push(join(path, key));
            continue;
        };
        let path = join(path, field.name);
        let value = match field.rule {
            Rule::Take | Rule::TakeEmpty => value.clone(),
            Rule::Nested(fields) => known(value, fields, &path, ignored)?,
            Rule::Refuse(why) => return Err(StrategyError { path, problem: why.to_owned() }),
        };
        found.insert(field.name.to_owned(), value);
    }
    Ok(Value::Object(found))
}

fn is_absent(value: &Value, field: Option<&Field>) -> bool {
    let says_something = field.is_some_and(|field| matches!(field.rule, Rule::TakeEmpty));
    value.as_str() == Some("") && !says_something
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The account of an ARN; `None` for a bare name or alias, which is always the account's own.
pub(crate) fn owner_of_arn(text: &str) -> Option<&str> {
    text.strip_prefix("arn:").map(|rest| rest.split(':').nth(3).unwrap_or_default())
}

/// `us-gov-west-1`: at least three words of lower-case letters and digits.
pub(crate) fn looks_like_region(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    text.len() <= 32 && text.split('-').count() >= 3 && text.split('-').all(is_word)
}
