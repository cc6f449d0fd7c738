//! Pure: what has become of the request, and how it is told.

use kube::api::DynamicObject;
use serde_json::Value;

/// Looks after which an answer is overdue.
const PATIENCE: u32 = 4;
/// Of what the Cloud Credential Operator says; an event has room for 1,024 characters.
const MOST: usize = 600;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The Secret holds what was asked for.
    Provisioned,
    /// Not yet.
    Waiting,
    /// Not for long: nobody may be there who answers.
    Unanswered,
    /// It says why not: the type of the condition, and its message.
    Refused(String, String),
    /// Somebody deletes it.
    Deleting,
    /// The cluster has no such kind, or no such namespace.
    Unknown,
    /// The API server does not do what we ask.
    Failed(String),
}

impl State {
    /// What metrics call them.
    pub(super) const WORDS: [&str; 7] =
        ["provisioned", "waiting", "unanswered", "refused", "deleting", "unknown", "failed"];

    /// What the Cloud Credential Operator says of the request as it is now.
    pub(super) fn of(object: &DynamicObject) -> Self {
        let (meta, status) = (&object.metadata, &object.data["status"]);
        if meta.deletion_timestamp.is_some() {
            return Self::Deleting;
        }
        if let Some(condition) = trouble(status) {
            let text = |field: &str| condition[field].as_str().unwrap_or_default().to_owned();
            return Self::Refused(text("type"), text("message"));
        }
        let is_current = status["lastSyncGeneration"].as_i64() >= meta.generation;
        if status["provisioned"] == true && is_current { Self::Provisioned } else { Self::Waiting }
    }

    /// The same after so many looks at which it waited.
    pub(super) fn after(self, looks: u32) -> Self {
        if self == Self::Waiting && looks >= PATIENCE { Self::Unanswered } else { self }
    }

    pub(super) fn as_str(&self) -> &'static str {
        Self::WORDS[match self {
            Self::Provisioned => 0,
            Self::Waiting => 1,
            Self::Unanswered => 2,
            Self::Refused(..) => 3,
            Self::Deleting => 4,
            Self::Unknown => 5,
            Self::Failed(_) => 6,
        }]
    }

    /// Whether it is worth telling after what was told before. Messages of AWS differ each time, in their request ids.
    pub(super) fn is_news(&self, before: &Self) -> bool {
        match (self, before) {
            (Self::Refused(now, _), Self::Refused(before, _)) => now != before,
            _ => self.as_str() != before.as_str(),
        }
    }

    pub(super) fn is_trouble(&self) -> bool {
        matches!(self, Self::Unanswered | Self::Refused(..) | Self::Unknown | Self::Failed(_))
    }

    /// Reason of the event, if there is something to attach it to.
    pub(super) fn event(&self) -> Option<&'static str> {
        match self {
            Self::Provisioned => Some("CredentialsProvisioned"),
            Self::Unanswered => Some("CredentialsUnanswered"),
            Self::Refused(..) => Some("CredentialsRefused"),
            _ => None,
        }
    }

    /// What happened, and what to do.
    pub(super) fn text(&self, place: &str) -> String {
        match self {
            Self::Provisioned => format!("the Secret {place} holds the AWS credentials"),
            Self::Waiting => {
                format!("waiting for OpenShift to put AWS credentials into the Secret {place}")
            }
            Self::Unanswered => format!(
                "OpenShift's Cloud Credential Operator does not answer the CredentialsRequest {place}, \
                 so claims on AWS wait: when it is in manual mode, make the Secret by hand or give credentials in \
                 another way (docs/aws.md)"
            ),
            Self::Refused(condition, message) => format!(
                "OpenShift's Cloud Credential Operator does not follow the CredentialsRequest {place}: {condition}: {}",
                message.chars().take(MOST).collect::<String>()
            ),
            Self::Deleting => {
                format!("somebody deletes the CredentialsRequest {place}; it is made anew")
            }
            Self::Unknown => format!(
                "this cluster has no kind CredentialsRequest, or no namespace for {place}: leave \
                 CREDENTIALS_REQUEST_NAMESPACE out where OpenShift does not mint credentials"
            ),
            Self::Failed(error) => {
                format!("the CredentialsRequest {place} is not looked after: {error}")
            }
        }
    }
}

/// Every type of condition that there is tells of trouble when it is true.
fn trouble(status: &Value) -> Option<&Value> {
    status["conditions"].as_array()?.iter().find(|condition| condition["status"] == "True")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(status: &Value) -> State {
        let object = json!({
            "apiVersion": "cloudcredential.openshift.io/v1", "kind": "CredentialsRequest",
            "metadata": {"name": "it", "generation": 2}, "status": status,
        });
        State::of(&serde_json::from_value(object).unwrap())
    }

    fn failure(status: &str) -> Value {
        json!([{"type": "CredentialsProvisionFailure", "status": status, "message": "LimitExceeded"}])
    }

    #[test]
    fn it_is_provisioned_when_its_newest_version_was_followed() {
        let refused = State::Refused("CredentialsProvisionFailure".into(), "LimitExceeded".into());
        let table = [
            (Value::Null, State::Waiting),
            (json!({"provisioned": false, "lastSyncGeneration": 2}), State::Waiting),
            (json!({"provisioned": true, "lastSyncGeneration": 1}), State::Waiting),
            (json!({"provisioned": true, "lastSyncGeneration": 2}), State::Provisioned),
            (
                json!({"provisioned": true, "lastSyncGeneration": 2, "conditions": failure("False")}),
                State::Provisioned,
            ),
            (
                json!({"provisioned": true, "lastSyncGeneration": 2, "conditions": failure("True")}),
                refused,
            ),
        ];
        for (status, expected) in table {
            assert_eq!(state(&status), expected, "{status}");
        }
    }

    #[test]
    fn an_answer_is_overdue_after_some_looks_and_trouble_is_told_once() {
        assert_eq!(State::Waiting.after(PATIENCE - 1), State::Waiting);
        assert_eq!(State::Waiting.after(PATIENCE), State::Unanswered);
        assert_eq!(State::Provisioned.after(PATIENCE), State::Provisioned);
        let refused =
            |condition: &str, message: &str| State::Refused(condition.into(), message.into());
        assert!(!refused("A", "RequestID: 1").is_news(&refused("A", "RequestID: 2")));
        assert!(refused("A", "").is_news(&refused("B", "")));
        assert!(State::Provisioned.is_news(&refused("A", "")));
        assert!(!State::Failed("a".into()).is_news(&State::Failed("b".into())));
    }

    #[test]
    fn a_text_fits_into_an_event() {
        let endless = State::Refused("CredentialsProvisionFailure".into(), "ä".repeat(5000));
        assert!(endless.text(&"n".repeat(100)).chars().count() <= 1024);
    }
}
