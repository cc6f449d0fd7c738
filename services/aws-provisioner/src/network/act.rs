//! Does what was planned, and learns from what succeeded.

use worker::{Call, Step, TurnError, Work};

use crate::aws::ec2::{Route, Rule, SecurityGroup};
use crate::aws::{self, Clients, Kind, SubnetGroup};
use crate::facts;

use super::desired::{Desired, Store};
use super::known::{self, CREATE_VPC, Known, PEER, PUT};
use super::message::Wait;
use super::observed::{Observed, Tagged};
use super::plan::{Plan, Put};

const DESCRIPTION: &str = "Databases of the cluster, by the cloud resource operator";

/// The means to act in one turn.
pub(super) struct Actor<'a, 'w> {
    pub(super) clients: &'a Clients,
    pub(super) desired: &'a Desired,
    pub(super) work: &'a mut Work<'w>,
}

impl Actor<'_, '_> {
    /// Does one step. `None` when the next one can be planned at once.
    pub(super) async fn follow(
        &mut self,
        plan: Plan,
        observed: &mut Observed,
    ) -> Result<Option<Step>, TurnError> {
        match plan {
            Plan::MakeVpc(range) => {
                let make = self.clients.ec2.create_vpc(range, &self.desired.tags);
                match self.work.call(CREATE_VPC, make).await? {
                    Call::Done(vpc) => known::made(self.work, &vpc.id),
                    Call::Unknown => return Ok(Some(self.wait_for_outcome())),
                    Call::Refused(error) => return Err(error.into()),
                }
                Ok(Some(Step::Again))
            }
            Plan::Peer { vpc, cluster } => self.peer(&vpc, &cluster, observed).await,
            Plan::Put(put) => self.put(put, observed).await,
            Plan::Wait(wait) => Ok(Some(self.wait(wait))),
            Plan::Ready(_) => Ok(Some(Step::Again)),
        }
    }

    fn wait(&mut self, wait: Wait) -> Step {
        facts::waiting(self.work);
        wait.into()
    }

    fn wait_for_outcome(&mut self) -> Step {
        let age = Known::of(self.work).age;
        self.wait(Wait::Outcome { age })
    }

    async fn peer(
        &mut self,
        vpc: &str,
        cluster: &str,
        observed: &mut Observed,
    ) -> Result<Option<Step>, TurnError> {
        let peer = self.clients.ec2.peer(vpc, cluster, &self.desired.tags);
        match self.work.call(PEER, peer).await? {
            Call::Done(peering) => {
                facts::arrived(self.work);
                observed.peerings.push(peering);
                Ok(None)
            }
            Call::Unknown => Ok(Some(self.wait_for_outcome())),
            Call::Refused(error) if error.kind == Kind::AlreadyExists => {
                Ok(Some(self.wait(Wait::Hidden)))
            }
            Call::Refused(error) => Err(error.into()),
        }
    }

    /// Under an intent too, though it is safe to repeat: nothing is put into a network that another replica takes down.
    async fn put(&mut self, put: Put, observed: &mut Observed) -> Result<Option<Step>, TurnError> {
        let doer = Doer { clients: self.clients, desired: self.desired };
        match self.work.call(PUT, doer.put(put, observed)).await? {
            Call::Done(()) => Ok(None),
            Call::Unknown => Ok(Some(self.wait_for_outcome())),
            // Another call of ours had no answer, and AWS does not show yet what it made.
            Call::Refused(error) if matches!(error.kind, Kind::AlreadyExists | Kind::State) => {
                Ok(Some(self.wait(Wait::Hidden)))
            }
            Call::Refused(error) => Err(error.into()),
        }
    }
}

/// Makes calls that are safe to repeat.
struct Doer<'a> {
    clients: &'a Clients,
    desired: &'a Desired,
}

