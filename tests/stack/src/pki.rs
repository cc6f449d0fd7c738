//! Certificates of servers and of our services, and the key that signs ServiceAccount tokens.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Who signs certificates.
pub(crate) struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate that is named like its authority for self-signed.
        params.distinguished_name.push(DnType::CommonName, "stack authority");
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// Writes ca.crt, and a certificate for these names as `<name>.crt` and `<name>.key`.
    pub(crate) fn write(&self, folder: &Path, name: &str, names: &[&str]) -> anyhow::Result<()> {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer)?;
        std::fs::write(folder.join("ca.crt"), &self.certificate)?;
        std::fs::write(folder.join(format!("{name}.crt")), certificate.pem())?;
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem())?;
        Ok(())
    }
}

/// Writes ca.crt, server.crt, server.key, sa.key and sa.pub.
pub(crate) fn write(folder: &Path) -> anyhow::Result<()> {
    let names = ["127.0.0.1", "localhost", "kubernetes.default.svc"];
    Authority::new()?.write(folder, "server", &names)?;
    let tokens = KeyPair::generate()?;
    std::fs::write(folder.join("sa.key"), tokens.serialize_pem())?;
    std::fs::write(folder.join("sa.pub"), tokens.public_key_pem())?;
    Ok(())
}
