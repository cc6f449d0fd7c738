//! Who needs the network. Pure.

use k8s_openapi::jiff::Timestamp;
use proto::Provider;

use crate::reconcile::provider::Served;

/// A Postgres or Redis claim.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) made: Option<Timestamp>,
    pub(super) uid: String,
    pub(super) tier: String,
    /// Where it was pinned, if it was.
    pub(super) region: String,
    pub(super) pin: Option<Served>,
    /// Who would serve it; `None`: nobody knows yet.
    pub(super) mapped: Option<Served>,
    pub(super) is_paused: bool,
}

/// Whether the network is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// By a database of AWS; the oldest decides the tier of the network's strategy, and where it is.
    Wanted {
        /// Tier of that database.
        tier: String,
        /// Its region; empty when it is not known yet.
        region: String,
    },
    /// Perhaps: nothing is made for that, and nothing is taken down.
    Unknown,
    /// By nobody.
    Nobody,
}

/// What these claims need. A claim counts once it is pinned, which it is only when it can be served: none that is
/// refused shall cost a network.
pub(super) fn demand(candidates: &[Candidate]) -> Demand {
    let on_aws = Some(Served::By(Provider::Aws));
    let is_pinned = |it: &&Candidate| it.pin == on_aws && !it.is_paused;
    let oldest = candidates.iter().filter(is_pinned).min_by_key(|it| (it.made, &it.uid));
    if let Some(oldest) = oldest {
        return Demand::Wanted { tier: oldest.tier.clone(), region: oldest.region.clone() };
    }
    let served = |it: &Candidate| it.pin.clone().or_else(|| it.mapped.clone());
    let is_possible = |it: &Candidate| served(it).is_none() || served(it) == on_aws;
    if candidates.iter().any(is_possible) { Demand::Unknown } else { Demand::Nobody }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(uid: &str, second: i64, pin: Option<Provider>) -> Candidate {
        Candidate {
            made: Some(Timestamp::from_second(second).unwrap()),
            uid: uid.to_owned(),
            tier: format!("tier-of-{uid}"),
            region: "eu-west-1".to_owned(),
            pin: pin.map(Served::By),
            mapped: None,
            is_paused: false,
        }
    }

    #[test]
    fn the_oldest_database_of_aws_decides() {
        let aws = Some(Provider::Aws);
        let claims = vec![
            candidate("young", 9, aws),
            candidate("elsewhere", 1, Some(Provider::Openshift)),
            candidate("old", 2, aws),
        ];
        let expected =
            Demand::Wanted { tier: "tier-of-old".to_owned(), region: "eu-west-1".to_owned() };
        assert_eq!(demand(&claims), expected);
    }

    #[test]
    fn what_is_not_resolved_keeps_a_network_and_makes_none() {
        let unresolved = candidate("a", 1, None);
        assert_eq!(demand(std::slice::from_ref(&unresolved)), Demand::Unknown);
        let mapped =
            |provider| Candidate { mapped: Some(Served::By(provider)), ..unresolved.clone() };
        assert_eq!(demand(&[mapped(Provider::Aws)]), Demand::Unknown);
        assert_eq!(demand(&[mapped(Provider::Openshift)]), Demand::Nobody);
        let paused = Candidate { is_paused: true, ..candidate("b", 1, Some(Provider::Aws)) };
        assert_eq!(demand(&[paused]), Demand::Unknown, "W-70");
        assert_eq!(demand(&[]), Demand::Nobody);
    }
}
