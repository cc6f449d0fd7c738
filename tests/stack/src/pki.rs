//! Certificates of servers and the key that signs ServiceAccount tokens.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Writes ca.crt, server.crt, server.key, sa.key and sa.pub.
pub(crate) fn write(folder: &Path) -> anyhow::Result<()> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // OpenSSL takes a certificate that is named like its authority for self-signed.
    ca.distinguished_name.push(DnType::CommonName, "stack authority");
    let ca_certificate = ca.self_signed(&ca_key)?;
    let key = KeyPair::generate()?;
    let names = ["127.0.0.1", "localhost", "kubernetes.default.svc"].map(str::to_owned);
    let mut server = CertificateParams::new(names.to_vec())?;
    server.distinguished_name.push(DnType::CommonName, "stack server");
    let certificate = server.signed_by(&key, &Issuer::new(ca, ca_key))?;
    let tokens = KeyPair::generate()?;
    for (file, text) in [
        ("ca.crt", ca_certificate.pem()),
        ("server.crt", certificate.pem()),
        ("server.key", key.serialize_pem()),
        ("sa.key", tokens.serialize_pem()),
        ("sa.pub", tokens.public_key_pem()),
    ] {
        std::fs::write(folder.join(file), text)?;
    }
    Ok(())
}