impl Doer<'_> {
    async fn put(&self, put: Put, observed: &mut Observed) -> Result<(), aws::Error> {
        let (ec2, tags) = (&self.clients.ec2, &self.desired.tags);
        match put {
            Put::Tag { ids, tags } => {
                ec2.tag(&ids, &tags).await?;
                observed.learn_tags(&ids, &tags);
            }
            Put::Subnet { vpc, range, zone } => {
                observed.subnets.push(ec2.create_subnet(&vpc, range, &zone, tags).await?);
            }
            Put::Group { vpc, store } => {
                let name = self.desired.target.group(store);
                let id = ec2.create_group(&vpc, &name, DESCRIPTION, tags).await?;
                let (tags, ingress) = (tags.clone(), Vec::new());
                observed.groups.push(SecurityGroup { id, name, vpc, ingress, tags });
            }
            Put::Allow { group, port, sources } => {
                done(ec2.allow(&group, port, &sources).await)?;
                let protocol = "tcp".to_owned();
                observed.learn_rule(&group, Rule { protocol, from: port, to: port, sources });
            }
            Put::Accept(id) => {
                let status = ec2.accept(&id).await?;
                let found = observed.peerings.iter_mut().filter(|it| it.id == id);
                found.for_each(|it| it.status.clone_from(&status));
            }
            Put::Route(new) => {
                ec2.route(&new).await?;
                let (destination, peering) = (new.destination, Some(new.peering));
                let route = Route { destination, peering, ..Route::default() };
                observed.learn_route(&new.table, route);
            }
            Put::SubnetGroup { store, vpc, subnets } => {
                self.make_subnet_group(store, &subnets).await?;
                let (name, arn) = (self.desired.target.name.clone(), String::new());
                let group = SubnetGroup { name, arn, vpc, subnets };
                *observed.slot(store) = Some(Tagged { group, tags: tags.clone() });
            }
            Put::ChangeSubnetGroup { store, subnets } => {
                self.change_subnet_group(store, &subnets).await?;
                observed
                    .slot(store)
                    .iter_mut()
                    .for_each(|it| it.group.subnets.clone_from(&subnets));
            }
            Put::TagSubnetGroup { store, arn } => {
                self.tag_subnet_group(store, &arn).await?;
                let found = observed.slot(store).iter_mut();
                found.for_each(|it| it.tags.extend(tags.clone()));
            }
        }
        Ok(())
    }

    async fn make_subnet_group(&self, store: Store, subnets: &[String]) -> Result<(), aws::Error> {
        let (name, tags) = (&self.desired.target.name, &self.desired.tags);
        let Clients { rds, elasticache, .. } = self.clients;
        match store {
            Store::Postgres => rds.create_subnet_group(name, DESCRIPTION, subnets, tags).await,
            Store::Redis => elasticache.create_subnet_group(name, DESCRIPTION, subnets, tags).await,
        }
    }

    async fn change_subnet_group(
        &self,
        store: Store,
        subnets: &[String],
    ) -> Result<(), aws::Error> {
        let name = &self.desired.target.name;
        match store {
            Store::Postgres => self.clients.rds.modify_subnet_group(name, subnets).await,
            Store::Redis => self.clients.elasticache.modify_subnet_group(name, subnets).await,
        }
    }

    async fn tag_subnet_group(&self, store: Store, arn: &str) -> Result<(), aws::Error> {
        match store {
            Store::Postgres => self.clients.rds.add_tags(arn, &self.desired.tags).await,
            Store::Redis => self.clients.elasticache.add_tags(arn, &self.desired.tags).await,
        }
    }
}

/// A rule that exists already is as good as one that was made.
fn done(result: Result<(), aws::Error>) -> Result<(), aws::Error> {
    match result {
        Err(error) if error.kind == Kind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// What the record knows of the VPC that is there.
pub(super) fn learn(work: &mut Work<'_>, desired: &Desired, observed: &Observed) {
    facts::pin(work, &desired.target.place, &desired.target.name);
    if let Ok(Some(vpc)) = observed.own(&desired.target.owner) {
        known::seen(work, &vpc.id);
    }
}
