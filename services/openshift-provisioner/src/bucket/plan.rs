//! The next action for an `ObjectBucketClaim`, decided: pure.

use crds::{BUCKET_CLAIM_PATH, ObjectBucketClaim};
use proto::ErrorClass;

use super::ask::{Ask, Wanted};
use crate::apply::Sight;
use crate::drift::has_drifted;
use crate::readiness::IN_PROGRESS;

/// A tombstone cannot tell whether something is left.
pub(crate) const NOT_SEEN: &str = "deletion in progress: this cluster does not serve ObjectBucketClaims now, so \
     nobody can tell whether this one is gone; install their definition again, or remove the claim's finalizer";

/// The decided next action for a claim that shall be there.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// It cannot go on: why.
    Fail(ErrorClass, String),
    /// Nothing is asked for and nothing exists: people fill in what they have.
    Placeholder,
    /// Nothing exists yet: make it.
    Create(Box<Wanted>),
    /// It differs from what is asked for.
    Apply(Box<Wanted>),
    /// Wait for its provisioner.
    Wait(String),
    /// It is bound: publish where the bucket is.
    Publish,
}

/// Decides from what is asked for, what is found, and whether it was ever seen. What is found is the claim's own.
pub fn plan(
    asked: Option<&Wanted>,
    name: &str,
    sight: &Sight<ObjectBucketClaim>,
    was_observed: bool,
) -> Plan {
    match (sight, asked) {
        (Sight::NotServed, None) if !was_observed => Plan::Placeholder,
        (Sight::NotServed, _) => Plan::Fail(ErrorClass::Transient, not_served(was_observed)),
        (Sight::Nothing, _) if was_observed => Plan::Fail(ErrorClass::NeedsPerson, gone(name)),
        (Sight::Nothing, None) => Plan::Placeholder,
        (Sight::Nothing, Some(asked)) => Plan::Create(Box::new(asked.clone())),
        (Sight::There(found), asked) => match trouble(name, found) {
            Some(trouble) => Plan::Fail(ErrorClass::NeedsPerson, trouble),
            None => change(asked, found),
        },
    }
}

fn change(asked: Option<&Wanted>, found: &ObjectBucketClaim) -> Plan {
    match asked {
        Some(asked) if has_drifted(&asked.manifest, found) => Plan::Apply(Box::new(asked.clone())),
        asked => settle(asked, found),
    }
}

/// Decides what is left once it is as rendered.
pub fn settle(asked: Option<&Wanted>, found: &ObjectBucketClaim) -> Plan {
    let class = &found.spec.storage_class_name;
    let other = asked.map(|it| &it.ask.storage_class_name).filter(|asked| *asked != class);
    match (phase(found), other) {
        ("Bound", _) => Plan::Publish,
        (_, Some(other)) => Plan::Fail(
            ErrorClass::Invalid,
            format!("{}; delete the claim and make it again", other_class(class, other)),
        ),
        ("Failed", _) => Plan::Fail(
            ErrorClass::Transient,
            format!(
                "the provisioner of the StorageClass {class} failed to make the bucket; the events of the \
                 ObjectBucketClaim {} and the provisioner's log say why",
                found.metadata.name.as_deref().unwrap_or_default()
            ),
        ),
        ("", _) => Plan::Wait(format!(
            "{IN_PROGRESS}: no provisioner has taken the ObjectBucketClaim yet; when it lasts, check that the \
             StorageClass {class} exists and that its provisioner runs"
        )),
        _ => Plan::Wait(format!(
            "{IN_PROGRESS}: the provisioner of the StorageClass {class} makes the bucket"
        )),
    }
}

fn other_class(found: &str, asked: &str) -> String {
    format!(
        "{BUCKET_CLAIM_PATH}.storageClassName: the ObjectBucketClaim has class {found}, which cannot be changed to {asked}"
    )
}

fn phase(found: &ObjectBucketClaim) -> &str {
    found.status.as_ref().map_or("", |status| status.phase.as_str())
}

fn not_served(was_observed: bool) -> String {
    let why = "this cluster does not serve ObjectBucketClaims (objectbucket.io/v1alpha1)";
    if was_observed {
        return format!("{why} now; install their definition and provisioner again");
    }
    format!(
        "{why}: install an operator that does, such as NooBaa or Rook, or take {BUCKET_CLAIM_PATH} out of the tier"
    )
}

fn gone(name: &str) -> String {
    format!(
        "the ObjectBucketClaim {name} is gone and with it perhaps the data; restore it under that name with its \
         labels, or delete the claim and make it again to start empty"
    )
}

fn trouble(name: &str, found: &ObjectBucketClaim) -> Option<String> {
    if found.metadata.deletion_timestamp.is_some() {
        return Some(format!(
            "somebody deleted the ObjectBucketClaim {name}, which lasts only until its provisioner has removed the \
             bucket; save the data now, then delete the claim"
        ));
    }
    (phase(found) == "Released").then(|| {
        format!("the bucket of the ObjectBucketClaim {name} was released; bind it again, or delete the claim")
    })
}

/// What is told of a bucket that is there.
pub(crate) fn ready_message(name: &str, class: &str, ask: Option<&Ask>) -> String {
    let mut parts = vec![format!("the bucket of the ObjectBucketClaim {name} is bound")];
    let Some(ask) = ask else {
        parts.push(
            "the strategy does not ask for it any more, but it may hold data: it stays until the claim is deleted"
                .to_owned(),
        );
        return parts.join("; ");
    };
    if ask.storage_class_name != class {
        parts.push(other_class(class, &ask.storage_class_name));
    }
    if !ask.ignored.is_empty() {
        parts.push(format!("without meaning and ignored: {}", ask.ignored.join(", ")));
    }
    parts.join("; ")
}

/// What is told at the end.
pub(crate) fn end(was_observed: bool) -> String {
    let done = "deletion complete";
    if was_observed {
        return format!(
            "{done}: the ObjectBucketClaim is gone; its StorageClass says whether the bucket is kept"
        );
    }
    done.to_owned()
}

#[cfg(test)]
mod tests;
