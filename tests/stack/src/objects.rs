//! Kubernetes objects in YAML files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::discovery::{Scope, pinned_kind};
use serde::Deserialize as _;

/// Every object in the YAML files of a folder, in the order of their names.
pub fn read_folder(folder: &Path) -> anyhow::Result<Vec<DynamicObject>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("failed to read {}", folder.display()))?;
    let mut files: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let objects: Vec<Vec<DynamicObject>> =
        files.iter().map(|file| read_file(file)).collect::<anyhow::Result<_>>()?;
    Ok(objects.concat())
}

/// Every object in a YAML file.
pub fn read_file(file: &Path) -> anyhow::Result<Vec<DynamicObject>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("failed to read {}", file.display()))?;
    read(&text).with_context(|| format!("{} is not valid", file.display()))
}

/// Every object in a text of YAML.
pub fn read(text: &str) -> anyhow::Result<Vec<DynamicObject>> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Ok(DynamicObject::deserialize(document)?))
        .collect()
}

/// Its kind.
pub(crate) fn kind(object: &DynamicObject) -> &str {
    object.types.as_ref().map_or("", |types| &types.kind)
}

/// Applies an object as the administrator, in `namespace` when it has to be in one.
pub(crate) async fn apply(
    client: &kube::Client,
    namespace: &str,
    object: &DynamicObject,
) -> anyhow::Result<()> {
    let gvk = GroupVersionKind::try_from(&object.types.clone().unwrap_or_default())?;
    let (resource, capabilities) = pinned_kind(client, &gvk).await?;
    let api: Api<DynamicObject> = match capabilities.scope {
        Scope::Namespaced => Api::namespaced_with(client.clone(), namespace, &resource),
        Scope::Cluster => Api::all_with(client.clone(), &resource),
    };
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let params = PatchParams::apply("administrator").force();
    api.patch(name, &params, &Patch::Apply(object))
        .await
        .with_context(|| format!("failed to apply {} {name}", gvk.kind))?;
    Ok(())
}
