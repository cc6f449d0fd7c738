//! What differs between what is desired and what AWS has, field by field. Pure.

use crate::aws::rds::{Instance, Setting};
use crate::change::{Change, Effect};

use super::desired::Desired;
use super::problem::Problem;
use super::version;

/// Nothing uses this certificate authority any more; AWS keeps instances on it all the same.
const ENDED_CA: &str = "rds-ca-2019";
const USUAL_CA: &str = "rds-ca-rsa2048-g1";

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What AWS has not been told yet, or does not show.
    pub differences: Vec<Difference>,
    /// What AWS has accepted and not applied yet.
    pub pending: Vec<Difference>,
    /// What stays as it is, and why: for people.
    pub notes: Vec<String>,
}

/// One field that is not as desired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What is desired.
    pub setting: Setting,
    /// The same, for people, and what it does.
    pub change: Change,
}

/// Compares. `is_ours`: the deletion protection was switched on by us.
pub fn compare(desired: &Desired, found: &Instance, is_ours: bool) -> Result<Comparison, Problem> {
    check_immutable(desired, found)?;
    let mut comparison = Comparison::default();
    for setting in &desired.settings {
        if *setting == Setting::DeletionProtection(false)
            && found.settings.contains(&Setting::DeletionProtection(true))
            && !is_ours
        {
            let note = "its deletion protection was switched on by an administrator and stays";
            comparison.notes.push(note.to_owned());
        } else {
            comparison.add(found, setting.clone());
        }
    }
    comparison.add_certificate(desired, found);
    comparison.add_version(desired, found);
    Ok(comparison)
}

impl Comparison {
    /// What is pending counts for what there is: a change that was asked for is taken back by asking for the old value.
    fn add(&mut self, found: &Instance, setting: Setting) {
        let has = found.setting(&setting);
        let pending = found.pending.iter().find(|it| it.field() == setting.field());
        let is_pending = pending == Some(&setting);
        let is_undone = pending.is_some() && !is_pending && grows_only(&setting).is_none();
        if is_there(&setting, has, found) && !is_undone {
            return;
        }
        let from = if is_undone { pending } else { has };
        let change = Change {
            field: setting.field(),
            from: from.map_or_else(|| "nothing".to_owned(), ToString::to_string),
            to: setting.to_string(),
            // Nothing happens when the old value stays.
            effect: if has == Some(&setting) { Effect::Harmless } else { effect(&setting, has) },
        };
        let list = if is_pending { &mut self.pending } else { &mut self.differences };
        list.push(Difference { setting, change });
    }

    fn add_certificate(&mut self, desired: &Desired, found: &Instance) {
        let has_ended = found.settings.contains(&Setting::CaCertificate(ENDED_CA.to_owned()));
        if has_ended && desired.named.ca_certificate.is_none() {
            self.add(found, Setting::CaCertificate(USUAL_CA.to_owned()));
        }
    }

    /// Only what somebody names, and never back.
    fn add_version(&mut self, desired: &Desired, found: &Instance) {
        let Some(named) = &desired.version else { return };
        let versions = |settings: &[Setting]| {
            settings.iter().find_map(|it| match it {
                Setting::EngineVersion(version) => Some(version.clone()),
                _ => None,
            })
        };
        let (has, pending) = (versions(&found.settings), versions(&found.pending));
        let Some(has) = has else { return };
        if version::satisfies(&has, named) {
            // Another version may be pending.
            return self.add(found, Setting::EngineVersion(has));
        }
        if version::is_older(named, &has) {
            self.notes
                .push(format!("it runs PostgreSQL {has}, and AWS does not go back to {named}"));
            return;
        }
        let pending = pending.filter(|pending| version::satisfies(pending, named));
        self.add(found, Setting::EngineVersion(pending.unwrap_or_else(|| named.clone())));
    }
}

/// Storage, which AWS never makes smaller.
fn grows_only(setting: &Setting) -> Option<i32> {
    match setting {
        Setting::AllocatedStorage(size) => Some(*size),
        _ => None,
    }
}

fn is_there(setting: &Setting, has: Option<&Setting>, found: &Instance) -> bool {
    match (setting, has) {
        // AWS grows storage by itself, and never shrinks it.
        (Setting::AllocatedStorage(size), _) => {
            let has_more = found
                .settings
                .iter()
                .any(|it| matches!(it, Setting::AllocatedStorage(storage) if storage >= size));
            has_more || (has.is_none() && found.storage().is_none())
        }
        (Setting::MaxAllocatedStorage(size), _) => {
            has == Some(setting) || found.storage().is_some_and(|storage| storage >= *size)
        }
        (Setting::BackupWindow(one), Some(Setting::BackupWindow(other)))
        | (Setting::MaintenanceWindow(one), Some(Setting::MaintenanceWindow(other))) => {
            one.eq_ignore_ascii_case(other)
        }
        // What AWS leaves out is off.
        (
            Setting::MultiAz(is_on)
            | Setting::DeletionProtection(is_on)
            | Setting::PubliclyAccessible(is_on)
            | Setting::AutoMinorVersionUpgrade(is_on)
            | Setting::CopyTagsToSnapshot(is_on)
            | Setting::IamAuthentication(is_on)
            | Setting::PerformanceInsights(is_on),
            None,
        ) => !is_on,
        // A port is not known until there is an endpoint.
        (Setting::Port(_) | Setting::MonitoringInterval(0) | Setting::BackupRetention(0), None) => {
            true
        }
        _ => has == Some(setting),
    }
}

/// What a change does
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html>).
fn effect(setting: &Setting, has: Option<&Setting>) -> Effect {
    match (setting, has) {
        (Setting::Class(_) | Setting::StorageType(_) | Setting::CaCertificate(_), _)
        | (Setting::BackupRetention(_), Some(Setting::BackupRetention(0)) | None) => {
            Effect::Restart
        }
        (Setting::EngineVersion(to), Some(Setting::EngineVersion(from)))
            if !version::is_major_change(from, to) =>
        {
            Effect::Restart
        }
        // The address changes; every backup goes; nobody comes back from a major version.
        (Setting::Port(_) | Setting::BackupRetention(0) | Setting::EngineVersion(_), _) => {
            Effect::Replace
        }
        _ => Effect::Harmless,
    }
}

/// What AWS sets at creation for life, where the strategy names it.
fn check_immutable(desired: &Desired, found: &Instance) -> Result<(), Problem> {
    let named = &desired.named;
    let encrypted = found.is_encrypted.to_string();
    let key = found.kms_key.as_deref();
    let is_arn = named
        .kms_key_id
        .as_deref()
        .is_some_and(|key| key.starts_with("arn:") && key.contains(":key/"));
    let fields = [
        ("createStrategy.DBName", named.database.as_deref(), found.database.as_deref()),
        (
            "createStrategy.MasterUsername",
            named.master_username.as_deref(),
            found.username.as_deref(),
        ),
        ("createStrategy.KmsKeyId", named.kms_key_id.as_deref().filter(|_| is_arn), key),
        (
            "createStrategy.StorageEncrypted",
            named.storage_encrypted.map(|it| if it { "true" } else { "false" }),
            Some(encrypted.as_str()),
        ),
    ];
    for (field, named, found) in fields {
        if let (Some(named), Some(found)) = (named, found)
            && named != found
        {
            return Err(Problem::Immutable { field, found: found.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
