//! What exists under the name of a claim.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use proto::{Defaults, Uid};

use crate::ownership;
use crate::render::MADE_WITH_DEFAULTS;

/// The objects under one name, and, while the Deployment is not available, its pods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Where the data is.
    pub volume: Option<PersistentVolumeClaim>,
    /// What runs.
    pub deployment: Option<Deployment>,
    /// How it is reached.
    pub service: Option<Service>,
    /// Pods, only read when they explain something.
    pub pods: Vec<Pod>,
}

impl Observed {
    /// The objects that are not this claim's, for people; empty when nobody else took the name.
    pub fn foreign(&self, uid: &Uid) -> Vec<&'static str> {
        let foreign = |(_, metadata): &(_, &ObjectMeta)| !ownership::is_of(metadata, uid);
        self.present().filter(foreign).map(|(kind, _)| kind).collect()
    }

    /// The volume, if it is the claim's.
    pub fn own_volume(&self, uid: &Uid) -> Option<&PersistentVolumeClaim> {
        self.volume.as_ref().filter(|it| ownership::is_of(&it.metadata, uid))
    }

    /// Forgets the objects that are not this claim's.
    #[must_use]
    pub fn without_foreign(self, uid: &Uid) -> Self {
        Self {
            volume: self.volume.filter(|it| ownership::is_of(&it.metadata, uid)),
            deployment: self.deployment.filter(|it| ownership::is_of(&it.metadata, uid)),
            service: self.service.filter(|it| ownership::is_of(&it.metadata, uid)),
            pods: self.pods,
        }
    }

    /// Kinds and metadata of all that exists.
    pub fn present(&self) -> impl Iterator<Item = (&'static str, &ObjectMeta)> {
        let deployment = self.deployment.as_ref().map(|it| ("Deployment", &it.metadata));
        let service = self.service.as_ref().map(|it| ("Service", &it.metadata));
        let volume = self.volume.as_ref().map(|it| ("PersistentVolumeClaim", &it.metadata));
        [deployment, service, volume].into_iter().flatten()
    }

    /// What unset fields meant when the volume was made; `None` while there is none.
    pub fn defaults(&self) -> Option<Defaults> {
        let annotations = self.volume.as_ref()?.metadata.annotations.as_ref()?;
        annotations.get(MADE_WITH_DEFAULTS)?.parse().ok()
    }
}
