//! Is what we observe ready, and if not, what is missing? Pure.

use std::time::{Duration, SystemTime};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};

use crate::error::quote;
use crate::observed::Observed;
use crate::ownership::manager_of;

/// The Go operator's text.
pub const IN_PROGRESS: &str = "creation in progress";
/// Watch events give a turn at once, so looking again is only the safety net behind them.
const SOONEST: Duration = Duration::from_secs(10);
const LATEST: Duration = Duration::from_mins(1);
/// A rollout in which something moved lately needs no explanation. Times of the API server are whole seconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// What keeps the claim from being ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// For people; stable while nothing changes.
    pub message: String,
    /// The kubelet does not find the credentials.
    pub lacks_credentials: bool,
}

/// `None` when the Deployment serves with the pod that was last asked for.
pub fn missing(observed: &Observed) -> Option<Missing> {
    let deployment = observed.deployment.as_ref();
    if deployment.is_some_and(is_available) {
        return None;
    }
    let lacks_credentials = waiting_containers(&observed.pods)
        .any(|(_, _, reason)| reason == "CreateContainerConfigError");
    let cause = deployment
        .and_then(is_scaled_down)
        .or_else(|| deployment.and_then(pods_refused))
        .or_else(|| observed.volume.as_ref().and_then(lacks_storage_class))
        .or_else(|| container_trouble(&observed.pods))
        .or_else(|| unschedulable(&observed.pods));
    let message = match cause {
        Some(cause) => format!("{IN_PROGRESS}: {cause}"),
        None => IN_PROGRESS.to_owned(),
    };
    Some(Missing { message, lacks_credentials })
}

/// Whether the newest pod is up, and no older one is in its place.
pub fn is_available(deployment: &Deployment) -> bool {
    let Some(status) = &deployment.status else { return false };
    let is_seen = status.observed_generation >= deployment.metadata.generation;
    is_seen
        && status.updated_replicas.unwrap_or(0) >= 1
        && status.available_replicas.unwrap_or(0) >= 1
        && status.replicas == status.updated_replicas
}

/// Whether it is time to ask the pods why.
pub fn is_stuck(deployment: &Deployment, now: SystemTime) -> bool {
    !is_available(deployment) && idle(deployment, now) >= PATIENCE
}

/// When to look again: the longer nothing has moved, the later.
pub fn look_again(observed: &Observed, now: SystemTime) -> Duration {
    let idle = observed.deployment.as_ref().map(|it| idle(it, now)).unwrap_or_default();
    (idle / 8).clamp(SOONEST, LATEST)
}

fn idle(deployment: &Deployment, now: SystemTime) -> Duration {
    let moved = last_progress(deployment);
    moved.and_then(|moved| now.duration_since(moved).ok()).unwrap_or_default()
}

fn last_progress(deployment: &Deployment) -> Option<SystemTime> {
    let conditions = deployment.status.as_ref().and_then(|it| it.conditions.as_deref());
    let progressing = conditions?.iter().find(|it| it.type_ == "Progressing");
    let made = deployment.metadata.creation_timestamp.as_ref();
    let time = progressing.and_then(|it| it.last_update_time.as_ref()).or(made)?;
    Some(time.0.into())
}

fn is_scaled_down(deployment: &Deployment) -> Option<String> {
    let replicas = deployment.spec.as_ref()?.replicas?;
    let manager = manager_of(&deployment.metadata, &["spec", "replicas"]).unwrap_or("somebody");
    (replicas == 0).then(|| format!("{manager} scaled the Deployment to 0; scale it to 1"))
}

/// Quotas, limits and admission refuse pods where only their `ReplicaSet` sees it.
fn pods_refused(deployment: &Deployment) -> Option<String> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let failure =
        conditions.iter().find(|it| it.type_ == "ReplicaFailure" && it.status == "True")?;
    Some(format!("pods are refused: {}", quote(failure.message.as_deref().unwrap_or_default())))
}

/// The API server fills in the default class, so one without a class found none.
fn lacks_storage_class(volume: &PersistentVolumeClaim) -> Option<String> {
    let is_pending = volume.status.as_ref()?.phase.as_deref() == Some("Pending");
    let spec = volume.spec.as_ref()?;
    let class = spec.storage_class_name.as_deref().unwrap_or_default();
    (is_pending && class.is_empty() && spec.volume_name.is_none()).then(|| {
        "the cluster has no default StorageClass; mark one as default, or name one in \
         strategy.pvcSpec.storageClassName and make the claim again"
            .to_owned()
    })
}

fn container_trouble(pods: &[Pod]) -> Option<String> {
    waiting_containers(pods).find_map(|(container, image, reason)| match reason {
        // The reason alternates between two of these, which must not show.
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
            Some(format!("the image {image} cannot be pulled; check its name and the pull secret"))
        }
        "CreateContainerConfigError" => {
            Some("the Secret with the credentials cannot be used; restore it".to_owned())
        }
        "CrashLoopBackOff" => {
            Some(format!("container {container} stops again and again; read its log"))
        }
        _ => None,
    })
}

/// Name, image and reason of each container that waits.
fn waiting_containers(pods: &[Pod]) -> impl Iterator<Item = (&str, &str, &str)> {
    let statuses = pods.iter().filter_map(|pod| pod.status.as_ref()?.container_statuses.as_deref());
    statuses.flatten().filter_map(|it| {
        let waiting = it.state.as_ref()?.waiting.as_ref()?;
        Some((it.name.as_str(), it.image.as_str(), waiting.reason.as_deref()?))
    })
}

fn unschedulable(pods: &[Pod]) -> Option<String> {
    let conditions = pods.iter().filter_map(|pod| pod.status.as_ref()?.conditions.as_deref());
    let mut conditions = conditions.flatten();
    let refusal = conditions.find(|it| {
        it.type_ == "PodScheduled"
            && it.status == "False"
            && it.reason.as_deref() == Some("Unschedulable")
    })?;
    Some(format!(
        "no node takes the pod: {}",
        quote(refusal.message.as_deref().unwrap_or_default())
    ))
}

#[cfg(test)]
mod tests;
