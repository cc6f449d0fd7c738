//! AWS as it is, where moto is not: states that take time, values that wait for a window, groups that cover two zones,
//! reads that lag behind, quotas, pages. Each service is a state machine that knows what moto does not; moto does
//! the rest.

mod ask;
mod catalog;
pub(crate) mod cbor;
mod controls;
mod ec2;
mod elasticache;
mod iam;
mod kinds;
mod lag;
mod paging;
mod phases;
mod query;
mod rds;
mod refusal;
mod subnets;
mod xml;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use tokio::sync::Mutex as AsyncMutex;

pub(crate) use ask::{Ask, LARGEST_BODY, Upstream};
pub(crate) use controls::Controls;
pub use controls::{LifeCycle, Login, Maintenance, Update};
pub(crate) use query::Query;
pub(crate) use refusal::Refusal;
pub(crate) use xml::Element;

use ec2::Ec2;
use elasticache::ElastiCache;
use rds::Rds;

type Regions<T> = AsyncMutex<BTreeMap<String, T>>;

/// What moto does not know of one account.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) controls: Mutex<Controls>,
    rds: Regions<Rds>,
    elasticache: Regions<ElastiCache>,
    ec2: Regions<Ec2>,
}

impl Account {
    /// Whether calls of this service are answered here.
    pub(crate) fn serves(ask: &Ask<'_>) -> bool {
        let (is_bent, is_forced) = ask.controls(|it| {
            (
                !it.lags.is_empty() || !it.hidden.is_empty() || !it.quotas.is_empty(),
                it.page_size.is_some(),
            )
        });
        match ask.service {
            "rds" | "elasticache" | "ec2" => true,
            // Anything else keeps its signature, which moto may check.
            "iam" => is_bent || is_forced && ask.action().starts_with("List"),
            _ => false,
        }
    }

    /// Answers a call.
    pub(crate) async fn answer(&self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        if let Some(refusal) =
            ask.controls(|controls| lag::unseen(controls, ask.service, &ask.query))
        {
            return Err(refusal);
        }
        self.check_quota(ask).await?;
        let mut root = self.serve(ask).await?;
        let forced = ask.controls(|controls| {
            lag::hide(controls, &ask.query, &mut root);
            lag::begin(controls, &ask.query, &root);
            controls.page_size
        });
        if paging::pages(ask.action()) {
            paging::cut(ask.service, &ask.query, forced, &mut root)?;
        }
        Ok(root)
    }

    /// The ARNs of what only this knows and has this tag.
    pub(crate) async fn tagged(&self, key: &str, value: &str) -> Vec<String> {
        let regions = self.elasticache.lock().await;
        regions.values().flat_map(|region| region.tagged(key, value)).collect()
    }

    /// What moto would do and AWS does not.
    pub(crate) async fn refusal(&self, ask: &Ask<'_>) -> Option<Refusal> {
        match (ask.service, ask.action()) {
            ("iam", "DeleteUser") => iam::conflict(ask).await,
            _ => None,
        }
    }

    async fn serve(&self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let region = ask.region.to_owned();
        // Time is told when it is the call's turn.
        match ask.service {
            "rds" => {
                let mut regions = self.rds.lock().await;
                regions.entry(region).or_default().answer(ask, Instant::now()).await
            }
            "elasticache" => {
                let mut regions = self.elasticache.lock().await;
                regions.entry(region).or_default().answer(ask, Instant::now()).await
            }
            "ec2" => {
                let used = self.used(ask).await?;
                let mut regions = self.ec2.lock().await;
                regions.entry(region).or_default().answer(ask, &used, Instant::now()).await
            }
            _ => ask.forward().await,
        }
    }

    /// What databases stand on, where the call would take it away.
    async fn used(&self, ask: &Ask<'_>) -> Result<Vec<String>, Refusal> {
        if !ec2::takes_away(ask.action()) {
            return Ok(Vec::new());
        }
        let region = ask.region.to_owned();
        let mut used = {
            let mut regions = self.rds.lock().await;
            regions.entry(region.clone()).or_default().used(ask, Instant::now()).await?
        };
        let mut regions = self.elasticache.lock().await;
        used.append(&mut regions.entry(region).or_default().used(ask, Instant::now()));
        Ok(used)
    }

    async fn check_quota(&self, ask: &Ask<'_>) -> Result<(), Refusal> {
        let quota = ask.controls(|controls| controls.quotas.get(ask.action()).copied());
        let Some((quota, kind)) = quota.zip(kinds::made_by(ask.action())) else { return Ok(()) };
        let list = Ask { query: ask.query.action_of(kind.list), ..*ask };
        let root = self.serve(&list).await?;
        if root.items(kind.items).len() < quota {
            return Ok(());
        }
        let (status, code) = kind.quota;
        Err(Refusal::new(status, code, format!("at most {quota}")))
    }
}
