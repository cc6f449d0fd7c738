//! One turn: observe, plan, act.

use std::time::Duration;

use crds::conditions::reasons;
use proto::{Desired, ErrorClass, Kind, Provider, WorkItem};
use worker::{Call, Failure, Provisioner, Step, TurnError, Work};

use crate::apply::{Cluster, Object};
use crate::config::WorkloadConfig;
use crate::drift::has_drifted;
use crate::engine::Engine;
use crate::error::{Error, failure};
use crate::naming::external_name;
use crate::observed::Observed;
use crate::plan::{Changes, Goal, Plan, plan, settle};
use crate::render::{Inputs, Manifests, render};
use crate::strategy::{Overrides, overrides};
use crate::{bucket, credentials, deprovision, placeholder, readiness};

/// Fact in the record: `metadata.generation` of the Deployment when it was last found as desired.
pub const SETTLED_GENERATION: &str = "deployment-generation";
/// How soon to look whether an object is gone. Its end is watched, so this is only the safety net.
pub(crate) const AWAIT_DELETION: Duration = Duration::from_secs(2);

/// Provisions in the cluster.
pub struct InCluster {
    cluster: Cluster,
    workloads: WorkloadConfig,
    simulated: bool,
}

impl Provisioner for InCluster {
    const PROVIDER: Provider = Provider::Openshift;

    async fn turn(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let (kind, desired) = (work.item.identity.kind, work.item.desired);
        if bucket::is_concerned(work.item, &work.record) {
            return bucket::step(&self.cluster, work).await;
        }
        if let Some(step) = placeholder::step(kind, desired) {
            return Ok(step);
        }
        let engine = Engine::of(kind).ok_or_else(|| not_offered(kind))?;
        let observed = self.observe(work).await?;
        match desired {
            Desired::Present => {
                let goal = self.goal(engine, work, &observed).await?;
                let next = plan(&goal, &observed, work.record.placement.observed);
                self.act(next, work, &goal, &observed).await
            }
            Desired::Absent => deprovision::step(&self.cluster, work, observed).await,
            Desired::Paused | Desired::Released => Ok(Step::Paused),
        }
    }
}

impl InCluster {
    /// `simulated`: pods are made ready without a node.
    pub fn new(cluster: Cluster, workloads: WorkloadConfig, simulated: bool) -> Self {
        Self { cluster, workloads, simulated }
    }

    /// Reads what exists under the claim's name, which is chosen here once, and notes that the volume was seen.
    async fn observe(&self, work: &mut Work<'_>) -> Result<Observed, Error> {
        let (claim, cluster_id) = (&work.item.identity, &work.item.cluster.id);
        let placement = &mut work.record.placement;
        let name = placement.identifier.get_or_insert_with(|| external_name(cluster_id, claim));
        let mut observed = self.cluster.observe(&claim.namespace, name).await?;
        if observed.own_volume(&claim.uid).is_some() {
            placement.observed = true;
            work.resolve_intent();
        }
        if observed.deployment.as_ref().is_some_and(|it| readiness::is_stuck(it, work.now)) {
            observed.pods = self.cluster.pods(claim).await?;
        }
        Ok(observed)
    }

    /// What shall be there. Refuses what cannot be before anything is asked for or changed.
    async fn goal(
        &self,
        engine: Engine,
        work: &mut Work<'_>,
        observed: &Observed,
    ) -> Result<Goal, TurnError> {
        let name = work.record.placement.identifier.clone().unwrap_or_default();
        let foreign = observed.foreign(&work.item.identity.uid);
        if !foreign.is_empty() {
            return Err(taken(&name, &foreign).into());
        }
        let overrides = self.overrides(engine, work.item)?;
        let defaults = observed.defaults().unwrap_or(work.item.cluster.defaults);
        let secret = credentials::ensure(engine, defaults, work, observed).await?;
        let manifests = render(&Inputs {
            engine,
            claim: &work.item.identity,
            name: &name,
            workloads: &self.workloads,
            overrides: &overrides,
            defaults,
            secret: secret.as_deref(),
        });
        Ok(Goal { engine, defaults, name, overrides, manifests })
    }

    fn overrides(&self, engine: Engine, item: &WorkItem) -> Result<Overrides, Failure> {
        let image = match engine {
            Engine::Postgres => &self.workloads.postgres_image,
            Engine::Redis => &self.workloads.redis_image,
        };
        item.strategy.as_ref().map_or_else(|| Ok(Overrides::default()), |it| overrides(it, image))
    }

