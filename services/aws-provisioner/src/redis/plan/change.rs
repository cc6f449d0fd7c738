//! Which change is sent next, and when AWS makes it. Pure.

use crate::aws::elasticache::{Modification, Update};
use crate::change::{Effect, When};

use super::super::compare::{Comparison, Difference};
use super::super::desired::Desired;
use super::super::known::Known;
use super::super::observed::Observed;
use super::{NOW, Plan};

/// One call for all that is done at once, or else one for all that waits for the group's own window.
pub(super) fn modify(
    desired: &Desired,
    observed: &Observed,
    comparison: &Comparison,
    known: &Known,
) -> Option<Plan> {
    let permission = desired.permission;
    let at = |when: When| {
        let is_due = |it: &&Difference| {
            permission.when(it.change.effect) == when && !known.has_asked("", &it.setting)
        };
        let due: Vec<_> = comparison.differences.iter().filter(is_due).cloned().collect();
        (!due.is_empty()).then_some(due)
    };
    let may_restart = permission.when(Effect::Restart) == When::Now;
    if let Some(now) = at(When::Now) {
        // AWS applies with it all that is pending, restarts included.
        let is_free = observed.all_pending().next().is_none() && !known.asked.is_open;
        return Some(Plan::Modify(modification(&now, may_restart || is_free), ""));
    }
    if let Some(later) = at(When::InItsWindow) {
        return Some(Plan::Modify(modification(&later, false), ""));
    }
    let is_new = |it: &&Difference| may_restart && !known.has_asked(NOW, &it.setting);
    let pending: Vec<_> = comparison.pending.iter().filter(is_new).cloned().collect();
    (!pending.is_empty()).then(|| Plan::Modify(modification(&pending, true), NOW))
}

fn modification(differences: &[Difference], at_once: bool) -> Modification {
    Modification { settings: differences.iter().map(|it| it.setting.clone()).collect(), at_once }
}

/// A service update that the strategy names, at a moment when the group may restart: AWS applies it at once, so
/// the group's own window must be open where the claim's is not.
pub(super) fn update(desired: &Desired, observed: &Observed, known: &Known) -> Option<Plan> {
    let may_restart = match desired.permission.when(Effect::Restart) {
        When::Now => true,
        When::InItsWindow => observed.is_in_window,
        When::Held => false,
    };
    let next = named(desired, observed, known).next().filter(|_| may_restart)?;
    Some(Plan::Update(next.clone()))
}

/// Service updates that are named and were not asked for yet.
pub(super) fn waiting_updates(
    desired: &Desired,
    observed: &Observed,
    known: &Known,
) -> Option<String> {
    let names: Vec<_> = named(desired, observed, known).map(|it| it.name.as_str()).collect();
    let what = match desired.permission.when(Effect::Restart) {
        When::Held => "spec.maintenanceWindow",
        When::InItsWindow => "the group's maintenance window",
        When::Now => "the group",
    };
    (!names.is_empty()).then(|| format!("service updates wait for {what}: {}", names.join(", ")))
}

fn named<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
    known: &'a Known,
) -> impl Iterator<Item = &'a Update> {
    let is_named = |it: &&Update| {
        it.is_open && desired.updates.contains(&it.name) && !known.has_asked_for_update(&it.name)
    };
    observed.updates.iter().filter(is_named)
}
