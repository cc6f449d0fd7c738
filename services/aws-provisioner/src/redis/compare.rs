//! What differs between what is desired and what AWS has, field by field. Pure.

use crate::aws::elasticache::{Group, Setting};
use crate::change::{Change, Effect};
use crate::version::{is_major_change, is_older, satisfies};

use super::desired::Desired;
use super::observed::Observed;
use super::problem::Problem;

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

/// Compares with a group that exists.
pub fn compare(
    desired: &Desired,
    group: &Group,
    observed: &Observed,
) -> Result<Comparison, Problem> {
    if let (Some(named), Some(found)) = (&desired.engine, &group.engine)
        && named != found
    {
        return Err(Problem::Immutable { field: "the engine", found: found.clone() });
    }
    let mut comparison = Comparison::default();
    for setting in &desired.settings {
        if !is_out_of_place(setting, desired, group) {
            comparison.add(observed, setting.clone());
        }
    }
    comparison.add_version(desired, group, observed);
    comparison.notes.extend(kept(desired, group));
    Ok(comparison)
}

/// A group of one node has nothing to fail over to; and nobody loses failover because of a default.
fn is_out_of_place(setting: &Setting, desired: &Desired, group: &Group) -> bool {
    match setting {
        Setting::AutomaticFailover(true) | Setting::MultiAz(true) => group.nodes == 1,
        Setting::AutomaticFailover(false) => desired.named.automatic_failover_enabled.is_none(),
        _ => false,
    }
}

impl Comparison {
    /// What is pending counts for what there is: a change that was asked for is taken back by asking for the old
    /// value. What AWS does not tell is not compared.
    fn add(&mut self, observed: &Observed, setting: Setting) {
        let (has, pending) = (observed.setting(&setting), observed.pending(&setting));
        let is_pending = pending == Some(&setting);
        let is_undone = pending.is_some() && !is_pending;
        if !is_undone && has.is_none_or(|has| is_same(&setting, has)) {
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

    /// Only what somebody names, and never back.
    fn add_version(&mut self, desired: &Desired, group: &Group, observed: &Observed) {
        let Some(named) = &desired.version else { return };
        let like = Setting::EngineVersion(String::new());
        let version = |setting: Option<&Setting>| match setting {
            Some(Setting::EngineVersion(version)) => Some(version.clone()),
            _ => None,
        };
        let Some(has) = version(observed.setting(&like)) else { return };
        if satisfies(&has, named) {
            // Another version may be pending.
            return self.add(observed, Setting::EngineVersion(has));
        }
        if is_older(named, &has) {
            let engine = group.engine.as_deref().unwrap_or("the engine");
            let note = format!("it runs {engine} {has}, and AWS does not go back to {named}");
            return self.notes.push(note);
        }
        let pending = version(observed.pending(&like));
        let pending = pending.filter(|pending| satisfies(pending, named));
        self.add(observed, Setting::EngineVersion(pending.unwrap_or_else(|| named.clone())));
    }
}

/// What a group keeps from its creation though the strategy names something else: that is for new groups (W-48).
fn kept(desired: &Desired, group: &Group) -> Vec<String> {
    let named = &desired.named;
    let on = |is_on: bool| is_on.to_string();
    let nodes = Some(group.nodes.to_string()).filter(|_| group.nodes > 0);
    let port = group.endpoint.as_ref().map(|endpoint| endpoint.port.to_string());
    let key =
        named.kms_key_id.clone().filter(|key| key.starts_with("arn:") && key.contains(":key/"));
    let fields = [
        ("auth", desired.named_auth.map(on), Some(on(group.has_auth))),
        (
            "createStrategy.NumCacheClusters",
            named.num_cache_clusters.map(|it| it.to_string()),
            nodes,
        ),
        (
            "createStrategy.TransitEncryptionEnabled",
            named.transit_encryption_enabled.map(on),
            Some(on(group.has_tls)),
        ),
        (
            "createStrategy.AtRestEncryptionEnabled",
            named.at_rest_encryption_enabled.map(on),
            Some(on(group.is_encrypted_at_rest)),
        ),
        ("createStrategy.KmsKeyId", key, group.kms_key.clone()),
        ("createStrategy.Port", named.port.map(|it| it.to_string()), port),
    ];
    let differs = fields.into_iter().filter_map(|(field, named, found)| {
        let (named, found) = (named?, found?);
        (named != found)
            .then(|| format!("{field} is {named} for new groups, and this one keeps {found}"))
    });
    differs.collect()
}

fn is_same(setting: &Setting, has: &Setting) -> bool {
    match (setting, has) {
        (Setting::SnapshotWindow(one), Setting::SnapshotWindow(other))
        | (Setting::MaintenanceWindow(one), Setting::MaintenanceWindow(other)) => {
            one.eq_ignore_ascii_case(other)
        }
        _ => setting == has,
    }
}

/// What a change does
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html>).
fn effect(setting: &Setting, has: Option<&Setting>) -> Effect {
    match (setting, has) {
        (Setting::EngineVersion(to), Some(Setting::EngineVersion(from)))
            if !is_major_change(from, to) =>
        {
            Effect::Restart
        }
        (Setting::NodeType(_) | Setting::ParameterGroup(_), _) => Effect::Restart,
        // Every automatic snapshot goes; nobody comes back from a major version.
        (Setting::SnapshotRetention(0) | Setting::EngineVersion(_), _) => Effect::Replace,
        _ => Effect::Harmless,
    }
}

#[cfg(test)]
mod tests;
