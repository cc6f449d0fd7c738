//! Keys and certificates as Secrets of the operator's namespace. They are of no release of Helm, so they stay when one is
//! upgraded or removed.

use std::collections::BTreeMap;

use anyhow::Context as _;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client};
use proto::Service;
use serde_json::json;

use crate::certificates::{self, Authority, CERTIFICATE, names_in, owners};
use crate::keys::{self, Files, Keys, STORE_KEY, TRUST, users};

const AUTHORITY: &str = "cloud-resource-operator-ca";
const USERS: &str = "nats-users";
const OPAQUE: &str = "Opaque";
const TLS: &str = "kubernetes.io/tls";

/// Secrets of one namespace.
pub(crate) struct Secrets {
    api: Api<Secret>,
    namespace: String,
}

impl Secrets {
    pub(crate) fn new(client: Client, namespace: &str) -> Self {
        Self { api: Api::namespaced(client, namespace), namespace: namespace.to_owned() }
    }

    /// `<service>-keys` for each service, and `nats-users` with their public keys.
    pub(crate) async fn make_keys(&self) -> anyhow::Result<()> {
        let mut all = BTreeMap::new();
        for service in Service::ALL {
            all.insert(service, self.keys_of(service).await?);
        }
        let trust = keys::trust(&all)?;
        for service in Service::ALL {
            let wanted = Files::from([(TRUST.to_owned(), trust.clone())]);
            self.update(&keys_secret(service), &wanted).await?;
        }
        // Made once: with another key, the store could not be read.
        let made = Files::from([(STORE_KEY.to_owned(), keys::store_key())]);
        let present = self.ensure(USERS, OPAQUE, || Ok(made.clone())).await?;
        let mut wanted = users(&all);
        if !present.contains_key(STORE_KEY) {
            wanted.extend(made);
        }
        self.update(USERS, &wanted).await
    }

    /// The keys that a Secret holds, completed; another setup may have been faster.
    async fn keys_of(&self, service: Service) -> anyhow::Result<Keys> {
        let name = keys_secret(service);
        let present =
            self.ensure(&name, OPAQUE, || Ok(Keys::complete(&Files::new())?.seeds)).await?;
        let keys = Keys::complete(&present).with_context(|| name.clone())?;
        self.update(&name, &keys.seeds).await?;
        Ok(keys)
    }

    /// `<service>-tls` for each service, and `nats-tls`. What another authority has signed, such as cert-manager's that is
    /// used no longer, is replaced.
    pub(crate) async fn make_certificates(&self) -> anyhow::Result<()> {
        let kept = self.ensure(AUTHORITY, TLS, || Ok(Authority::new()?.files())).await?;
        let ours = kept.get(CERTIFICATE);
        for owner in owners() {
            let name = format!("{owner}-tls");
            let sign = || Authority::load(&kept)?.sign(&names_in(&self.namespace, owner));
            let present = self.ensure(&name, TLS, sign).await?;
            if present.get(certificates::AUTHORITY) != ours {
                self.update(&name, &sign()?).await?;
            }
        }
        Ok(())
    }

    /// What the Secret holds; makes it when there is none.
    async fn ensure(
        &self,
        name: &str,
        type_: &str,
        make: impl FnOnce() -> anyhow::Result<Files>,
    ) -> anyhow::Result<Files> {
        if let Some(present) = self.read(name).await? {
            return Ok(present);
        }
        let files = make()?;
        let secret = self.secret(name, type_, files.clone());
        match self.api.create(&PostParams::default(), &secret).await {
            Ok(_) => {
                println!("secret {name}: made");
                Ok(files)
            }
            Err(kube::Error::Api(status)) if status.is_already_exists() => {
                Ok(self.read(name).await?.with_context(|| format!("{name} came and went"))?)
            }
            Err(error) => Err(error).with_context(|| format!("make the Secret {name}")),
        }
    }

    /// Sets these keys where they differ; fails when somebody else was faster.
    async fn update(&self, name: &str, wanted: &Files) -> anyhow::Result<()> {
        let present =
            self.get(name).await?.with_context(|| format!("the Secret {name} is gone"))?;
        let version = present.metadata.resource_version.clone();
        let present = files(present)?;
        if wanted.iter().all(|(key, value)| present.get(key) == Some(value)) {
            return Ok(());
        }
        let patch = json!({"metadata": {"resourceVersion": version}, "stringData": wanted});
        let patched = self.api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await;
        patched.with_context(|| format!("update the Secret {name}"))?;
        println!("secret {name}: updated");
        Ok(())
    }

    async fn read(&self, name: &str) -> anyhow::Result<Option<Files>> {
        self.get(name).await?.map(files).transpose()
    }

    async fn get(&self, name: &str) -> anyhow::Result<Option<Secret>> {
        self.api.get_opt(name).await.with_context(|| format!("read the Secret {name}"))
    }

    fn secret(&self, name: &str, type_: &str, files: Files) -> Secret {
        let labels = [("app.kubernetes.io/part-of", "cloud-resource-operator")];
        Secret {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: Some(self.namespace.clone()),
                labels: Some(labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into()),
                ..ObjectMeta::default()
            },
            type_: Some(type_.to_owned()),
            string_data: Some(files),
            ..Secret::default()
        }
    }
}

fn keys_secret(service: Service) -> String {
    format!("{service}-keys")
}

/// What a Secret holds. What is no text is none of ours, and must not be replaced.
fn files(secret: Secret) -> anyhow::Result<Files> {
    let name = secret.metadata.name.unwrap_or_default();
    let text = |(key, ByteString(bytes)): (String, ByteString)| {
        let text = String::from_utf8(bytes);
        Ok((key.clone(), text.with_context(|| format!("{key} of the Secret {name} is no text"))?))
    };
    secret.data.unwrap_or_default().into_iter().map(text).collect()
}
