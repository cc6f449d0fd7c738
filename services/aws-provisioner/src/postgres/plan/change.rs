//! Which change is sent next, and when AWS makes it. Pure.

use crate::aws::rds::{Instance, Modification, OptIn, PendingAction, Setting};
use crate::change::{Effect, When};

use super::super::compare::{Comparison, Difference};
use super::super::desired::Desired;
use super::super::known::Known;
use super::super::observed::Observed;
use super::{NOW, Plan};

/// One call for all that is done at once, or else one for all that waits for the instance's own window.
pub(super) fn modify(
    desired: &Desired,
    instance: &Instance,
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
        let at_once = may_restart || instance.pending.is_empty();
        return Some(Plan::Modify(modification(&now, at_once), ""));
    }
    if let Some(later) = at(When::InItsWindow) {
        return Some(Plan::Modify(modification(&later, false), ""));
    }
    let is_new = |it: &&Difference| may_restart && !known.has_asked(NOW, &it.setting);
    let pending: Vec<_> = comparison.pending.iter().filter(is_new).cloned().collect();
    (!pending.is_empty()).then(|| Plan::Modify(modification(&pending, true), NOW))
}

fn modification(differences: &[Difference], at_once: bool) -> Modification {
    let is_major = |it: &Difference| {
        matches!(it.setting, Setting::EngineVersion(_)) && it.change.effect == Effect::Replace
    };
    Modification {
        settings: differences.iter().map(|it| it.setting.clone()).collect(),
        at_once,
        allows_major: differences.iter().any(is_major),
    }
}

/// Planned maintenance that the strategy wants earlier, and that is not opted into already.
pub(super) fn maintain(desired: &Desired, observed: &Observed, known: &Known) -> Option<Plan> {
    let before = desired.updates_before?;
    let opt_in = match desired.permission.when(Effect::Restart) {
        When::Now => OptIn::Immediate,
        When::InItsWindow => OptIn::NextMaintenance,
        When::Held => return None,
    };
    let has_opted_in = |action: &PendingAction| {
        let opted = action.opt_in.as_deref();
        opted == Some(OptIn::Immediate.as_str())
            || opted == Some(opt_in.as_str())
            || known.has_opted(&action.action, opt_in.as_str())
    };
    let due = observed.actions.iter().find(|action| {
        action.auto_applied_after.is_some_and(|after| after < before) && !has_opted_in(action)
    })?;
    Some(Plan::Maintain(due.clone(), opt_in))
}
