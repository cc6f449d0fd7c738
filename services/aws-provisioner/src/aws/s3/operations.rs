//! Operations of S3, and what IAM calls them.

use crate::aws::operation::{Operation, Service};

const fn s3(name: &'static str) -> Operation {
    Operation::new(Service::S3, name)
}

pub(super) const HEAD: Operation = s3("HeadBucket").allowed_by("ListBucket");
pub(super) const LIST: Operation = s3("ListBuckets").allowed_by("ListAllMyBuckets");
pub(super) const CREATE: Operation = s3("CreateBucket");
pub(super) const DELETE: Operation = s3("DeleteBucket");
pub(super) const GET_TAGS: Operation = s3("GetBucketTagging");
pub(super) const PUT_TAGS: Operation = s3("PutBucketTagging");
pub(super) const GET_PUBLIC_ACCESS_BLOCK: Operation =
    s3("GetPublicAccessBlock").allowed_by("GetBucketPublicAccessBlock");
pub(super) const PUT_PUBLIC_ACCESS_BLOCK: Operation =
    s3("PutPublicAccessBlock").allowed_by("PutBucketPublicAccessBlock");
pub(super) const GET_ENCRYPTION: Operation =
    s3("GetBucketEncryption").allowed_by("GetEncryptionConfiguration");
pub(super) const PUT_ENCRYPTION: Operation =
    s3("PutBucketEncryption").allowed_by("PutEncryptionConfiguration");
pub(super) const GET_POLICY: Operation = s3("GetBucketPolicy");
pub(super) const PUT_POLICY: Operation = s3("PutBucketPolicy");
pub(super) const LIST_VERSIONS: Operation =
    s3("ListObjectVersions").allowed_by("ListBucketVersions");
pub(super) const DELETE_OBJECTS: Operation =
    s3("DeleteObjects").allowed_by("DeleteObject and s3:DeleteObjectVersion");
pub(super) const LIST_UPLOADS: Operation =
    s3("ListMultipartUploads").allowed_by("ListBucketMultipartUploads");
pub(super) const ABORT_UPLOAD: Operation = s3("AbortMultipartUpload");
