//! The next action, decided: pure.
//!
//! [`plan`] looks at the objects first and then at what is left when they are as rendered ([`settle`]). The volume
//! comes before everything else: its loss is the one thing that no later turn can repair.

use crds::names::OPENSHIFT_MANAGER;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use proto::Defaults;

use crate::drift::has_drifted;
use crate::engine::Engine;
use crate::observed::Observed;
use crate::ownership::manager_of;
use crate::quantity;
use crate::readiness::{self, Missing};
use crate::render::Manifests;
use crate::strategy::Overrides;

/// The decided next action for a claim that shall be there.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// Data is gone or about to go: a person decides.
    NeedsPerson(String),
    /// Nothing exists yet: make the volume.
    CreateVolume,
    /// Apply what is missing or has drifted.
    Apply(Changes),
    /// Wait until an object is gone, to make it anew.
    AwaitDeletion(&'static str),
    /// Wait until it is ready.
    Wait(Missing),
    /// Ask for a larger volume.
    GrowVolume {
        /// The volume as it is.
        volume: Box<PersistentVolumeClaim>,
        /// The size that it shall have.
        size: String,
    },
    /// All is well but what the strategy asks of the volume: why.
    Refuse(String),
    /// As desired.
    Ready,
}

/// Which objects to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The Deployment.
    pub deployment: bool,
    /// The Service.
    pub service: bool,
}

/// What shall be there.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Postgres or Redis.
    pub engine: Engine,
    /// What unset fields mean for this claim.
    pub defaults: Defaults,
    /// The name of all objects.
    pub name: String,
    /// What the strategy asks for.
    pub overrides: Overrides,
    /// The objects.
    pub manifests: Manifests,
}

/// Decides from the goal, what is observed, and whether the volume was ever seen.
pub fn plan(goal: &Goal, observed: &Observed, was_observed: bool) -> Plan {
    match &observed.volume {
        None if was_observed => return Plan::NeedsPerson(volume_gone(&goal.name)),
        None => return Plan::CreateVolume,
        Some(volume) => {
            if let Some(trouble) = volume_trouble(volume) {
                return Plan::NeedsPerson(trouble);
            }
        }
    }
    if let Some(kind) = being_deleted(observed) {
        return Plan::AwaitDeletion(kind);
    }
    match changes(&goal.manifests, observed) {
        Changes { deployment: false, service: false } => settle(&goal.overrides, observed),
        changes => Plan::Apply(changes),
    }
}

/// Decides what is left once Deployment and Service are as rendered.
pub fn settle(overrides: &Overrides, observed: &Observed) -> Plan {
    if let Some(missing) = readiness::missing(observed) {
        return Plan::Wait(missing);
    }
    observed.volume.as_ref().map_or(Plan::Ready, |volume| volume_wish(overrides, volume))
}

fn changes(rendered: &Manifests, observed: &Observed) -> Changes {
    let deployment = observed.deployment.as_ref();
    let service = observed.service.as_ref();
    Changes {
        deployment: deployment.is_none_or(|it| has_drifted(&rendered.deployment, it)),
        service: service.is_none_or(|it| has_drifted(&rendered.service, it)),
    }
}

fn volume_gone(name: &str) -> String {
    format!(
        "the PersistentVolumeClaim {name} is gone and with it the data; restore it under that name with its labels, \
         or delete the claim and make it again to start empty"
    )
}

fn volume_trouble(volume: &PersistentVolumeClaim) -> Option<String> {
    let name = volume.metadata.name.as_deref().unwrap_or_default();
    if is_being_deleted(&volume.metadata) {
        // It stays as long as the pod uses it, so nothing that would restart the pod may be done.
        return Some(format!(
            "somebody deleted the PersistentVolumeClaim {name}, which lasts only as long as its pod; \
             save the data now, then delete the claim"
        ));
    }
    let phase = volume.status.as_ref().and_then(|status| status.phase.as_deref());
    (phase == Some("Lost")).then(|| {
        format!("the volume behind the PersistentVolumeClaim {name} is lost; restore it, or delete the claim")
    })
}

fn being_deleted(observed: &Observed) -> Option<&'static str> {
    observed.present().find(|(_, metadata)| is_being_deleted(metadata)).map(|(kind, _)| kind)
}

fn is_being_deleted(metadata: &ObjectMeta) -> bool {
    metadata.deletion_timestamp.is_some()
}

/// What the strategy asks of a volume that exists. What it does not name stays as it is.
fn volume_wish(overrides: &Overrides, volume: &PersistentVolumeClaim) -> Plan {
    let Some(spec) = &volume.spec else { return Plan::Ready };
    let class = spec.storage_class_name.as_deref();
    if let Some(asked) = overrides.storage_class.as_deref().filter(|asked| Some(*asked) != class) {
        return Plan::Refuse(format!(
            "strategy.pvcSpec.storageClassName: the volume has class {}, which cannot be changed to {asked}",
            class.unwrap_or("none")
        ));
    }
    let requests = spec.resources.as_ref().and_then(|it| it.requests.as_ref());
    let size = requests.and_then(|it| it.get("storage")).map_or("", |it| it.0.as_str());
    let Some(asked) = &overrides.storage else { return Plan::Ready };
    match (quantity::parse(asked), quantity::parse(size)) {
        (Some(asked_amount), Some(amount)) if asked_amount > amount => {
            Plan::GrowVolume { volume: Box::new(volume.clone()), size: asked.clone() }
        }
        (Some(asked_amount), Some(amount)) if asked_amount < amount && !grown_by_hand(volume) => {
            Plan::Refuse(format!(
                "strategy.pvcSpec.resources.requests.storage: the volume has {size} and cannot shrink to {asked}"
            ))
        }
        _ => Plan::Ready,
    }
}

/// Somebody else asked for the present size; it is theirs, and no error of the strategy (W-31).
fn grown_by_hand(volume: &PersistentVolumeClaim) -> bool {
    let path = ["spec", "resources", "requests", "storage"];
    manager_of(&volume.metadata, &path).is_some_and(|manager| manager != OPENSHIFT_MANAGER)
}

#[cfg(test)]
mod tests;
