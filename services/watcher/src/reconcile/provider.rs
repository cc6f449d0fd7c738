//! Who serves a claim. Pure.

use crds::conditions::reasons;
use crds::{Claim, ClaimKind, names};
use proto::{AWS_NAME_PREFIX, Provider};

use super::problem::Problem;

/// Who serves a claim, or shall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// One of our providers.
    By(Provider),
    /// One that is not ours, such as gcp, or the Go operator itself: its claims are left untouched.
    Elsewhere(String),
}

impl Served {
    fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Elsewhere(text.to_owned()), Self::By)
    }
}

/// Who was pinned to the claim, by us or by the Go operator.
pub(crate) fn pinned(claim: &Claim) -> Option<Served> {
    if is_of_go_operator(claim) {
        return Some(Served::Elsewhere("the Go operator".to_owned()));
    }
    let status = &claim.status;
    let ours = status.placement.as_ref().map(|placement| placement.provider.as_str());
    let text = ours.or(status.strategy.as_deref()).filter(|text| !text.is_empty())?;
    Some(Served::parse(text))
}

/// What the Go operator made on AWS has another name, which it notes on the claim: we would make it again, empty, and have the
/// Secret point there. What we made is found again by its name, even when status and bus are lost.
fn is_of_go_operator(claim: &Claim) -> bool {
    let identifier = claim.annotations.get(names::RESOURCE_IDENTIFIER);
    claim.status.placement.is_none()
        && identifier.is_some_and(|it| !it.starts_with(AWS_NAME_PREFIX))
}

/// The pin wins over the mapping, for life. A snapshot goes where its claim was pinned.
pub(crate) fn provider(
    claim: &Claim,
    pin: Option<&Served>,
    parent: Option<&Claim>,
    mapped: impl FnOnce() -> Result<Served, Problem>,
) -> Result<Provider, Problem> {
    let served = match pin {
        Some(pin) => pin.clone(),
        None if claim.kind.is_snapshot() => of_parent(claim, parent)?,
        None => mapped()?,
    };
    match served {
        Served::By(provider) => Ok(provider),
        Served::Elsewhere(provider) => Err(Problem::untouchable(&provider)),
    }
}

/// Whom the mapping names now, when that is another than who serves the claim. A snapshot has no type.
pub(crate) fn moved(
    kind: ClaimKind,
    serving: Option<&Provider>,
    mapped: impl FnOnce() -> Result<Served, Problem>,
) -> Option<Provider> {
    let serving = serving.filter(|_| !kind.is_snapshot())?;
    match mapped() {
        Ok(Served::By(provider)) if provider != *serving => Some(provider),
        _ => None,
    }
}

fn of_parent(claim: &Claim, parent: Option<&Claim>) -> Result<Served, Problem> {
    let name = claim.spec.resource_name.as_deref().unwrap_or_default();
    let waiting = |what| {
        let message = format!("spec.resourceName: {what} {name:?} in this namespace");
        Problem::new(reasons::WAITING_FOR_RESOURCE, message)
    };
    let parent = parent.ok_or_else(|| waiting("there is no claim"))?;
    pinned(parent).ok_or_else(|| waiting("nothing is made yet for the claim"))
}

#[cfg(test)]
mod tests {
    use crds::Placement;

    use super::*;
    use crate::reconcile::observe::fixture::{observed, spec};

    fn claim(kind: ClaimKind, strategy: Option<&str>, placed: Option<&str>) -> Claim {
        let mut claim = observed(kind, Provider::Aws, &spec()).claim;
        claim.status.strategy = strategy.map(str::to_owned);
        claim.status.placement =
            placed.map(|it| Placement { provider: it.into(), ..Placement::default() });
        claim
    }

    #[test]
    fn our_pin_wins_over_the_go_operators() {
        let by = |provider| Some(Served::By(provider));
        let table = [
            (None, None, None),
            (Some(""), None, None),
            (Some("aws"), None, by(Provider::Aws)),
            (Some("aws"), Some("openshift"), by(Provider::Openshift)),
            (Some("gcp"), None, Some(Served::Elsewhere("gcp".into()))),
            (None, Some("azure"), Some(Served::Elsewhere("azure".into()))),
        ];
        for (strategy, placed, expected) in table {
            let claim = claim(ClaimKind::Redis, strategy, placed);
            assert_eq!(pinned(&claim), expected, "{strategy:?} {placed:?}");
        }
    }

    #[test]
    fn what_the_go_operator_made_on_aws_stays_with_it_and_what_we_made_is_ours() {
        let noted = |identifier: &str, placed| {
            let mut claim = claim(ClaimKind::Postgres, Some("aws"), placed);
            claim.annotations.insert(names::RESOURCE_IDENTIFIER.into(), identifier.into());
            pinned(&claim)
        };
        let theirs = Some(Served::Elsewhere("the Go operator".into()));
        let ours = Some(Served::By(Provider::Aws));
        assert_eq!(noted("clusteridshoporders-x1y2", None), theirs);
        assert_eq!(noted("clusteridshoporders-x1y2", Some("aws")), ours);
        assert_eq!(noted("cro-shop-orders-0a1b2c3d", None), ours);
    }

    #[test]
    fn the_mapping_counts_until_there_is_a_pin() {
        let claim = claim(ClaimKind::Redis, None, None);
        let mapped = || Ok(Served::By(Provider::Openshift));
        assert_eq!(provider(&claim, None, None, mapped), Ok(Provider::Openshift));
        let pin = Served::By(Provider::Aws);
        assert_eq!(provider(&claim, Some(&pin), None, mapped), Ok(Provider::Aws));
        let elsewhere = || Ok(Served::Elsewhere("gcp".into()));
        assert!(provider(&claim, None, None, elsewhere).unwrap_err().is_untouchable);
    }

    #[test]
    fn a_snapshot_waits_until_its_claim_is_pinned_and_then_follows_it() {
        let snapshot = claim(ClaimKind::RedisSnapshot, None, None);
        let mapped = || panic!("a snapshot is not mapped");
        let waiting =
            |parent: Option<&Claim>| provider(&snapshot, None, parent, mapped).unwrap_err().reason;
        assert_eq!(waiting(None), reasons::WAITING_FOR_RESOURCE);
        let unpinned = claim(ClaimKind::Redis, None, None);
        assert_eq!(waiting(Some(&unpinned)), reasons::WAITING_FOR_RESOURCE);
        let parent = claim(ClaimKind::Redis, None, Some("aws"));
        assert_eq!(provider(&snapshot, None, Some(&parent), mapped), Ok(Provider::Aws));
        let pin = Served::By(Provider::Aws);
        assert_eq!(provider(&snapshot, Some(&pin), None, mapped), Ok(Provider::Aws));
    }
}