    async fn act(
        &self,
        next: Plan,
        work: &mut Work<'_>,
        goal: &Goal,
        observed: &Observed,
    ) -> Result<Step, TurnError> {
        match next {
            Plan::NeedsPerson(why) => Err(failure(ErrorClass::NeedsPerson, why).into()),
            Plan::Refuse(why) => Err(failure(ErrorClass::Invalid, why).into()),
            Plan::CreateVolume => {
                let volume = &goal.manifests.volume;
                create(&self.cluster, work, "kubernetes.create-volume", volume).await
            }
            Plan::Apply(changes) => {
                if self.apply(goal, observed, changes).await? {
                    return Ok(Step::Again);
                }
                // An admission plugin insists on what differs; asking again and again would change nothing.
                let next = settle(&goal.overrides, observed);
                Box::pin(self.act(next, work, goal, observed)).await
            }
            Plan::GrowVolume { volume, size } => {
                self.cluster.grow(&volume, &size).await.map_err(no_growth)?;
                Ok(Step::Again)
            }
            Plan::AwaitDeletion(kind) => Ok(Step::Wait {
                after: AWAIT_DELETION,
                reason: reasons::PROVISIONING,
                message: format!("{}: the {kind} is being deleted", readiness::IN_PROGRESS),
            }),
            Plan::Wait(missing) => Ok(Step::Wait {
                after: readiness::look_again(observed, work.now),
                reason: reasons::PROVISIONING,
                message: missing.message,
            }),
            Plan::Ready => Ok(self.ready(work, goal, observed)),
        }
    }

    /// Applies what the plan names. Whether everything is now as rendered.
    async fn apply(
        &self,
        goal: &Goal,
        observed: &Observed,
        changes: Changes,
    ) -> Result<bool, Error> {
        let Manifests { service, deployment, .. } = &goal.manifests;
        let mut is_as_rendered = true;
        if changes.service {
            let applied = self.cluster.apply(service, observed.service.as_ref()).await?;
            is_as_rendered &= !has_drifted(service, &applied);
        }
        if changes.deployment {
            let applied = self.cluster.apply(deployment, observed.deployment.as_ref()).await?;
            is_as_rendered &= !has_drifted(deployment, &applied);
        }
        Ok(is_as_rendered)
    }

    fn ready(&self, work: &mut Work<'_>, goal: &Goal, observed: &Observed) -> Step {
        let generation = observed.deployment.as_ref().and_then(|it| it.metadata.generation);
        let generation = generation.unwrap_or_default().to_string();
        work.record.facts.insert(SETTLED_GENERATION.to_owned(), generation);
        let host = format!("{}.{}.svc.cluster.local", goal.name, work.item.identity.namespace);
        Step::Ready {
            message: ready_message(goal, work.item),
            fields: credentials::connection(goal.engine, goal.defaults, host),
            simulated: self.simulated,
        }
    }
}

/// Makes what data hangs on: its creation is remembered before and its outcome observed after.
pub(crate) async fn create<K: Object>(
    cluster: &Cluster,
    work: &mut Work<'_>,
    step: &'static str,
    manifest: &K,
) -> Result<Step, TurnError> {
    match work.call(step, cluster.create(manifest)).await? {
        Call::Done(_) => {
            work.record.placement.observed = true;
            Ok(Step::Again)
        }
        Call::Refused(error) => Err(error.into()),
        Call::Unknown => {
            let kind = K::kind(&());
            let message = format!(
                "the API server did not confirm that the {kind} was made; it is looked for"
            );
            Err(failure(ErrorClass::Transient, message).into())
        }
    }
}

/// The Go operator's text, and what was asked for that has no meaning here.
fn ready_message(goal: &Goal, item: &WorkItem) -> String {
    let done = match goal.engine {
        Engine::Postgres => "creation successful",
        Engine::Redis => "redis deployment available",
    };
    let options = &item.options;
    let wishes = [
        ("spec.size", &options.size),
        ("spec.engine", &options.engine),
        ("spec.engineVersion", &options.engine_version),
    ];
    let wishes =
        wishes.into_iter().filter(|(_, it)| !it.is_empty()).map(|(path, _)| path.to_owned());
    let ignored: Vec<String> = wishes.chain(goal.overrides.ignored.iter().cloned()).collect();
    if ignored.is_empty() {
        return done.to_owned();
    }
    format!("{done}; without meaning in the cluster and ignored: {}", ignored.join(", "))
}

fn not_offered(kind: Kind) -> Failure {
    let message = format!("a {kind} cannot be had in the cluster; choose a type that maps to aws");
    failure(ErrorClass::Invalid, message)
}

fn taken(name: &str, kinds: &[&str]) -> Failure {
    let kinds = kinds.join(" and ");
    let message = format!("{kinds} {name} exists and is not this claim's; delete or rename it");
    failure(ErrorClass::Foreign, message)
}

/// An admission plugin answers for the storage class, with the code that a missing permission has, too.
fn no_growth(error: Error) -> Failure {
    match &error {
        Error::Refused { code: 403, message, .. } if message.contains("resize") => failure(
            ErrorClass::Invalid,
            format!(
                "strategy.pvcSpec.resources.requests.storage: the storage class does not let the volume grow \
                 ({message})"
            ),
        ),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests;
