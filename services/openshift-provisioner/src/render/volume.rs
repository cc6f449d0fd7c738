//! The volume: where the data is.

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};

use super::{Inputs, MADE_WITH_DEFAULTS, metadata, quantities};

/// Size of a volume when the strategy names none.
const STORAGE: &str = "1Gi";

/// It has no owner reference: garbage collection must never delete data, for example when the definitions of the
/// kinds are reinstalled. Only a tombstone deletes a volume.
pub(super) fn volume(inputs: &Inputs<'_>) -> PersistentVolumeClaim {
    let storage = inputs.overrides.storage.as_deref().unwrap_or(STORAGE);
    let mut metadata = metadata(inputs.claim, inputs.name, None);
    let made_with = (MADE_WITH_DEFAULTS.to_owned(), inputs.defaults.as_str().to_owned());
    metadata.annotations.get_or_insert_default().extend([made_with]);
    PersistentVolumeClaim {
        metadata,
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(quantities(&[("storage", storage)])),
                limits: None,
            }),
            storage_class_name: inputs.overrides.storage_class.clone(),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}
