//! A claim in a small world, for tables.

use crds::conditions::{Fact, READY, SCHEDULED, Truth, merge, reasons};
use crds::{Claim, ClaimKind};
use jiff::Timestamp;
use kube::api::DynamicObject;
use proto::{
    Connection, Defaults, Desired, Digest, ErrorClass, Placement, Provider, Record, State, Strategy,
};
use serde_json::{Value, json};

use super::Observed;
use crate::cluster::Facts;
use crate::reconcile::desire;
use crate::reconcile::provider::Served;

/// A claim of this kind with this spec, mapped to a provider, that nobody has acted on yet.
pub(crate) fn observed(kind: ClaimKind, provider: Provider, spec: &Value) -> Observed {
    let object: DynamicObject = serde_json::from_value(json!({
        "metadata": {
            "name": "orders", "namespace": "shop", "uid": "u-1", "resourceVersion": "7",
            "generation": 2,
        },
        "spec": spec,
    }))
    .unwrap();
    let (claim, unreadable) = match Claim::try_from_dynamic(kind, &object) {
        Ok(claim) => (claim, None),
        Err(error) => (Claim::without_spec(kind, &object).unwrap(), Some(error)),
    };
    Observed {
        uid: "u-1".parse().unwrap(),
        kind: kind.as_str().parse().unwrap(),
        unreadable,
        secret_owner: None,
        pin: None,
        provider: Ok(provider),
        moved: None,
        strategy: Ok(Strategy { tier: "development".into(), json: r#"{"region":""}"#.into() }),
        parent: None,
        cluster: Facts {
            id: Some("cluster-1".into()),
            region: Some("eu-west-1".into()),
            defaults: Some(Defaults::Secure),
            ..Facts::default()
        },
        last: None,
        provisioner: None,
        secret_writer: None,
        claim,
    }
}

/// A spec that can be served.
pub(crate) fn spec() -> Value {
    json!({"type": "workshop", "tier": "development", "secretRef": {"name": "orders-sec"}})
}

/// The same claim after its item was published.
pub(crate) fn published(provider: Provider) -> Observed {
    let mut observed = observed(ClaimKind::Postgres, provider, &spec());
    observed.last = Some(desire::item(
        &observed,
        Placement::at(provider),
        observed.strategy.clone().ok(),
        Desired::Present,
    ));
    observed
}

/// The same claim after it was complete once.
pub(crate) fn complete(provider: Provider) -> Observed {
    let mut observed = published(provider);
    observed.pin = Some(Served::By(provider));
    let facts = [
        Fact::new(READY, Truth::True, reasons::PROVISIONED, "creation successful"),
        Fact::new(SCHEDULED, Truth::True, reasons::SCHEDULED, ""),
    ];
    observed.claim.status.conditions = merge(&[], facts, 2, Timestamp::UNIX_EPOCH);
    observed
}

/// A record of the provisioner about the last item.
pub(crate) fn record(observed: &Observed, state: State, class: Option<ErrorClass>) -> Record {
    let last = observed.last.clone().unwrap();
    let mut record = Record::new(last.identity, last.placement, last.item_id);
    record.state = state;
    record.error_class = class;
    record.message = "what the provisioner says".into();
    record.digest = (state == State::Ready).then(|| digest(observed));
    record
}

/// The digest of what the provisioner published.
pub(crate) fn digest(observed: &Observed) -> Digest {
    let last = observed.last.clone().unwrap();
    Connection {
        item_id: last.item_id,
        identity: last.identity,
        provider: last.placement.provider,
        fields: [].into(),
        simulated: false,
    }
    .digest()
}
