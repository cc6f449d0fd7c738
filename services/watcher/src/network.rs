//! The network of AWS databases: one item for the whole cluster, wanted while any of them exists or is asked for.
//!
//! Whether something still lives in it is for aws-provisioner to see; here it is only asked for, or not any more.

mod cidrs;
mod demand;
mod plan;

use std::sync::Arc;
use std::time::Duration;

use crds::ClaimKind;
use proto::{Kind, NetworkMode, Provider, Service, Subject, Uid, WorkItem};
use tokio::sync::{Notify, broadcast};

use self::demand::{Candidate, Demand, demand};
use self::plan::{Inputs, Plan, plan};
use crate::config::NetworkConfig;
use crate::context::Context;
use crate::error::Error;
use crate::reconcile::provider::{Served, pinned};
use crate::release;

/// Between two looks when nothing tells that something changed.
const PERIOD: Duration = Duration::from_mins(10);
/// The same while the network is being taken down, or after an error.
const SOON: Duration = Duration::from_secs(2);

/// Keeps the item of the network as it should be. `changes`: a database was pinned or has vanished.
pub(crate) async fn keep(
    context: Arc<Context>,
    config: NetworkConfig,
    changes: Arc<Notify>,
    mut all: broadcast::Receiver<()>,
) -> anyhow::Result<()> {
    loop {
        let pause = match look(&context, &config).await {
            Ok(Plan::Wait) => SOON,
            Ok(_) => PERIOD,
            Err(error) => {
                tracing::debug!(error = %error, "the network was not looked at");
                SOON
            }
        };
        tokio::select! {
            () = changes.notified() => {}
            _ = all.recv() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn look(context: &Arc<Context>, config: &NetworkConfig) -> Result<Plan, Error> {
    let facts = context.cluster.facts();
    let Some(id) = facts.id.as_deref() else { return Ok(Plan::Nothing) };
    let uid = Uid::of_network(id);
    let subject = Subject::Work(Provider::Aws, Kind::Network, uid.clone());
    let demand = demand(&candidates(context));
    let strategy = match &demand {
        Demand::Wanted { tier, .. } => context.configs.network_strategy(tier).ok(),
        Demand::Unknown | Demand::Nobody => None,
    };
    let network = match &demand {
        Demand::Wanted { .. } => Some(network(context, config).await?),
        Demand::Unknown | Demand::Nobody => None,
    };
    let last = context.items.last(&subject).await?;
    let inputs = Inputs {
        uid: uid.clone(),
        cluster: facts.cluster(),
        region: facts.region.clone(),
        strategy,
        network,
        is_doubted: context.items.is_doubted(&subject),
        last: last.clone(),
        record: context.statuses.of(Service::AwsProvisioner, &uid),
        made_in: context.cluster.network(),
    };
    let plan = plan(demand, inputs);
    match &plan {
        Plan::Publish(item) => {
            context.cluster.remember_network(Some(&item.placement.region));
            publish(context, &subject, last.as_ref(), item).await?;
        }
        Plan::Expire(item) => {
            release::expire(Some(item), context).await?;
            context.cluster.remember_network(None);
        }
        Plan::Wait | Plan::Nothing => {}
    }
    Ok(plan)
}

async fn publish(
    context: &Context,
    subject: &Subject,
    last: Option<&WorkItem>,
    item: &WorkItem,
) -> Result<(), Error> {
    context.items.replace(subject, last, item, None).await?;
    tracing::info!(work_item.id = %item.item_id, work_item.desired = %item.desired, "network");
    Ok(())
}

/// Databases, as far as it is known who serves them.
fn candidates(context: &Context) -> Vec<Candidate> {
    let is_database = |kind: &ClaimKind| matches!(kind, ClaimKind::Postgres | ClaimKind::Redis);
    let claims = context.claims.all().filter(|(kind, _)| is_database(kind));
    claims
        .filter_map(|(kind, object)| {
            let claim = crds::Claim::without_spec(kind, &object).ok()?;
            let text = |field: &str| object.data["spec"][field].as_str().unwrap_or_default();
            let mapped = || context.configs.provider(&claim.namespace, text("type"), kind).ok();
            let region = claim.status.placement.as_ref().and_then(|it| it.region.clone());
            Some(Candidate {
                made: object.metadata.creation_timestamp.as_ref().map(|time| time.0),
                uid: claim.uid.clone(),
                tier: text("tier").to_owned(),
                region: region.unwrap_or_default(),
                pin: pinned(&claim),
                mapped: mapped().filter(|served| matches!(served, Served::By(_))),
                is_paused: object.data["spec"]["skipCreate"].as_bool().unwrap_or_default(),
            })
        })
        .collect()
}

async fn network(context: &Context, config: &NetworkConfig) -> Result<proto::Network, Error> {
    let mode = if config.is_existing() { NetworkMode::Existing } else { NetworkMode::Standalone };
    Ok(proto::Network {
        mode: mode.into(),
        cluster_vpc_id: config.cluster_vpc_id.clone().unwrap_or_default(),
        cluster_cidrs: cidrs::of_cluster(&context.client, &config.cluster_cidrs).await?,
        client_security_group_ids: config.client_security_group_ids.clone(),
        vpc_id: config.vpc_id.clone().unwrap_or_default(),
        subnet_ids: config.subnet_ids.clone(),
        security_group_ids: config.security_group_ids.clone(),
    })
}
