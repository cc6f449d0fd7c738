//! The authority of one installation, and certificates that it signs. Nobody else trusts it, and it trusts nobody.

use anyhow::Context as _;
use jiff::{Span, Zoned};
use proto::Service;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::keys::Files;

/// File, or key of a Secret: the certificate of the authority.
pub const AUTHORITY: &str = "ca.crt";
/// A certificate.
pub const CERTIFICATE: &str = "tls.crt";
/// Its key.
pub const KEY: &str = "tls.key";
/// Who has a certificate besides the services.
pub const NATS: &str = "nats";

/// How long certificates are valid, years. Whoever wants them to be renewed by themselves has cert-manager make them.
const YEARS: i16 = 10;

/// Who signs.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one.
    pub fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let params = authority()?;
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// The one whose [certificate](CERTIFICATE) and [key](KEY) are kept in these files.
    pub fn load(files: &Files) -> anyhow::Result<Self> {
        let file =
            |name: &str| files.get(name).cloned().with_context(|| format!("{name} is missing"));
        let key = KeyPair::from_pem(&file(KEY)?).context(KEY)?;
        Ok(Self { certificate: file(CERTIFICATE)?, issuer: Issuer::new(authority()?, key) })
    }

    /// What keeps it.
    pub fn files(&self) -> Files {
        files([(CERTIFICATE, self.certificate.clone()), (KEY, self.issuer.key().serialize_pem())])
    }

    /// A certificate for these names and addresses, with its key and the authority's certificate.
    pub fn sign(&self, names: &[String]) -> anyhow::Result<Files> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names.to_vec())?;
        // OpenSSL takes a certificate that is named like its authority for self-signed.
        let name = names.first().context("a certificate needs a name")?;
        params.distinguished_name.push(DnType::CommonName, name);
        be_valid(&mut params)?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        let authority = self.certificate.clone();
        Ok(files([(AUTHORITY, authority), (CERTIFICATE, certificate), (KEY, key.serialize_pem())]))
    }
}

fn authority() -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "cloud-resource-operator authority");
    be_valid(&mut params)?;
    Ok(params)
}

/// From yesterday on: clocks differ.
fn be_valid(params: &mut CertificateParams) -> anyhow::Result<()> {
    let now = Zoned::now();
    let day = |at: &Zoned| -> anyhow::Result<_> {
        let (month, day) = (at.month().try_into()?, at.day().try_into()?);
        Ok(rcgen::date_time_ymd(at.year().into(), month, day))
    };
    params.not_before = day(&now.checked_sub(Span::new().days(1))?)?;
    params.not_after = day(&now.checked_add(Span::new().years(YEARS))?)?;
    Ok(())
}

/// The names of a service's server, or of NATS, in a namespace of a cluster.
pub fn names_in(namespace: &str, name: &str) -> Vec<String> {
    let of = |name: &str| {
        let suffixes = [
            String::new(),
            format!(".{namespace}"),
            format!(".{namespace}.svc"),
            format!(".{namespace}.svc.cluster.local"),
        ];
        suffixes.map(|suffix| format!("{name}{suffix}"))
    };
    let mut names = Vec::from(of(name));
    if name == NATS {
        // Each replica, towards the others.
        names.extend(of("*.nats-headless"));
    }
    names
}

/// Whoever has a certificate.
pub fn owners() -> impl Iterator<Item = &'static str> {
    Service::ALL.iter().map(|service| service.as_str()).chain([NATS])
}

fn files<const N: usize>(files: [(&str, String); N]) -> Files {
    files.map(|(name, text)| (name.to_owned(), text)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_that_was_kept_is_the_same_one() {
        let made = Authority::new().unwrap();
        let loaded = Authority::load(&made.files()).unwrap();
        assert_eq!(loaded.files(), made.files());
        let signed = loaded.sign(&["nats".to_owned()]).unwrap();
        assert_eq!(signed[AUTHORITY], made.files()[CERTIFICATE]);
    }

    #[test]
    fn nats_has_a_name_for_each_replica() {
        let names = names_in("cro", NATS);
        assert_eq!(names[..2], ["nats", "nats.cro"]);
        assert!(names.contains(&"*.nats-headless.cro.svc".to_owned()));
        assert_eq!(names_in("cro", "watcher").len(), 4);
    }
}
