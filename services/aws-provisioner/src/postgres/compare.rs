//! What differs between what is desired and what AWS has, field by field. Pure.

mod rules;

use crate::aws::rds::{Instance, Setting};
use crate::change::{Change, Effect};

use super::desired::Desired;
use super::problem::Problem;
use super::version;
use rules::{effect, grows_only, is_there};

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
