//! The definitions of the kinds, in the cluster.

use crds::{ClaimKind, definition};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams};
use kube::runtime::conditions::is_crd_established;
use kube::runtime::wait::await_condition;
use kube::{Api, Client, ResourceExt as _};
use semver::Version;

use anyhow::Context as _;

const MANAGER: &str = "cloud-resource-operator-setup";
/// Annotation: which version of the operator applied it.
const APPLIED_BY: &str = "integreatly.org/operator-version";
const OURS: &str = env!("CARGO_PKG_VERSION");

/// Applies all of them over whatever is there, the Go operator's included: objects stay as they are. Refuses when a newer
/// version of the operator has applied one, unless `allow_downgrade`: fields that only it knows would be dropped.
pub(crate) async fn apply(client: &Client, allow_downgrade: bool) -> anyhow::Result<()> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    if !allow_downgrade {
        for kind in ClaimKind::ALL {
            refuse_downgrade(&definitions, &definition(kind).name_any()).await?;
        }
    }
    for kind in ClaimKind::ALL {
        let mut wanted = definition(kind);
        let name = wanted.name_any();
        wanted.annotations_mut().insert(APPLIED_BY.to_owned(), OURS.to_owned());
        let apply = PatchParams::apply(MANAGER).force();
        let applied = definitions.patch(&name, &apply, &Patch::Apply(&wanted)).await;
        applied.with_context(|| format!("apply {name}"))?;
        await_condition(definitions.clone(), &name, is_crd_established()).await?;
        println!("definition {name}: applied");
    }
    Ok(())
}

async fn refuse_downgrade(
    definitions: &Api<CustomResourceDefinition>,
    name: &str,
) -> anyhow::Result<()> {
    let present = definitions.get_opt(name).await.with_context(|| format!("read {name}"))?;
    let applied_by = present.as_ref().and_then(|it| it.annotations().get(APPLIED_BY));
    if let Some(newer) = applied_by.filter(|it| is_newer(it)) {
        anyhow::bail!(
            "{name} was installed by version {newer} of the operator, and this is {OURS}: fields that only {newer} \
             knows would be dropped from stored objects; install {newer} or newer, or allow the downgrade \
             (crds.allowDowngrade, ALLOW_DOWNGRADE)"
        );
    }
    Ok(())
}

fn is_newer(version: &str) -> bool {
    let ours = Version::parse(OURS).expect("cargo demands a version");
    Version::parse(version).is_ok_and(|it| it > ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_version_is_not_newer() {
        assert!(is_newer("999.0.0") && !is_newer(OURS) && !is_newer("0.0.1") && !is_newer("old"));
    }
}
