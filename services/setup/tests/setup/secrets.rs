//! Keys and certificates as Secrets.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DeleteParams, ListParams};
use proto::Service;
use setup::{Certificates, Definitions, InstallConfig, install_with};
use stack::Stack;

fn config(namespace: &str) -> InstallConfig {
    InstallConfig {
        namespace: namespace.to_owned(),
        crds: Definitions::None,
        allow_downgrade: false,
        certificates: Certificates::Make,
    }
}

/// What each Secret holds, by name.
type Held = BTreeMap<String, BTreeMap<String, String>>;

async fn held(secrets: &Api<Secret>) -> Held {
    let of = ListParams::default().labels("app.kubernetes.io/part-of=cloud-resource-operator");
    let all = secrets.list(&of).await.unwrap();
    let text = |bytes: k8s_openapi::ByteString| String::from_utf8(bytes.0).unwrap();
    all.into_iter()
        .map(|secret| {
            let data = secret.data.unwrap_or_default();
            let data = data.into_iter().map(|(key, value)| (key, text(value))).collect();
            (secret.metadata.name.unwrap(), data)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_once_and_stay() {
    let stack = Stack::prepare("setup-keys").await.unwrap();
    let secrets: Api<Secret> = Api::namespaced(stack.client.clone(), "setup-keys");
    install_with(stack.client.clone(), &config("setup-keys")).await.unwrap();
    let first = held(&secrets).await;
    let own = |end: &str| Service::ALL.map(|service| format!("{service}-{end}"));
    let others = ["cloud-resource-operator-ca", "nats-tls", "nats-users"].map(str::to_owned);
    let mut names = [own("keys").as_slice(), &own("tls"), &others].concat();
    names.sort();
    assert_eq!(first.keys().cloned().collect::<Vec<_>>(), names);
    assert_eq!(first["nats-users"].len(), 5, "four users and what the store is encrypted with");

    install_with(stack.client.clone(), &config("setup-keys")).await.unwrap();
    assert!(held(&secrets).await == first, "an upgrade changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_made_anew_and_everybody_is_told_whom_to_trust() {
    let stack = Stack::prepare("setup-lost").await.unwrap();
    let secrets: Api<Secret> = Api::namespaced(stack.client.clone(), "setup-lost");
    install_with(stack.client.clone(), &config("setup-lost")).await.unwrap();
    let before = held(&secrets).await;
    secrets.delete("watcher-keys", &DeleteParams::default()).await.unwrap();

    install_with(stack.client.clone(), &config("setup-lost")).await.unwrap();
    let after = held(&secrets).await;
    let trusts = Service::ALL.map(|service| &after[&format!("{service}-keys")]["trust.json"]);
    assert!(trusts.iter().all(|trust| *trust == trusts[0]));
    assert_ne!(trusts[0], &before["aws-provisioner-keys"]["trust.json"]);
    let seed = |held: &Held| held["aws-provisioner-keys"]["signing.seed"].clone();
    assert_eq!(seed(&after), seed(&before));
    let (users, were) = (&after["nats-users"], &before["nats-users"]);
    assert_ne!(users["WATCHER_NKEY"], were["WATCHER_NKEY"]);
    assert_eq!(users["JETSTREAM_KEY"], were["JETSTREAM_KEY"], "or the store could not be read");
}
