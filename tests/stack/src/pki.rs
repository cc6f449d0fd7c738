//! Certificates of servers, and the key that signs ServiceAccount tokens.

use std::path::Path;

use rcgen::KeyPair;
use setup::certificates::{AUTHORITY, Authority, CERTIFICATE, KEY};

/// Writes ca.crt, and a certificate for these names as `<name>.crt` and `<name>.key`.
pub(crate) fn certificate(folder: &Path, name: &str, names: &[&str]) -> anyhow::Result<()> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let signed = Authority::new()?.sign(&names)?;
    let file = |end: &str| folder.join(format!("{name}.{end}"));
    std::fs::write(folder.join(AUTHORITY), &signed[AUTHORITY])?;
    std::fs::write(file("crt"), &signed[CERTIFICATE])?;
    std::fs::write(file("key"), &signed[KEY])?;
    Ok(())
}

/// Writes ca.crt, server.crt, server.key, sa.key and sa.pub.
pub(crate) fn write(folder: &Path) -> anyhow::Result<()> {
    certificate(folder, "server", &["127.0.0.1", "localhost", "kubernetes.default.svc"])?;
    let tokens = KeyPair::generate()?;
    std::fs::write(folder.join("sa.key"), tokens.serialize_pem())?;
    std::fs::write(folder.join("sa.pub"), tokens.public_key_pem())?;
    Ok(())
}
