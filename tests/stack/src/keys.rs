//! Keys and certificates for the four services, as an installation would make them.

use std::collections::BTreeMap;
use std::path::Path;

use nkeys::{KeyPair, XKey};
use proto::Service;
use serde_json::json;

use crate::pki::Authority;

/// Writes `<folder>/<service>/{nats.seed,signing.seed,sealing.seed,trust.json}`, and `{ca.crt,tls.crt,tls.key}` for
/// gRPC. Returns the variables that `deploy/nats/nats.conf` wants: the public key of each NATS user.
pub fn write_keys(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut trust = BTreeMap::new();
    let mut users = Vec::new();
    let authority = Authority::new()?;
    for service in Service::ALL {
        let keys = folder.join(service.as_str());
        std::fs::create_dir_all(&keys)?;
        // Not one key for both: a server chooses what a login signs.
        let (login, signing, sealing) = (KeyPair::new_user(), KeyPair::new_user(), XKey::new());
        std::fs::write(keys.join("nats.seed"), login.seed()?)?;
        std::fs::write(keys.join("signing.seed"), signing.seed()?)?;
        std::fs::write(keys.join("sealing.seed"), sealing.seed()?)?;
        authority.write(&keys, "tls", &["127.0.0.1", "localhost", service.as_str()])?;
        let name = service.as_str().replace('-', "_").to_uppercase();
        users.push((format!("{name}_NKEY"), login.public_key()));
        let public = json!({"signing": signing.public_key(), "sealing": sealing.public_key()});
        trust.insert(service.as_str(), public);
    }
    let trust = serde_json::to_vec_pretty(&trust)?;
    for service in Service::ALL {
        std::fs::write(folder.join(service.as_str()).join("trust.json"), &trust)?;
    }
    Ok(users)
}
