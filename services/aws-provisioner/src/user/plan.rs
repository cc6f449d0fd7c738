//! The next calls, as values. Pure.

use serde_json::Value;

use crate::policy;
use crate::tags::{self, TagError, Tags};

use super::User;
use super::known::KnownKey;

/// A call that is safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// Make the user with these tags.
    Create(Tags),
    /// Add these tags.
    Tag(Tags),
    /// Replace the inline policy.
    Policy(String),
    /// Delete a key that nobody holds.
    DeleteKey(String),
    /// Delete the user and all that is its own.
    Delete,
}

impl Put {
    /// It has succeeded: that counts as an observation.
    pub fn learn(&self, user: &mut Option<User>) {
        match (self, user) {
            (Self::Create(tags), user) => {
                *user = Some(User { tags: tags.clone(), ..User::default() });
            }
            (Self::Tag(tags), Some(user)) => user.tags.extend(tags.clone()),
            (Self::Policy(document), Some(user)) => user.policy = Some(document.clone()),
            (Self::DeleteKey(id), Some(user)) => user.keys.retain(|key| key != id),
            (Self::Delete, user) => *user = None,
            _ => {}
        }
    }
}

/// What makes a user with these tags and this access.
pub fn puts(user: Option<&User>, tags: &Tags, access: &Value) -> Result<Vec<Put>, TagError> {
    let mut puts = Vec::new();
    match user {
        None => puts.push(Put::Create(tags.clone())),
        Some(user) if tags::merge(&user.tags, tags)?.is_some() => {
            puts.push(Put::Tag(tags.clone()));
        }
        Some(_) => {}
    }
    let observed = user.and_then(|user| serde_json::from_str(user.policy.as_ref()?).ok());
    if !observed.is_some_and(|observed| policy::is_same(&observed, access)) {
        puts.push(Put::Policy(access.to_string()));
    }
    Ok(puts)
}

/// What is next for the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlan {
    /// One that is listed is held.
    Nothing,
    /// Calls that are safe to repeat.
    Put(Vec<Put>),
    /// One that was asked for must show first.
    Wait,
    /// Mint one: under an intent, because a repeat would make another.
    Mint,
}

/// A key that is held and listed is all that is needed. Otherwise a listed key that nobody holds is lost, because
/// AWS showed its secret only once.
pub fn key_plan(user: &User, held: &[String], known: &KnownKey) -> KeyPlan {
    if user.keys.iter().any(|key| held.contains(key)) {
        return KeyPlan::Nothing;
    }
    if known.may_be_hidden && known.id.as_ref().is_some_and(|key| held.contains(key)) {
        return KeyPlan::Nothing;
    }
    if !user.keys.is_empty() {
        return KeyPlan::Put(user.keys.iter().cloned().map(Put::DeleteKey).collect());
    }
    if known.may_be_hidden { KeyPlan::Wait } else { KeyPlan::Mint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_nobody_holds_are_deleted_before_another_is_minted() {
        let delete = |keys: &[&str]| {
            KeyPlan::Put(keys.iter().map(|key| Put::DeleteKey((*key).into())).collect())
        };
        let none = KnownKey::default();
        let hidden = KnownKey { id: Some("k1".into()), may_be_hidden: true };
        let table: [(&[&str], &[&str], &KnownKey, KeyPlan); 9] = [
            (&[], &[], &none, KeyPlan::Mint),
            (&["k1"], &["k1"], &none, KeyPlan::Nothing),
            (&["k1", "k2"], &["k2"], &none, KeyPlan::Nothing),
            (&["k1"], &[], &none, delete(&["k1"])),
            (&["k1", "k2"], &["k3"], &none, delete(&["k1", "k2"])),
            (&[], &["k1"], &none, KeyPlan::Mint),
            // AWS does not list yet what it minted.
            (&[], &["k1"], &hidden, KeyPlan::Nothing),
            (&[], &[], &hidden, KeyPlan::Wait),
            (&["k1"], &[], &hidden, delete(&["k1"])),
        ];
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        for (listed, held, known, expected) in table {
            let user = User { keys: owned(listed), ..User::default() };
            assert_eq!(key_plan(&user, &owned(held), known), expected, "{listed:?} {held:?}");
        }
    }
}
