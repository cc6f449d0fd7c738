//! What of an instance can be changed, and when a change takes hold:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html>

use std::collections::BTreeMap;

use crate::aws::catalog;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

/// Values by the name of their parameter.
pub(crate) type Values = BTreeMap<&'static str, String>;

pub(crate) const PASSWORD: &str = "MasterUserPassword";

/// Parameters that wait for the window unless they are to be applied immediately, with their elements.
pub(crate) const DEFERRED: [(&str, &str); 11] = [
    ("AllocatedStorage", "AllocatedStorage"),
    ("BackupRetentionPeriod", "BackupRetentionPeriod"),
    ("CACertificateIdentifier", "CACertificateIdentifier"),
    ("DBInstanceClass", "DBInstanceClass"),
    ("EnableIAMDatabaseAuthentication", "IAMDatabaseAuthenticationEnabled"),
    ("EngineVersion", "EngineVersion"),
    ("Iops", "Iops"),
    ("LicenseModel", "LicenseModel"),
    ("MultiAZ", "MultiAZ"),
    ("StorageThroughput", "StorageThroughput"),
    ("StorageType", "StorageType"),
];

/// Parameters that are applied as soon as possible, whatever is asked, and show as pending until then.
const PROMPT: [(&str, &str); 2] = [(PASSWORD, PASSWORD), ("DBPortNumber", "Port")];

/// What a request changes of an instance.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Applied as soon as possible.
    pub(crate) prompt: Values,
    /// Applied immediately or in the window.
    pub(crate) deferred: Values,
    /// Asked for as they are: what waits for another value waits no longer.
    pub(crate) kept: Vec<&'static str>,
}

/// Reads what a request changes of an instance as it is.
pub(crate) fn change(current: &Element, query: &Query) -> Result<Change, Refusal> {
    let mut change = Change::default();
    for (name, element) in DEFERRED {
        let Some(value) = query.get(name) else { continue };
        let value = match name {
            "EngineVersion" => version(current.text_of(element), value, query)?,
            "AllocatedStorage" => storage(current.text_of(element), value)?,
            _ => value.to_owned(),
        };
        let now = current.text_of(element);
        if value.eq_ignore_ascii_case(now) {
            change.kept.push(name);
        } else if name == "BackupRetentionPeriod" && value != "0" && now != "0" {
            change.prompt.insert(name, value);
        } else {
            change.deferred.insert(name, value);
        }
    }
    for (name, _) in PROMPT {
        if let Some(value) = query.get(name) {
            change.prompt.insert(name, value.to_owned());
        }
    }
    if let Some(password) = query.get(PASSWORD) {
        check_password(password)?;
    }
    Ok(change)
}

fn version(now: &str, wanted: &str, query: &Query) -> Result<String, Refusal> {
    let wanted = catalog::postgres(wanted).ok_or_else(|| {
        Refusal::combination(format!("Cannot find version {wanted} for postgres"))
    })?;
    if catalog::number(wanted) < catalog::number(now) {
        return Err(Refusal::combination(format!(
            "Cannot upgrade postgres from {now} to {wanted}"
        )));
    }
    let is_major = catalog::major(wanted) != catalog::major(now);
    if is_major && !query.is_true("AllowMajorVersionUpgrade") {
        return Err(Refusal::combination(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
        ));
    }
    Ok(wanted.to_owned())
}

fn storage(now: &str, wanted: &str) -> Result<String, Refusal> {
    let size = |text: &str| text.parse::<u64>().ok();
    let wanted_size =
        size(wanted).ok_or_else(|| Refusal::value("AllocatedStorage is no number"))?;
    if size(now).is_some_and(|now| wanted_size < now) {
        return Err(Refusal::combination(
            "Requested storage size (in GB) cannot be less than the current storage size.",
        ));
    }
    Ok(wanted.to_owned())
}

/// 8 to 128 printable characters, none of `/`, `'`, `"`, `@` and space.
pub(crate) fn check_password(password: &str) -> Result<(), Refusal> {
    let is_allowed = |character: char| character.is_ascii_graphic() && !"/'\"@".contains(character);
    if (8..=128).contains(&password.len()) && password.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Refusal::value("The parameter MasterUserPassword is not a valid password."))
}

/// What waits, as AWS shows it.
pub(crate) fn pending(values: impl Iterator<Item = (&'static str, String)>) -> Element {
    let element = |name| DEFERRED.iter().chain(&PROMPT).find(|(known, _)| *known == name);
    let shown = values.filter_map(|(name, value)| {
        let value = if name == PASSWORD { "****".to_owned() } else { value };
        Some(Element::leaf(element(name)?.1, value))
    });
    Element::tree("PendingModifiedValues", shown)
}

/// The request without what does not take hold at once; `None` when nothing is left of it.
pub(crate) fn at_once(query: &Query) -> Option<Query> {
    let mut rest = query.clone();
    for (name, _) in DEFERRED.iter().chain(&PROMPT) {
        rest.remove(name);
    }
    for name in ["AllowMajorVersionUpgrade", "CertificateRotationRestart"] {
        rest.remove(name);
    }
    let own = ["Action", "Version", "DBInstanceIdentifier", "ApplyImmediately"];
    let is_left = rest.pairs().any(|(key, _)| !own.contains(&key));
    is_left.then_some(rest)
}
