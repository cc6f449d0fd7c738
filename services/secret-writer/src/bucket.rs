//! The keys of a bucket in the cluster. A provisioner that is not ours writes them into a Secret that has the name of
//! the claim's `ObjectBucketClaim`. That name follows from the live claim alone. The Secret is read only when the
//! `ObjectBucketClaim` carries the claim's uid, and the Secret is owned by that very object.

use crds::{Claim, ObjectBucketClaim, names};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{Api, Client};
use proto::{Connection, Field};

use crate::error::Error;
use crate::plan::Verdict;
use crate::secret::{CREDENTIALS_DIGEST, StoredSecret};
use crate::write::Secrets;

/// The bucket's Secret, or why there is none.
pub type Bucket = Result<StoredSecret, Verdict>;

/// Reads the Secrets of buckets. Cheap to clone.
#[derive(Clone)]
pub struct Buckets {
    client: Client,
    secrets: Secrets,
}

impl Buckets {
    /// Reads through these.
    pub fn new(client: Client, secrets: Secrets) -> Self {
        Self { client, secrets }
    }

    /// The Secret of the claim's bucket; `None` when the result does not refer to it.
    pub async fn read(&self, claim: &Claim, result: &Connection) -> Result<Option<Bucket>, Error> {
        if !result.fields.values().any(|field| matches!(field, Field::Bucket(_))) {
            return Ok(None);
        }
        let name = names::bucket_claim(&claim.name, &claim.uid);
        let claims: Api<ObjectBucketClaim> = Api::namespaced(self.client.clone(), &claim.namespace);
        let owner = claims.get_metadata_opt(&name).await;
        let owner = owner.map_err(Error::kube("read an ObjectBucketClaim"))?;
        // Asked for only after its owner: one that was made anew in between is not of the owner.
        let secret = self.secrets.read(&claim.namespace, &name).await?;
        let owner = owner.as_ref().map(|owner| &owner.metadata);
        Ok(Some(proven(&name, &claim.uid, owner, secret)))
    }
}

/// The Secret, if both objects are what they should be.
fn proven(
    name: &str,
    claim_uid: &str,
    owner: Option<&ObjectMeta>,
    secret: Option<StoredSecret>,
) -> Bucket {
    let owner = owner.ok_or_else(|| {
        Verdict::awaited(format!(
            "the ObjectBucketClaim {name}, which holds the keys, is not there"
        ))
    })?;
    let label = owner.labels.as_ref().and_then(|labels| labels.get(names::CLAIM_UID));
    if label.map(String::as_str) != Some(claim_uid) {
        return Err(Verdict::foreign(format!(
            "the ObjectBucketClaim {name} is not this claim's; its Secret is not read: delete or rename it"
        )));
    }
    let secret = secret.ok_or_else(|| {
        Verdict::awaited(format!(
            "the Secret {name} with the bucket's keys is not there; the provisioner of its ObjectBucketClaim writes it"
        ))
    })?;
    if !is_owned(&secret, owner) {
        return Err(Verdict::foreign(format!(
            "the Secret {name} is not of the ObjectBucketClaim {name} and is not read; delete it, so that the \
             provisioner writes its own"
        )));
    }
    Ok(secret)
}

fn is_owned(secret: &StoredSecret, owner: &ObjectMeta) -> bool {
    let mut owners = secret.metadata.owner_references.iter().flatten();
    owner.uid.is_some()
        && owners.any(|it| it.kind == "ObjectBucketClaim" && Some(&it.uid) == owner.uid.as_ref())
}

/// Whether the connection Secret is a placeholder in which somebody has written something. One that was written from
/// a bucket carries a digest.
pub fn is_filled_by_hand(connection: Option<&StoredSecret>) -> bool {
    connection.is_some_and(|secret| {
        let is_filled = |key| {
            let value = secret.values.filled(key);
            value.is_some_and(|value| value != names::PLACEHOLDER.as_bytes())
        };
        secret.annotation(CREDENTIALS_DIGEST).is_none() && secret.values.keys().any(is_filled)
    })
}

#[cfg(test)]
mod tests {
    use proto::ErrorClass;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures::{OTHER_UID, UID, stored, values};

    fn owner(claim_uid: &str) -> ObjectMeta {
        serde_json::from_value(json!({
            "name": "my-x", "uid": "o-1", "labels": {"integreatly.org/claim-uid": claim_uid},
        }))
        .unwrap()
    }

    fn secret(owners: &Value) -> StoredSecret {
        let metadata = json!({"name": "my-x", "ownerReferences": owners});
        stored(&metadata, &[("AWS_ACCESS_KEY_ID", "AK")])
    }

    fn owned_by(kind: &str, uid: &str) -> Value {
        json!([{
            "apiVersion": "objectbucket.io/v1alpha1", "kind": kind, "name": "my-x", "uid": uid,
        }])
    }

    #[test]
    fn only_the_secret_of_the_claims_own_bucket_is_read() {
        use ErrorClass::{Foreign, Transient};
        let good = owned_by("ObjectBucketClaim", "o-1");
        let table = [
            (Some(UID), Some(good.clone()), None),
            (None, Some(good.clone()), Some(Transient)),
            (Some(UID), None, Some(Transient)),
            (Some(OTHER_UID), Some(good), Some(Foreign)),
            (Some(UID), Some(owned_by("ObjectBucketClaim", "o-2")), Some(Foreign)),
            (Some(UID), Some(owned_by("Deployment", "o-1")), Some(Foreign)),
            (Some(UID), Some(json!([])), Some(Foreign)),
        ];
        for (uid, owners, class) in table {
            let found = proven("my-x", UID, uid.map(owner).as_ref(), owners.as_ref().map(secret));
            let found = found.map(|secret| secret.values).map_err(|verdict| verdict.class);
            match class {
                None => assert_eq!(found, Ok(values(&[("AWS_ACCESS_KEY_ID", "AK")]))),
                Some(class) => assert_eq!(found, Err(Some(class)), "{owners:?}"),
            }
        }
    }

    #[test]
    fn a_placeholder_in_which_somebody_has_written_is_told_from_one_that_nobody_touched() {
        let blank = [("bucketName", "REPLACE_ME"), ("bucketRegion", "")];
        let filled = [("bucketName", "REPLACE_ME"), ("note", "ours")];
        let ours = json!({"annotations": {"integreatly.org/credentials-digest": "x"}});
        assert!(!is_filled_by_hand(None));
        assert!(!is_filled_by_hand(Some(&stored(&json!({}), &blank))));
        assert!(is_filled_by_hand(Some(&stored(&json!({}), &filled))));
        assert!(!is_filled_by_hand(Some(&stored(&ours, &filled))));
    }
}
