//! A server whose users have JWTs, as those of who runs NATS for others.

use bus::BusConfig;
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use proto::Service;
use serde_json::{Value, json};
use stack::Nats;

use crate::fixture::is_served;

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

/// A server of an operator with one account, which may store, and the server's own.
async fn server(account: &KeyPair) -> Nats {
    let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
    let ours = jwt(&operator, &operator, &json!({"type": "operator", "version": 2}));
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
    });
    let mut stores = limits.clone();
    for limit in ["mem_storage", "disk_storage", "streams", "consumer"] {
        stores[limit] = json!(-1);
    }
    let known = [(account, stores), (&system, limits)].map(|(account, limits)| {
        let said = json!({"type": "account", "version": 2, "limits": limits});
        format!("  {}: {}\n", account.public_key(), jwt(&operator, account, &said))
    });
    let (system, known) = (system.public_key(), known.concat());
    let config = format!(
        "operator: {ours}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload: {{\n{known}}}\n"
    );
    Nats::with_users(config).await.unwrap()
}

/// Settings of who has these credentials.
fn with(server: &Nats, credentials: &str) -> BusConfig {
    let keys_dir = server.keys(Service::Watcher);
    let file = keys_dir.join("watcher.creds");
    std::fs::write(&file, credentials).unwrap();
    BusConfig {
        nats_url: server.url(),
        nats_credentials_file: Some(file),
        keys_dir,
        ..BusConfig::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_jwt_of_the_account_is_served_and_nobody_else() {
    let (account, other) = (KeyPair::new_account(), KeyPair::new_account());
    let server = server(&account).await;
    assert!(is_served(with(&server, &credentials(&account, &KeyPair::new_user()))).await);
    assert!(!is_served(with(&server, &credentials(&other, &KeyPair::new_user()))).await);
}
