//! Looks at what is there, and changes nothing.

use proto::State;
use tokio::time::Instant;
use worker::{TurnError, Work};

use crate::aws::elasticache::{ElastiCache, Group, Member, Setting, Update, Version};
use crate::aws::{Clients, Error, Kind};
use crate::password;
use crate::tags::Tags;
use crate::touched::Touched;

use super::act;
use super::desired::{Desired, Target};
use super::known::Known;
use super::observed::{Observed, Phase};
use super::plan::{Plan, needs_members, needs_versions, plan};
use super::window;

/// What is there. A claim that was settled is looked at in the listing that was made for all; what that shows to be
/// otherwise is looked at again.
pub async fn observe(
    touched: &Touched,
    clients: &Clients,
    desired: &Desired,
    work: &mut Work<'_>,
) -> Result<Observed, TurnError> {
    let (uid, record) = (&work.item.identity.uid, &work.record);
    if record.state == State::Ready && record.item_id == work.item.item_id {
        let not_before = touched.of_settled(uid);
        let observed = since(clients, desired, not_before, work).await?;
        if matches!(plan(desired, &observed, &Known::of(work)), Ok(Plan::Ready(_))) {
            return Ok(observed);
        }
    }
    since(clients, desired, touched.not_before(uid), work).await
}

/// One listing, and only what else decides the next step.
async fn since(
    clients: &Clients,
    desired: &Desired,
    not_before: Instant,
    work: &mut Work<'_>,
) -> Result<Observed, TurnError> {
    let (elasticache, target) = (&clients.elasticache, &desired.target);
    let group = group(elasticache, target, not_before).await?;
    let mut observed = Observed { group, ..Observed::default() };
    if let Some(group) = observed.group.clone() {
        if Known::of(work).needs_tags(&desired.tags) {
            observed.tags = tags(elasticache, target, &group).await?;
        }
        act::learn(work, desired, observed.tags.as_ref());
        if Known::of(work).owner.is_ours && group.endpoint.is_some() {
            look_closer(elasticache, desired, &group, &mut observed, not_before, work).await?;
        }
    }
    if needs_versions(desired, &observed, &Known::of(work)) {
        observed.offered = versions(elasticache, target).await?;
    }
    Ok(observed)
}

/// What the listing does not show of a group of ours that answers.
async fn look_closer(
    elasticache: &ElastiCache,
    desired: &Desired,
    group: &Group,
    observed: &mut Observed,
    not_before: Instant,
    work: &Work<'_>,
) -> Result<(), TurnError> {
    if needs_members(desired, group, &Known::of(work)) {
        let members = members(elasticache, &desired.target, not_before).await?;
        observed.is_in_window = members.iter().any(|member| is_in_window(member, work));
        observed.members = Some(members);
    }
    observed.updates = updates(elasticache, desired, not_before).await?;
    observed.has_password = !group.has_auth || password::is_kept(work).await?;
    Ok(())
}

/// The replication group, if it exists.
pub async fn group(
    elasticache: &ElastiCache,
    target: &Target,
    not_before: Instant,
) -> Result<Option<Group>, Error> {
    let listed = elasticache.groups(&target.place, not_before).await?;
    Ok(listed.iter().find(|it| it.id == target.id).cloned())
}

/// The tags of a group; `None` when AWS does not tell them in its state.
pub async fn tags(
    elasticache: &ElastiCache,
    target: &Target,
    group: &Group,
) -> Result<Option<Tags>, Error> {
    if matches!(Phase::of(&group.status), Phase::Creating | Phase::Deleting) {
        return Ok(None);
    }
    match elasticache.tags(&arn(target, group)).await {
        Ok(tags) => Ok(Some(tags)),
        Err(error) if matches!(error.kind, Kind::State | Kind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The ARN of a group.
pub fn arn(target: &Target, group: &Group) -> String {
    if group.arn.is_empty() { target.arn() } else { group.arn.clone() }
}

async fn members(
    elasticache: &ElastiCache,
    target: &Target,
    not_before: Instant,
) -> Result<Vec<Member>, Error> {
    let listed = elasticache.members(&target.place, not_before).await?;
    Ok(listed.iter().filter(|it| it.group == target.id).cloned().collect())
}

fn is_in_window(member: &Member, work: &Work<'_>) -> bool {
    member.settings.iter().any(|it| match it {
        Setting::MaintenanceWindow(text) => window::is_open(text, work.now),
        _ => false,
    })
}

/// Service updates that AWS has for the group; asked only for a strategy that names some.
async fn updates(
    elasticache: &ElastiCache,
    desired: &Desired,
    not_before: Instant,
) -> Result<Vec<Update>, Error> {
    if desired.updates.is_empty() {
        return Ok(Vec::new());
    }
    let listed = elasticache.updates(&desired.target.place, not_before).await?;
    Ok(listed.iter().filter(|it| it.group == desired.target.id).cloned().collect())
}

/// Versions that AWS offers; `None` when the operator may not ask, which keeps nothing from being made.
async fn versions(
    elasticache: &ElastiCache,
    target: &Target,
) -> Result<Option<Vec<Version>>, Error> {
    match elasticache.versions(&target.place).await {
        Ok(versions) => Ok(Some(versions.to_vec())),
        Err(error) if error.kind == Kind::Denied => {
            tracing::warn!(error = %error, "versions are not checked");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
