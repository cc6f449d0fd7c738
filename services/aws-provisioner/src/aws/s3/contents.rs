//! What a bucket holds: versions, delete markers, and uploads that were never finished.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::{Bucket, S3};
use crate::aws::error::{Error, gone};
use crate::aws::operations::s3 as api;

/// One page of what a bucket holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page(Vec<Version>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    key: String,
    id: Option<String>,
}

impl Page {
    /// Whether the bucket holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl S3 {
    /// The first page of versions and delete markers.
    pub async fn contents(&self, bucket: Bucket<'_>) -> Result<Page, Error> {
        let request = self.client.list_object_versions().bucket(bucket.name);
        let request = request.expected_bucket_owner(bucket.account);
        let page = self.gate.call(api::LIST_OBJECT_VERSIONS, request.send()).await?;
        let version = |(key, id): (Option<String>, _)| key.map(|key| Version { key, id });
        let versions = page.versions.unwrap_or_default().into_iter();
        let markers = page.delete_markers.unwrap_or_default().into_iter();
        let found = versions
            .map(|it| (it.key, it.version_id))
            .chain(markers.map(|it| (it.key, it.version_id)))
            .filter_map(version);
        Ok(Page(found.collect()))
    }

    /// Deletes them for good. Returns the code of the first one that was refused.
    pub async fn delete_page(
        &self,
        bucket: Bucket<'_>,
        page: Page,
    ) -> Result<Option<String>, Error> {
        let object = |it: Version| {
            let object = ObjectIdentifier::builder().key(it.key).set_version_id(it.id);
            object.build().expect("the key is set")
        };
        let objects = page.0.into_iter().map(object).collect();
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let request = self
            .client
            .delete_objects()
            .bucket(bucket.name)
            .expected_bucket_owner(bucket.account)
            .delete(delete.expect("objects are set"));
        let answer = self.gate.call(api::DELETE_OBJECTS, request.send()).await?;
        let refused = answer.errors.unwrap_or_default().into_iter().next();
        Ok(refused.map(|error| error.code.unwrap_or_else(|| "no code".to_owned())))
    }

    /// Aborts the first page of unfinished uploads. Returns whether there were any.
    pub async fn abort_uploads(&self, bucket: Bucket<'_>) -> Result<bool, Error> {
        let request = self.client.list_multipart_uploads().bucket(bucket.name);
        let request = request.expected_bucket_owner(bucket.account);
        let page = self.gate.call(api::LIST_MULTIPART_UPLOADS, request.send()).await?;
        let uploads = page.uploads.unwrap_or_default();
        for upload in &uploads {
            let request = self
                .client
                .abort_multipart_upload()
                .bucket(bucket.name)
                .expected_bucket_owner(bucket.account)
                .set_key(upload.key.clone())
                .set_upload_id(upload.upload_id.clone());
            gone(self.gate.call(api::ABORT_MULTIPART_UPLOAD, request.send()).await.map(|_| ()))?;
        }
        Ok(!uploads.is_empty())
    }
}
