//! What becomes of the network's item. Pure.

use proto::{
    Cluster, Desired, Identity, ItemId, Kind, Network, Options, Placement, Provider, Record,
    Strategy, Uid, WorkItem,
};

use super::demand::Demand;
use crate::reconcile::remove::is_absent;

/// What the item is called; it is nobody's claim.
const NAME: &str = "network";

/// Everything that the plan rests on.
pub(super) struct Inputs {
    pub(super) uid: Uid,
    pub(super) cluster: Cluster,
    /// Of the cluster; `None`: aws-provisioner's own.
    pub(super) region: Option<String>,
    /// `None`: it cannot be read; the last one goes on.
    pub(super) strategy: Option<Strategy>,
    pub(super) network: Option<Network>,
    pub(super) last: Option<WorkItem>,
    /// The last item must be published again though it says what it should.
    pub(super) is_doubted: bool,
    pub(super) record: Option<Record>,
    /// Region in which a network was asked for that is not known to be gone.
    pub(super) made_in: Option<String>,
}

/// What becomes of the item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// It is replaced by this one.
    Publish(Box<WorkItem>),
    /// Its network is gone: it expires.
    Expire(Box<WorkItem>),
    /// Its network is being taken down.
    Wait,
    /// It is as it should be.
    Nothing,
}

pub(super) fn plan(demand: Demand, inputs: Inputs) -> Plan {
    match demand {
        Demand::Wanted { region, .. } => wanted(&region, &inputs),
        Demand::Unknown => Plan::Nothing,
        Demand::Nobody => unwanted(inputs),
    }
}

fn wanted(region: &str, inputs: &Inputs) -> Plan {
    let last = inputs.last.as_ref();
    let strategy = inputs.strategy.clone().or_else(|| last?.strategy.clone());
    let Some(strategy) = strategy else { return Plan::Nothing };
    // The bus was wiped: it is where it was.
    let forgotten = inputs.made_in.clone().filter(|_| last.is_none());
    let asked = Some(region.to_owned()).filter(|it| !it.is_empty());
    let region = forgotten.or(asked).or(inputs.region.clone()).unwrap_or_default();
    let is_going =
        |it: &WorkItem| it.desired == Desired::Absent && !is_absent(it, inputs.record.as_ref());
    // What is left in another region has no owner but this item.
    if last.is_some_and(|it| is_going(it) && it.placement.region != region) {
        return Plan::Wait;
    }
    let is_there =
        |it: &&WorkItem| matches!(it.desired, Desired::Present | Desired::Paused) || is_going(it);
    let placement = last.filter(is_there).map(|last| last.placement.clone());
    let placement =
        placement.unwrap_or_else(|| Placement { region, ..Placement::at(Provider::Aws) });
    let next = item(inputs, Desired::Present, placement, Some(strategy));
    let is_same = last.is_some_and(|last| last.asks_same_as(&next));
    if is_same && !inputs.is_doubted { Plan::Nothing } else { Plan::Publish(Box::new(next)) }
}

fn item(
    inputs: &Inputs,
    desired: Desired,
    placement: Placement,
    strategy: Option<Strategy>,
) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::Network,
            namespace: String::new(),
            name: NAME.to_owned(),
            uid: inputs.uid.clone(),
            generation: 0,
        },
        desired,
        placement,
        strategy,
        cluster: inputs.cluster.clone(),
        secret_name: String::new(),
        options: Options::default(),
        network: inputs.network.clone(),
    }
}

fn unwanted(inputs: Inputs) -> Plan {
    let Some(last) = inputs.last else { return forgotten(&inputs) };
    match last.desired {
        Desired::Present | Desired::Paused => Plan::Publish(Box::new(again(last))),
        Desired::Absent if is_absent(&last, inputs.record.as_ref()) => Plan::Expire(Box::new(last)),
        Desired::Absent if inputs.is_doubted => Plan::Publish(Box::new(again(last))),
        Desired::Absent => Plan::Wait,
        Desired::Released => Plan::Nothing,
    }
}

/// The bus was wiped while nobody needed the network: only this is left of it.
fn forgotten(inputs: &Inputs) -> Plan {
    let Some(region) = inputs.made_in.clone() else { return Plan::Nothing };
    let placement = Placement { region, ..Placement::at(Provider::Aws) };
    Plan::Publish(Box::new(item(inputs, Desired::Absent, placement, None)))
}

/// A tombstone of its own, whatever was asked before.
fn again(last: WorkItem) -> WorkItem {
    WorkItem { item_id: ItemId::random(), desired: Desired::Absent, ..last }
}

