//! Names that others rely on: the Go operator's, and ours beside them.

mod secret;

pub use secret::{binding_secret, bucket_claim, credential_secret};

use crate::ClaimKind;

/// Finalizer on every object that owns something outside Kubernetes.
pub const FINALIZER: &str = "cloud-resources-operator.integreatly.org/finalizers";
/// Finalizer of the Go operator before November 2021; never added, always removed with the other.
pub const LEGACY_FINALIZER: &str = "finalizers.cloud-resources-operator.integreatly.org";

/// Annotation on claims: the external name, once it is chosen.
pub const RESOURCE_IDENTIFIER: &str = "resourceIdentifier";
/// Label on claims: goes into the metric label and the product tag.
pub const PRODUCT_NAME: &str = "productName";
/// Label on claims: goes into the tag `add-on-name`.
pub const ADDON_NAME: &str = "addonName";

/// Label on every object that we create in the cluster; its value is [`MANAGED_BY_VALUE`].
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Value of [`MANAGED_BY`].
pub const MANAGED_BY_VALUE: &str = "cloud-resource-operator";
/// Label: uid of the claim. An object is ours when it equals the claim's uid.
pub const CLAIM_UID: &str = "integreatly.org/claim-uid";
/// Label: kind of the claim, as [`ClaimKind::as_str`].
pub const CLAIM_KIND: &str = "integreatly.org/claim-kind";
/// Annotation, because it may be longer than a label: name of the claim.
pub const CLAIM_NAME: &str = "integreatly.org/claim-name";
/// Label: `aws` or `openshift`.
pub const PROVIDER: &str = "integreatly.org/provider";
/// Label: `"true"` on Secrets whose resource runs nowhere (local development without a node).
pub const SIMULATED: &str = "integreatly.org/simulated";

/// What people replace in a placeholder Secret; the Go operator's text.
pub const PLACEHOLDER: &str = "REPLACE_ME";

/// Field manager of the watcher.
pub const WATCHER_MANAGER: &str = "cloud-resource-operator-watcher";
/// Field manager of the openshift-provisioner.
pub const OPENSHIFT_MANAGER: &str = "cloud-resource-operator-openshift";
/// Field manager of the secret-writer.
pub const SECRET_WRITER_MANAGER: &str = "cloud-resource-operator-secret-writer";

/// ConfigMap that maps types to providers: type → JSON object of [`ClaimKind::mapping_key`] → provider.
pub const MAPPING_CONFIG: &str = "cloud-resource-config";
/// Key of the cluster network in a strategy ConfigMap; the other keys are [`ClaimKind::mapping_key`].
pub const NETWORK_KEY: &str = "_network";

/// Name of the ConfigMap that holds the strategies of a provider.
pub fn strategy_config(provider: &str) -> String {
    format!("cloud-resources-{provider}-strategies")
}

/// What `status.provider` and the metric label `strategy` say; `None` when that provider does not offer the kind.
pub fn provider_name(provider: &str, kind: ClaimKind) -> Option<&'static str> {
    Some(match (provider, kind) {
        ("aws", ClaimKind::Postgres) => "aws-rds",
        ("aws", ClaimKind::Redis) => "aws-elasticache",
        ("aws", ClaimKind::BlobStorage) => "aws-s3",
        ("aws", ClaimKind::SmtpCredentialSet) => "aws-ses",
        ("aws", ClaimKind::PostgresSnapshot) => "aws-rds-snapshots",
        ("aws", ClaimKind::RedisSnapshot) => "aws-redis-snapshots",
        ("openshift", ClaimKind::Postgres) => "openshift-postgres-template",
        ("openshift", ClaimKind::Redis) => "openshift-redis-template",
        ("openshift", ClaimKind::BlobStorage) => "openshift-blobstorage",
        ("openshift", ClaimKind::SmtpCredentialSet) => "openshift-smtp",
        ("gcp", ClaimKind::Postgres) => "gcp-cloudsql",
        ("gcp", ClaimKind::Redis) => "gcp-memorystore",
        ("gcp", ClaimKind::BlobStorage) => "gcp-storage",
        ("gcp", ClaimKind::PostgresSnapshot) => "gcp-cloudsql-snapshots",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_on_aws_and_snapshots_have_none_in_the_cluster() {
        for kind in ClaimKind::ALL {
            let aws = provider_name("aws", kind).unwrap();
            assert!(aws.starts_with("aws-"), "{aws}");
            assert_eq!(provider_name("openshift", kind).is_none(), kind.is_snapshot());
            assert_eq!(provider_name("", kind), None);
            assert_eq!(provider_name("azure", kind), None);
        }
    }

    #[test]
    fn strategies_are_kept_where_the_go_operator_keeps_them() {
        assert_eq!(strategy_config("aws"), "cloud-resources-aws-strategies");
        assert_eq!(strategy_config("openshift"), "cloud-resources-openshift-strategies");
    }
}
