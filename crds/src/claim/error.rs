//! Why an object cannot be served.

/// Longest problem that is shown, in characters; it may quote what somebody wrote.
const LONGEST: usize = 200;

/// Why an object cannot be served: which field, what is wrong with it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}: {advice}")]
pub struct ClaimError {
    field: String,
    problem: String,
    advice: &'static str,
}

impl ClaimError {
    /// Path of the field, such as `spec.secretRef.name`.
    pub fn field(&self) -> &str {
        &self.field
    }

    pub(super) fn missing(field: &str, advice: &'static str) -> Self {
        Self { field: field.to_owned(), problem: "is missing".to_owned(), advice }
    }

    pub(super) fn mistyped(path: &serde_path_to_error::Path, cause: &serde_json::Error) -> Self {
        let field = match path.to_string().as_str() {
            "." => "spec".to_owned(),
            path => format!("spec.{path}"),
        };
        let cause: String = cause.to_string().chars().take(LONGEST).collect();
        Self { field, problem: format!("cannot be read ({cause})"), advice: "correct the field" }
    }
}
