//! Volumes that are nowhere: made, grown and removed as a storage driver does, without a disk.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::kubeconfig::Kubeconfig;
use crate::wait::eventually;

/// The default class of volumes.
pub(crate) const CLASS: &str = "standard";
/// Who provisions that class, and any other class that names it.
pub const PROVISIONER: &str = "stack.integreatly.org/nowhere";

/// The driver. It has a thread and a runtime of its own, for it outlives the test that started it.
pub(crate) struct Volumes {
    _stop: oneshot::Sender<()>,
}

impl Volumes {
    pub(crate) fn start(admin: Kubeconfig) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    ended = drive(&admin) => eprintln!("the volume driver has ended: {ended:?}"),
                }
            });
        });
        Ok(Self { _stop: stop })
    }
}

enum Seen {
    Claim(Box<PersistentVolumeClaim>),
    Volume(Box<PersistentVolume>),
}

async fn drive(admin: &Kubeconfig) -> anyhow::Result<()> {
    let client = admin.client().await?;
    let claims = watcher(Api::all(client.clone()), watcher::Config::default());
    let volumes = watcher(Api::all(client.clone()), watcher::Config::default());
    let mut seen = std::pin::pin!(stream::select(
        claims.default_backoff().applied_objects().map_ok(|claim| Seen::Claim(Box::new(claim))),
        volumes.default_backoff().applied_objects().map_ok(|volume| Seen::Volume(Box::new(volume))),
    ));
    while let Some(seen) = seen.next().await {
        let Ok(seen) = seen else { continue };
        let act = async || Ok(Some(act(&client, &seen).await?));
        eventually("a step of the volume driver", Duration::from_secs(30), act).await?;
    }
    Ok(())
}

async fn act(client: &Client, seen: &Seen) -> kube::Result<()> {
    let done = match seen {
        Seen::Claim(claim) if is_unbound(claim) => {
            Api::all(client.clone()).create(&PostParams::default(), &volume(claim)).await.map(drop)
        }
        Seen::Claim(claim) if is_too_small(claim) => grow(client, claim).await,
        Seen::Volume(volume) if is_released(volume) => {
            let volumes: Api<PersistentVolume> = Api::all(client.clone());
            volumes.delete(&volume.name_any(), &DeleteParams::default()).await.map(drop)
        }
        _ => Ok(()),
    };
    match done {
        // Done before, or gone meanwhile.
        Err(kube::Error::Api(status)) if [404, 409].contains(&status.code) => Ok(()),
        done => done,
    }
}

/// The controller manager asks the provisioner of the claim's class by this annotation.
fn is_ours(claim: &PersistentVolumeClaim) -> bool {
    let asked = claim.annotations().get("volume.kubernetes.io/storage-provisioner");
    asked.is_some_and(|provisioner| provisioner == PROVISIONER)
}

fn requested(claim: &PersistentVolumeClaim) -> Value {
    json!(claim)["spec"]["resources"]["requests"]["storage"].clone()
}

fn is_unbound(claim: &PersistentVolumeClaim) -> bool {
    let volume = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_ref());
    is_ours(claim) && volume.is_none() && claim.metadata.deletion_timestamp.is_none()
}

fn is_too_small(claim: &PersistentVolumeClaim) -> bool {
    let capacity = json!(claim)["status"]["capacity"]["storage"].clone();
    is_ours(claim) && !capacity.is_null() && capacity != requested(claim)
}

fn is_released(volume: &PersistentVolume) -> bool {
    let phase = volume.status.as_ref().and_then(|status| status.phase.as_deref());
    phase == Some("Released") && volume.metadata.deletion_timestamp.is_none()
}

fn volume_name(claim: &PersistentVolumeClaim) -> String {
    format!("pvc-{}", claim.uid().unwrap_or_default())
}

fn volume(claim: &PersistentVolumeClaim) -> PersistentVolume {
    let reference = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "namespace": claim.namespace(), "name": claim.name_any(), "uid": claim.uid(),
    });
    let annotations = json!({"pv.kubernetes.io/provisioned-by": PROVISIONER});
    let volume = json!({
        "metadata": {"name": volume_name(claim), "annotations": annotations},
        "spec": {
            "accessModes": json!(claim)["spec"]["accessModes"],
            "capacity": {"storage": requested(claim)},
            "claimRef": reference,
            "hostPath": {"path": "/nowhere"},
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": json!(claim)["spec"]["storageClassName"],
        },
    });
    serde_json::from_value(volume).expect("a volume is an object")
}

async fn grow(client: &Client, claim: &PersistentVolumeClaim) -> kube::Result<()> {
    let capacity = json!({"capacity": {"storage": requested(claim)}});
    let params = PatchParams::default();
    let volumes: Api<PersistentVolume> = Api::all(client.clone());
    let spec = Patch::Merge(json!({"spec": capacity}));
    volumes.patch(&volume_name(claim), &params, &spec).await?;
    let claims: Api<PersistentVolumeClaim> =
        Api::namespaced(client.clone(), &claim.namespace().unwrap_or_default());
    let status = Patch::Merge(json!({"status": capacity}));
    claims.patch_status(&claim.name_any(), &params, &status).await.map(drop)
}
