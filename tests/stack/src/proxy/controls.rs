//! How a test bends AWS.

use std::collections::BTreeMap;

use crate::aws::{LifeCycle, Login, Maintenance, Update};

use super::{Fault, Proxy};

impl Proxy {
    /// From now on every call fails with 503, or is served again.
    pub fn set_down(&self, is_down: bool) {
        self.shared.lock().faults.is_down = is_down;
    }

    /// The next calls of this operation meet a fault; an empty text means any call.
    pub fn fail(&self, operation: &str, times: usize, fault: Fault) {
        self.shared.lock().faults.plan(operation, times, fault);
    }

    /// Answers that are held are sent now.
    pub fn release_answers(&self) {
        self.shared.released.notify_waiters();
    }

    /// From now on this share of a service's calls is throttled; 0 ends it.
    pub fn storm(&self, service: &str, percent: u32) {
        self.shared.lock().faults.storm(service, percent);
    }

    /// How long AWS takes from now on; what has begun keeps its time.
    pub fn life_cycle(&self, life_cycle: LifeCycle) {
        self.controls(|controls| controls.life_cycle = life_cycle);
    }

    /// What the next call of this creating operation makes is not seen by so many reads after it. Asked for by id it
    /// is `NotFound`; in listings it is missing.
    pub fn lag(&self, create: &str, reads: usize) {
        self.controls(|controls| controls.lags.push((create.to_owned(), reads)));
    }

    /// At most so many of what this operation creates; `None` lifts it.
    pub fn quota(&self, create: &str, most: Option<usize>) {
        self.controls(|controls| match most {
            Some(most) => controls.quotas.insert(create.to_owned(), most),
            None => controls.quotas.remove(create),
        });
    }

    /// At most so many items on a page, whatever is asked.
    pub fn page_size(&self, items: usize) {
        self.controls(|controls| controls.page_size = Some(items));
    }

    /// An instance or a group has this status until it has none again: `storage-full`, `failed`,
    /// `incompatible-network`, `create-failed`.
    pub fn set_status(&self, id: &str, status: Option<&str>) {
        let id = id.to_lowercase();
        self.controls(|controls| {
            controls.forced.insert(id.clone());
            match status {
                Some(status) => controls.statuses.insert(id, status.to_owned()),
                None => controls.statuses.remove(&id),
            }
        });
    }

    /// Where clients of an instance or a group are sent: a server that the test has started.
    pub fn set_endpoint(&self, id: &str, address: &str, port: u16) {
        let endpoint = (address.to_owned(), port);
        self.controls(|controls| controls.endpoints.insert(Some(id.to_lowercase()), endpoint));
    }

    /// Where clients of everything else are sent.
    pub fn set_endpoints(&self, address: &str, port: u16) {
        self.controls(|controls| controls.endpoints.insert(None, (address.to_owned(), port)));
    }

    /// The maintenance window of an instance or a group has come: what waits is applied.
    pub fn open_window(&self, id: &str) {
        self.controls(|controls| controls.windows.insert(id.to_lowercase()));
    }

    /// AWS plans maintenance of an instance.
    pub fn plan_maintenance(&self, maintenance: Maintenance) {
        self.controls(|controls| controls.maintenance.push(maintenance));
    }

    /// AWS has a service update for a replication group.
    pub fn plan_update(&self, update: Update) {
        self.controls(|controls| controls.updates.push(update));
    }

    /// A class of RDS, ElastiCache or EC2 is not offered in a zone, or nowhere in the region.
    pub fn withhold(&self, class: &str, zone: Option<&str>) {
        let place = (class.to_owned(), zone.map(str::to_owned));
        self.controls(|controls| controls.withheld.insert(place));
    }

    /// Every class is offered again.
    pub fn offer_all(&self) {
        self.controls(|controls| controls.withheld.clear());
    }

    /// A peering that nobody accepts within 7 days: they are over now.
    pub fn expire_peering(&self, id: &str) {
        self.controls(|controls| controls.peerings.insert(id.to_owned(), "expired"));
    }

    /// Whom each instance and each group lets in by now.
    pub(crate) fn logins(&self) -> BTreeMap<String, Login> {
        self.controls(|controls| controls.logins.clone())
    }

    /// Whom an instance or a group lets in by now.
    pub fn login(&self, id: &str) -> Option<Login> {
        self.controls(|controls| controls.logins.get(&id.to_lowercase()).cloned())
    }
}
