//! Keys and certificates as files, for tests and docker-compose.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use proto::Service;

use crate::certificates::{AUTHORITY, Authority, CERTIFICATE, KEY, NATS, owners};
use crate::keys::{self, Files, Keys, LOGIN, SEALING, SIGNING, STORE_KEY, TRUST, users};

/// The authority's folder.
const OWN: &str = "authority";
/// File with the variables that NATS wants, as `docker compose` reads it.
const VARIABLES: &str = "users.env";

/// Writes, for this user alone, `<folder>/<service>/{nats.seed,signing.seed,sealing.seed,trust.json,ca.crt,tls.crt,tls.key}`, the last three
/// for NATS too, and `<folder>/nats/users.env`. Certificates are for the service's name, this machine, and `hosts`.
pub fn write(folder: &Path, hosts: &[String]) -> anyhow::Result<()> {
    let mut all = BTreeMap::new();
    for service in Service::ALL {
        let present = read(&folder.join(service.as_str()), &[LOGIN, SIGNING, SEALING])?;
        all.insert(service, Keys::complete(&present).with_context(|| service.to_string())?);
    }
    let trust = keys::trust(&all)?;
    for (service, keys) in &all {
        let own = folder.join(service.as_str());
        add(&own, &keys.seeds)?;
        put(&own, &Files::from([(TRUST.to_owned(), trust.clone())]))?;
    }
    sign(folder, hosts)?;
    write_variables(&folder.join(NATS), users(&all))
}

fn sign(folder: &Path, hosts: &[String]) -> anyhow::Result<()> {
    let own = folder.join(OWN);
    let present = read(&own, &[CERTIFICATE, KEY])?;
    let authority = if present.is_empty() { Authority::new()? } else { Authority::load(&present)? };
    add(&own, &authority.files())?;
    for owner in owners() {
        let own = folder.join(owner);
        if read(&own, &[AUTHORITY, CERTIFICATE, KEY])?.len() < 3 {
            let mut names = vec![owner.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned()];
            names.extend_from_slice(hosts);
            put(&own, &authority.sign(&names)?)?;
        }
    }
    Ok(())
}

fn write_variables(folder: &Path, mut variables: Files) -> anyhow::Result<()> {
    let present = read(folder, &[VARIABLES])?;
    let lines = present.get(VARIABLES).map(String::as_str).unwrap_or_default().lines();
    let kept = lines.filter_map(|line| line.split_once('=')).find(|(name, _)| *name == STORE_KEY);
    let store_key = kept.map_or_else(keys::store_key, |(_, key)| key.to_owned());
    variables.insert(STORE_KEY.to_owned(), store_key);
    let lines: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    put(folder, &Files::from([(VARIABLES.to_owned(), lines.join("\n") + "\n")]))
}

fn read(folder: &Path, names: &[&str]) -> anyhow::Result<Files> {
    let mut files = Files::new();
    for name in names {
        match fs::read_to_string(folder.join(name)) {
            Ok(text) => drop(files.insert((*name).to_owned(), text)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| folder.join(name).display().to_string());
            }
        }
    }
    Ok(files)
}

/// Writes files that are not there.
fn add(folder: &Path, files: &Files) -> anyhow::Result<()> {
    let missing = files.iter().filter(|(name, _)| !folder.join(name).exists());
    put(folder, &missing.map(|(name, text)| (name.clone(), text.clone())).collect())
}

fn put(folder: &Path, files: &Files) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, text) in files {
        let path = folder.join(name);
        write_private(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::File::options();
    let mut file = options.create(true).write(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