#[cfg(test)]
mod tests {
    use proto::{Defaults, State};

    use super::*;

    fn inputs(last: Option<WorkItem>) -> Inputs {
        Inputs {
            uid: Uid::of_network("c-1"),
            cluster: Cluster {
                id: "c-1".to_owned(),
                defaults: Defaults::Secure,
                tag_prefix: "integreatly.org/".to_owned(),
                tags: [].into(),
            },
            region: Some("eu-west-1".to_owned()),
            strategy: Some(Strategy { tier: "production".to_owned(), json: "{}".to_owned() }),
            network: Some(Network::default()),
            record: None,
            made_in: None,
            is_doubted: false,
            last,
        }
    }

    fn by(region: &str) -> Demand {
        Demand::Wanted { tier: "production".to_owned(), region: region.to_owned() }
    }

    fn published(plan: Plan) -> WorkItem {
        match plan {
            Plan::Publish(item) => *item,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_is_asked_for_once_and_again_when_something_changed() {
        let first = published(plan(by(""), inputs(None)));
        assert_eq!(
            (first.desired, first.placement.region.as_str()),
            (Desired::Present, "eu-west-1")
        );
        assert_eq!(plan(by(""), inputs(Some(first.clone()))), Plan::Nothing);
        let mut changed = inputs(Some(first));
        changed.network = Some(Network { vpc_id: "vpc-1".to_owned(), ..Network::default() });
        published(plan(by(""), changed));
    }

    #[test]
    fn it_stays_where_it_is_whoever_asks() {
        let first = published(plan(by("us-east-1"), inputs(None)));
        assert_eq!(first.placement.region, "us-east-1");
        assert_eq!(plan(by("eu-west-3"), inputs(Some(first))), Plan::Nothing);
    }

    #[test]
    fn a_strategy_that_cannot_be_read_changes_nothing_and_makes_nothing() {
        let first = published(plan(by(""), inputs(None)));
        let broken = |last| Inputs { strategy: None, ..inputs(last) };
        assert_eq!(plan(by(""), broken(None)), Plan::Nothing);
        assert_eq!(plan(by(""), broken(Some(first))), Plan::Nothing);
    }

    #[test]
    fn it_is_taken_down_when_nobody_needs_it_and_expires_when_it_is_gone() {
        assert_eq!(plan(Demand::Nobody, inputs(None)), Plan::Nothing);
        let first = published(plan(by(""), inputs(None)));
        assert_eq!(plan(Demand::Unknown, inputs(Some(first.clone()))), Plan::Nothing);
        let tombstone = published(plan(Demand::Nobody, inputs(Some(first))));
        assert_eq!(tombstone.desired, Desired::Absent);
        assert_eq!(plan(Demand::Nobody, inputs(Some(tombstone.clone()))), Plan::Wait);
        let mut gone = inputs(Some(tombstone.clone()));
        let mut record = Record::new(
            tombstone.identity.clone(),
            tombstone.placement.clone(),
            tombstone.item_id.clone(),
        );
        record.state = State::Absent;
        gone.record = Some(record);
        assert_eq!(plan(Demand::Nobody, gone), Plan::Expire(Box::new(tombstone.clone())));
        let again = published(plan(by(""), inputs(Some(tombstone))));
        assert_eq!(again.desired, Desired::Present);
    }

    #[test]
    fn r06_one_that_goes_is_not_left_behind_for_one_elsewhere() {
        let first = published(plan(by("us-east-1"), inputs(None)));
        let tombstone = published(plan(Demand::Nobody, inputs(Some(first))));
        assert_eq!(plan(by("eu-west-1"), inputs(Some(tombstone.clone()))), Plan::Wait);
        let back = published(plan(by("us-east-1"), inputs(Some(tombstone))));
        assert_eq!((back.desired, back.placement.region.as_str()), (Desired::Present, "us-east-1"));
    }

    #[test]
    fn one_that_the_bus_has_forgotten_is_taken_down_where_it_was() {
        let forgotten = Inputs { made_in: Some("us-east-1".to_owned()), ..inputs(None) };
        let tombstone = published(plan(Demand::Nobody, forgotten));
        assert_eq!(
            (tombstone.desired, tombstone.placement.region.as_str()),
            (Desired::Absent, "us-east-1")
        );
        let forgotten = Inputs { made_in: Some("us-east-1".to_owned()), ..inputs(None) };
        assert_eq!(published(plan(by("eu-west-1"), forgotten)).placement.region, "us-east-1");
    }
}
