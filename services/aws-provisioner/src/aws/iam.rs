//! IAM: the user of one bucket, its policy and its keys.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use super::error::{Error, Kind, gone, optional};
use super::gate::Gate;
use super::one_attempt;
use crate::aws::operations::iam as api;
use crate::tags::Tags;

/// Users.
#[derive(Clone)]
pub struct Iam {
    client: Client,
    gate: Gate,
}

/// A key that was just made: AWS shows its secret this once.
#[derive(Debug)]
pub struct AccessKey {
    /// Its id; no secret.
    pub id: String,
    /// Its secret half.
    pub secret: SecretString,
}

impl Iam {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate }
    }

    /// The tags of a user, if there is one.
    pub async fn user_tags(&self, user: &str) -> Result<Option<Tags>, Error> {
        let request = self.client.get_user().user_name(user);
        let found = optional(self.gate.call(api::GET_USER, request.send()).await)?;
        let tags = |tags: Option<Vec<Tag>>| {
            tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()
        };
        Ok(found.and_then(|answer| answer.user).map(|user| tags(user.tags)))
    }

    /// Makes a user with its tags. One that is there already is an error, to be looked at by the next turn.
    pub async fn create_user(&self, user: &str, tags: &Tags) -> Result<(), Error> {
        let request = self.client.create_user().user_name(user);
        let request = request.set_tags(Some(built(tags)));
        self.gate.call(api::CREATE_USER, request.send()).await.map(|_| ())
    }

    /// Adds or replaces tags.
    pub async fn tag_user(&self, user: &str, tags: &Tags) -> Result<(), Error> {
        let request = self.client.tag_user().user_name(user).set_tags(Some(built(tags)));
        self.gate.call(api::TAG_USER, request.send()).await.map(|_| ())
    }

    /// Deletes a user without keys and policies.
    pub async fn delete_user(&self, user: &str) -> Result<(), Error> {
        let request = self.client.delete_user().user_name(user);
        gone(self.gate.call(api::DELETE_USER, request.send()).await.map(|_| ()))
    }

    /// An inline policy, if the user has it.
    pub async fn user_policy(&self, user: &str, policy: &str) -> Result<Option<String>, Error> {
        let request = self.client.get_user_policy().user_name(user).policy_name(policy);
        let found = optional(self.gate.call(api::GET_USER_POLICY, request.send()).await)?;
        // IAM answers with the document percent-encoded.
        let decoded = |text: String| percent_decode_str(&text).decode_utf8_lossy().into_owned();
        Ok(found.map(|answer| decoded(answer.policy_document)))
    }

    /// Replaces an inline policy.
    pub async fn put_user_policy(
        &self,
        user: &str,
        policy: &str,
        document: &str,
    ) -> Result<(), Error> {
        let request = self.client.put_user_policy().user_name(user);
        let request = request.policy_name(policy).policy_document(document);
        self.gate.call(api::PUT_USER_POLICY, request.send()).await.map(|_| ())
    }

    /// Deletes an inline policy.
    pub async fn delete_user_policy(&self, user: &str, policy: &str) -> Result<(), Error> {
        let request = self.client.delete_user_policy().user_name(user).policy_name(policy);
        gone(self.gate.call(api::DELETE_USER_POLICY, request.send()).await.map(|_| ()))
    }

    /// Ids of a user's keys; AWS allows two. None for a user that does not exist.
    pub async fn access_keys(&self, user: &str) -> Result<Vec<String>, Error> {
        let request = self.client.list_access_keys().user_name(user);
        let found = optional(self.gate.call(api::LIST_ACCESS_KEYS, request.send()).await)?;
        let keys = found.map(|answer| answer.access_key_metadata).unwrap_or_default();
        Ok(keys.into_iter().filter_map(|key| key.access_key_id).collect())
    }

    /// Makes a key; one attempt: a repeat would make another.
    pub async fn create_access_key(&self, user: &str) -> Result<AccessKey, Error> {
        let request = self
            .client
            .create_access_key()
            .user_name(user)
            .customize()
            .config_override(aws_sdk_iam::config::Builder::new().retry_config(one_attempt()));
        let answer = self.gate.call(api::CREATE_ACCESS_KEY, request.send()).await?;
        let key = answer.access_key.ok_or_else(|| Error {
            operation: api::CREATE_ACCESS_KEY,
            kind: Kind::Unknown,
            code: "NoKey".to_owned(),
        })?;
        Ok(AccessKey { id: key.access_key_id, secret: key.secret_access_key.into() })
    }

    /// Deletes a key.
    pub async fn delete_access_key(&self, user: &str, id: &str) -> Result<(), Error> {
        let request = self.client.delete_access_key().user_name(user).access_key_id(id);
        gone(self.gate.call(api::DELETE_ACCESS_KEY, request.send()).await.map(|_| ()))
    }
}

fn built(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().key(key).value(value).build().expect("key and value are set")
    };
    tags.iter().map(tag).collect()
}
