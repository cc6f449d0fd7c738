//! A snapshot of a database on RDS or a cache on ElastiCache.
//!
//! One turn: look at the listing of all snapshots, [`plan`](mod@plan) the next step as a value, act. A snapshot is
//! taken once and under one name for life; what it was taken of may be gone long before it is.

mod delete;
pub(crate) mod drift;
pub mod known;
pub mod plan;
mod problem;
mod store;

use proto::{Kind, Snapshot as Wish, State};
use tokio::time::Instant;
use worker::{Call, Step, TurnError, Work};

use crate::aws::{self, Aws, Clients, Snapshot};
use crate::error::Error;
use crate::facts;
use crate::naming::{external_name, short_name};
use crate::place::Place;
use crate::tags::{self, Owner, Tags};
use crate::touched::Touched;
use known::{CREATE, Known};
use plan::{Plan, Wait, Whose, plan};
pub use problem::Problem;
use store::Store;

/// Takes snapshots.
pub struct Snapshots {
    aws: Aws,
    touched: Touched,
}

/// Which snapshot is meant, and of what.
struct Target {
    name: String,
    place: Place,
    owner: Owner,
    wish: Wish,
}

impl Snapshots {
    /// Nothing is called before the first turn.
    pub fn new(aws: Aws) -> Self {
        Self { aws, touched: Touched::default() }
    }

    /// Brings it about that it exists.
    pub async fn provision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let (target, clients) = self.target(work).await?;
        facts::pin(work, &target.place, &target.name);
        work.remember().await?;
        let store = target.store(&clients, work);
        let snapshot = store.snapshot(&target.name, self.not_before(work)).await?;
        if let Some(snapshot) = &snapshot {
            target.check_owner(store, snapshot, work).await?;
        }
        let known = Known::of(work);
        let id = target.wish.identifier.as_str();
        let source = match (&snapshot, known.may_be_hidden || known.was_observed) {
            (None, false) => {
                let source = store.source(id, self.not_before(work)).await?;
                known::looked_for_source(work, source.is_some());
                source
            }
            _ => None,
        };
        let known = Known::of(work);
        let next = plan(&target.name, snapshot.as_ref(), (id, source.as_ref()), known);
        match next.map_err(Error::from)? {
            Plan::Wait(wait) => Ok(waiting(work, wait)),
            Plan::Create => {
                let node = source.and_then(|source| source.node);
                self.create(store, &target, node, work).await
            }
            Plan::Ready => {
                facts::arrived(work);
                let (message, fields) = ("snapshot created".to_owned(), Vec::new());
                Ok(Step::Ready { message, fields, simulated: false })
            }
        }
    }

    /// Looks whether it is there, and changes nothing.
    pub async fn look(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let (target, clients) = self.target(work).await?;
        let store = target.store(&clients, work);
        let not_before = self.touched.not_before(&work.item.identity.uid);
        if let Some(snapshot) = store.snapshot(&target.name, not_before).await?
            && target.owner.owns(&store.tags(&snapshot).await?)
        {
            facts::pin(work, &target.place, &target.name);
            known::owned(work);
        }
        Ok(Step::Paused)
    }

    /// Makes it not exist, or keeps it on purpose.
    pub async fn deprovision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        if facts::owns_nothing(work) {
            return Ok(facts::nothing_was_made());
        }
        let (target, clients) = self.target(work).await?;
        self.touched.forget(&work.item.identity.uid);
        if target.wish.keep {
            let message = format!("snapshot {} is kept: spec.skipDelete is true", target.name);
            return Ok(delete::absent(work, message));
        }
        delete::turn(target.store(&clients, work), &target, work).await
    }

    async fn create(
        &self,
        store: Store<'_>,
        target: &Target,
        node: Option<String>,
        work: &mut Work<'_>,
    ) -> Result<Step, TurnError> {
        let tags = tags::desired(work.item).map_err(Error::from)?;
        let source = (target.wish.identifier.as_str(), node.as_deref());
        let call = work.call(CREATE, store.create(&target.name, source, &tags)).await;
        self.touched.touch(&work.item.identity.uid);
        match call? {
            Call::Done(()) => {
                known::created(work);
                Ok(Step::Again)
            }
            Call::Unknown => Ok(waiting(work, Wait::Hidden)),
            Call::Refused(error) => match error.kind {
                // By an earlier call of ours, or not ours: its tags will tell.
                aws::Kind::AlreadyExists => Ok(waiting(work, Wait::Hidden)),
                aws::Kind::State | aws::Kind::NotFound => {
                    Ok(waiting(work, Wait::Source("busy".to_owned())))
                }
                aws::Kind::Invalid => {
                    let of = target.wish.identifier.clone();
                    Err(Error::from(Problem::Refused { of, code: error.code }).into())
                }
                _ => Err(error.into()),
            },
        }
    }

    async fn target(&self, work: &Work<'_>) -> Result<(Target, Clients), Error> {
        let (item, placement) = (work.item, &work.record.placement);
        let (place, clients) = self.aws.reach(placement, None).await?;
        let name = match item.identity.kind {
            Kind::RedisSnapshot => short_name,
            _ => external_name,
        };
        let name = || name(&item.cluster.id, &item.identity);
        let target = Target {
            name: placement.identifier.clone().unwrap_or_else(name),
            place,
            owner: Owner::of(item),
            wish: item.options.snapshot.clone().unwrap_or_default(),
        };
        Ok((target, clients))
    }

    /// A finished one is looked for in the listing that was made for all.
    fn not_before(&self, work: &Work<'_>) -> Instant {
        let (uid, record) = (&work.item.identity.uid, &work.record);
        if record.state == State::Ready && record.item_id == work.item.item_id {
            return self.touched.of_settled(uid);
        }
        self.touched.not_before(uid)
    }
}

fn waiting(work: &mut Work<'_>, wait: Wait) -> Step {
    facts::waiting(work);
    wait.step(facts::waited(work))
}

impl Target {
    fn store<'a>(&'a self, clients: &'a Clients, work: &Work<'_>) -> Store<'a> {
        Store { clients, place: &self.place, kind: work.item.identity.kind }
    }

    /// Whose a snapshot with these tags is.
    fn whose(&self, tags: &Tags) -> Whose {
        match &self.owner {
            owner if owner.may_delete(tags) => Whose::Ours,
            owner if owner.is_successors(tags) => Whose::Successors,
            _ => Whose::Unknown,
        }
    }

    /// One that has our name and not our tags is left untouched.
    async fn check_owner(
        &self,
        store: Store<'_>,
        snapshot: &Snapshot,
        work: &mut Work<'_>,
    ) -> Result<(), Error> {
        known::seen(work);
        if !Known::of(work).is_ours {
            let tags = store.tags(snapshot).await?;
            if !self.owner.owns(&tags) {
                return Err(Error::NotOwned { what: "snapshot", name: self.name.clone() });
            }
            known::owned(work);
        }
        Ok(())
    }
}
