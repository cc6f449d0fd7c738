//! A server whose users have JWTs, as those of who runs NATS for others.

use bus::{Bus, BusConfig};
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use proto::Service;
use serde_json::{Value, json};
use service::Process;
use stack::Nats;
use std::time::Duration;

/// A JWT in which `issuer` says something of `subject`: <https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt>.
fn jwt(issuer: &KeyPair, subject: &KeyPair, said: &Value) -> String {
    let encode = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = encode(json!({"typ": "JWT", "alg": "ed25519-nkey"}));
    let claims = json!({"jti": "a", "iat": 1, "iss": issuer.public_key(), "sub": subject.public_key(), "nats": said});
    let text = format!("{head}.{}", encode(claims));
    let signature = BASE64URL_NOPAD.encode(&issuer.sign(text.as_bytes()).unwrap());
    format!("{text}.{signature}")
}

fn credentials(account: &KeyPair, user: &KeyPair) -> String {
    let said = json!({"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1});
    format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        jwt(account, user, &said),
        user.seed().unwrap()
    )
}

/// A server of an operator with one account, which may store.
async fn server(account: &KeyPair) -> Nats {
    let operator = KeyPair::new_operator();
    let ours = jwt(&operator, &operator, &json!({"type": "operator", "version": 2}));
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let theirs = json!({"type": "account", "version": 2, "limits": limits});
    let theirs = jwt(&operator, account, &theirs);
    let name = account.public_key();
    let preload = format!("resolver_preload: {{ {name}: {theirs} }}");
    Nats::with_users(format!("operator: {ours}\nresolver: MEMORY\n{preload}\n")).await.unwrap()
}

/// Whether who has these credentials can make the streams.
async fn is_served(server: &Nats, credentials: &str) -> bool {
    let keys_dir = server.keys(Service::Watcher);
    let file = keys_dir.join("watcher.creds");
    std::fs::write(&file, credentials).unwrap();
    let config = BusConfig {
        nats_url: server.url(),
        nats_credentials_file: Some(file),
        keys_dir,
        ..BusConfig::default()
    };
    let mut process = Process::new(Service::Watcher, Duration::ZERO);
    let bus = Bus::connect(Service::Watcher, &config, &mut process).await.unwrap();
    let made = Nats::make_streams(&bus);
    tokio::time::timeout(Duration::from_secs(2), made).await.is_ok_and(|made| made.is_ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_jwt_of_the_account_is_served_and_nobody_else() {
    let (account, other) = (KeyPair::new_account(), KeyPair::new_account());
    let server = server(&account).await;
    assert!(is_served(&server, &credentials(&account, &KeyPair::new_user())).await);
    assert!(!is_served(&server, &credentials(&other, &KeyPair::new_user())).await);
}
