//! S3: buckets. Every call names the account that must own the bucket.

mod contents;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging,
};

pub use contents::Page;

use super::error::{Error, gone, optional};
use super::gate::Gate;
use super::one_attempt;
use crate::aws::operations::s3 as api;
use crate::tags::Tags;

/// The only region that must not be named as a location.
const DEFAULT_LOCATION: &str = "us-east-1";
/// The code where a bucket has none.
const NO_TAGS: &str = "NoSuchTagSet";

/// Buckets of one region.
#[derive(Clone)]
pub struct S3 {
    client: Client,
    gate: Gate,
}

/// One bucket, and the account that must own it.
#[derive(Clone, Copy, Debug)]
pub struct Bucket<'a> {
    /// Its name.
    pub name: &'a str,
    /// Account id.
    pub account: &'a str,
}

/// How a bucket is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBucket {
    /// Where.
    pub region: String,
    /// Who owns objects that others write.
    pub object_ownership: Option<&'static str>,
    /// Whether objects can be locked.
    pub object_lock: bool,
}

impl S3 {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate }
    }

    /// Whether it exists.
    pub async fn exists(&self, bucket: Bucket<'_>) -> Result<bool, Error> {
        let request = self.client.head_bucket().bucket(bucket.name);
        let request = request.expected_bucket_owner(bucket.account);
        let found = optional(self.gate.call(api::HEAD_BUCKET, request.send()).await)?;
        Ok(found.is_some())
    }

    /// Names of all buckets of the account, page by page.
    pub async fn names(&self) -> Result<Vec<String>, Error> {
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let request = self.client.list_buckets().max_buckets(1000);
            let request = request.set_continuation_token(token);
            let page = self.gate.call(api::LIST_BUCKETS, request.send()).await?;
            names.extend(page.buckets.unwrap_or_default().into_iter().filter_map(|it| it.name));
            token = page.continuation_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(names);
            }
        }
    }

    /// Makes it; one attempt. In us-east-1 this succeeds on a bucket that is ours already, and resets its access
    /// lists: look first.
    pub async fn create(&self, bucket: Bucket<'_>, new: &NewBucket) -> Result<(), Error> {
        let location = (new.region != DEFAULT_LOCATION).then(|| {
            let location = BucketLocationConstraint::from(new.region.as_str());
            CreateBucketConfiguration::builder().location_constraint(location).build()
        });
        let request = self
            .client
            .create_bucket()
            .bucket(bucket.name)
            .set_create_bucket_configuration(location)
            .set_object_ownership(new.object_ownership.map(ObjectOwnership::from))
            .set_object_lock_enabled_for_bucket(new.object_lock.then_some(true))
            .customize()
            .config_override(aws_sdk_s3::config::Builder::new().retry_config(one_attempt()));
        self.gate.call(api::CREATE_BUCKET, request.send()).await.map(|_| ())
    }

    /// Its tags; `None` when there is no such bucket.
    pub async fn tags(&self, bucket: Bucket<'_>) -> Result<Option<Tags>, Error> {
        let request = self.client.get_bucket_tagging().bucket(bucket.name);
        let request = request.expected_bucket_owner(bucket.account);
        let found = match self.gate.call(api::GET_BUCKET_TAGGING, request.send()).await {
            Err(error) if error.code == NO_TAGS => return Ok(Some(Tags::new())),
            found => optional(found)?,
        };
        Ok(found.map(|answer| answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect()))
    }

    /// Replaces all of its tags.
    pub async fn put_tags(&self, bucket: Bucket<'_>, tags: &Tags) -> Result<(), Error> {
        let tag = |(key, value): (&String, &String)| {
            Tag::builder().key(key).value(value).build().expect("key and value are set")
        };
        let tags = tags.iter().map(tag).collect();
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().expect("the set is set");
        let request = self.client.put_bucket_tagging().bucket(bucket.name).tagging(tagging);
        let request = request.expected_bucket_owner(bucket.account);
        self.gate.call(api::PUT_BUCKET_TAGGING, request.send()).await.map(|_| ())
    }

    /// Whether all four kinds of public access are blocked.
    pub async fn blocks_public_access(&self, bucket: Bucket<'_>) -> Result<bool, Error> {
        let request = self.client.get_public_access_block().bucket(bucket.name);
        let request = request.expected_bucket_owner(bucket.account);
        let found = optional(self.gate.call(api::GET_PUBLIC_ACCESS_BLOCK, request.send()).await)?;
        let block = found.and_then(|answer| answer.public_access_block_configuration);
        Ok(block.is_some_and(|block| {
            [
                block.block_public_acls,
                block.block_public_policy,
                block.ignore_public_acls,
                block.restrict_public_buckets,
            ]
            .iter()
            .all(|flag| *flag == Some(true))
        }))
    }

    /// Blocks all four kinds of public access.
    pub async fn block_public_access(&self, bucket: Bucket<'_>) -> Result<(), Error> {
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        let request = self.client.put_public_access_block().bucket(bucket.name);
        let request =
            request.expected_bucket_owner(bucket.account).public_access_block_configuration(block);
        self.gate.call(api::PUT_PUBLIC_ACCESS_BLOCK, request.send()).await.map(|_| ())
    }

    /// Whether a default encryption is set, of whatever kind.
    pub async fn is_encrypted(&self, bucket: Bucket<'_>) -> Result<bool, Error> {
        let request = self.client.get_bucket_encryption().bucket(bucket.name);
        let request = request.expected_bucket_owner(bucket.account);
        let found = optional(self.gate.call(api::GET_BUCKET_ENCRYPTION, request.send()).await)?;
        Ok(found.is_some())
    }

    /// Encrypts new objects with keys of S3.
    pub async fn encrypt(&self, bucket: Bucket<'_>) -> Result<(), Error> {
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::Aes256)
            .build()
            .expect("the algorithm is set");
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(by_default)
            .build();
        let encryption = ServerSideEncryptionConfiguration::builder().rules(rule).build();
        let encryption = encryption.expect("a rule is set");
        let request = self.client.put_bucket_encryption().bucket(bucket.name);
        let request = request
            .expected_bucket_owner(bucket.account)
            .server_side_encryption_configuration(encryption);
        self.gate.call(api::PUT_BUCKET_ENCRYPTION, request.send()).await.map(|_| ())
    }

    /// Its policy document, if it has one.
    pub async fn policy(&self, bucket: Bucket<'_>) -> Result<Option<String>, Error> {
        let request = self.client.get_bucket_policy().bucket(bucket.name);
        let request = request.expected_bucket_owner(bucket.account);
        let found = optional(self.gate.call(api::GET_BUCKET_POLICY, request.send()).await)?;
        Ok(found.and_then(|answer| answer.policy))
    }

    /// Replaces its policy document.
    pub async fn put_policy(&self, bucket: Bucket<'_>, document: &str) -> Result<(), Error> {
        let request = self.client.put_bucket_policy().bucket(bucket.name).policy(document);
        let request = request.expected_bucket_owner(bucket.account);
        self.gate.call(api::PUT_BUCKET_POLICY, request.send()).await.map(|_| ())
    }

    /// Deletes it; one attempt. It must be empty.
    pub async fn delete(&self, bucket: Bucket<'_>) -> Result<(), Error> {
        let request = self
            .client
            .delete_bucket()
            .bucket(bucket.name)
            .expected_bucket_owner(bucket.account)
            .customize()
            .config_override(aws_sdk_s3::config::Builder::new().retry_config(one_attempt()));
        gone(self.gate.call(api::DELETE_BUCKET, request.send()).await.map(|_| ()))
    }
}
