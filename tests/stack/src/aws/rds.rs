//! RDS: moto keeps instances, snapshots and groups; here is what they go through.

mod calls;
mod groups;
mod instance;
mod maintenance;
mod offers;
mod setting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Instant;

use self::instance::{Due, Instance};
use super::ask::{Ask, answer};
use super::catalog;
use super::controls::LifeCycle;
use super::lag::find_mut;
use super::phases::Phases;
use super::query::Query;
use super::refusal::Refusal;
use super::xml::Element;

const ID: &str = "DBInstanceIdentifier";
const VERSION: &str = "2014-10-31";

/// What moto does not know of RDS in one region.
#[derive(Default)]
pub(crate) struct Rds {
    instances: BTreeMap<String, Instance>,
    snapshots: BTreeMap<String, Phases>,
}

impl Rds {
    /// Answers a call.
    pub(crate) async fn answer(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        self.settle(ask, now).await?;
        match ask.action() {
            "CreateDBInstance" => self.create(ask).await,
            "DescribeDBInstances" => Ok(self.shown(ask.forward().await?, ask, now)),
            "ModifyDBInstance" => self.modify(ask, now).await,
            "DeleteDBInstance" => self.delete(ask, now).await,
            "RebootDBInstance" => self.reboot(ask, now).await,
            "CreateDBSnapshot" => self.snapshot(ask, now).await,
            "DeleteDBSnapshot" => self.drop_snapshot(ask, now).await,
            "DescribeDBSnapshots" => Ok(self.snapshots_shown(ask.forward().await?, now)),
            "DescribePendingMaintenanceActions" => maintenance::describe(ask).await,
            "ApplyPendingMaintenanceAction" => self.apply_maintenance(ask, now).await,
            "DescribeDBEngineVersions" => {
                Ok(answer("rds", ask.action(), [catalog::versions(&ask.query)]))
            }
            "DescribeOrderableDBInstanceOptions" => offers::orderable(ask).await,
            "CreateDBSubnetGroup" => groups::create(ask).await,
            "ModifyDBSubnetGroup" => groups::modify(ask).await,
            "DeleteDBSubnetGroup" => groups::delete(ask).await,
            _ => ask.forward().await,
        }
    }

    /// Does to the double what is due by now.
    pub(crate) async fn settle(&mut self, ask: &Ask<'_>, now: Instant) -> Result<(), Refusal> {
        let life = ask.controls(|controls| controls.life_cycle);
        let windows: Vec<String> = ask.controls(|controls| {
            controls.windows.extract_if(.., |id| self.instances.contains_key(id)).collect()
        });
        for id in windows {
            self.open_window(&id, ask, now, &life);
        }
        for id in self.instances.keys().cloned().collect::<Vec<_>>() {
            let due = self.instances.entry(id.clone()).or_default().due(now);
            match due {
                Due::Nothing => {}
                Due::Apply(values) => {
                    let mut query = Query::new("ModifyDBInstance", VERSION).with(ID, &id);
                    for (name, value) in &values {
                        query.set(name, value);
                    }
                    gone_is_fine(ask.send("rds", &query.with("ApplyImmediately", true)).await)?;
                    if let Some(password) = values.get(setting::PASSWORD) {
                        set_password(ask, &id, password);
                    }
                }
                Due::Delete => {
                    let query = Query::new("DeleteDBInstance", VERSION).with(ID, &id);
                    gone_is_fine(ask.send("rds", &query.with("SkipFinalSnapshot", true)).await)?;
                    self.instances.remove(&id);
                    ask.controls(|controls| {
                        controls.statuses.remove(&id);
                        controls.logins.remove(&id);
                        controls.maintenance.retain(|it| it.instance != id);
                    });
                }
            }
        }
        Ok(())
    }

    /// Subnets and security groups that instances stand on.
    pub(crate) async fn used(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
    ) -> Result<Vec<String>, Refusal> {
        self.settle(ask, now).await?;
        let root = ask.all("rds", &Query::new("DescribeDBInstances", VERSION)).await?;
        let mut used = Vec::new();
        for instance in root.items("DBInstances") {
            let groups = instance.items("VpcSecurityGroups").iter();
            used.extend(groups.map(|group| group.text_of("VpcSecurityGroupId").to_owned()));
            let subnets = instance.items("Subnets").iter();
            used.extend(subnets.map(|subnet| subnet.text_of("SubnetIdentifier").to_owned()));
        }
        Ok(used)
    }

    fn open_window(&mut self, id: &str, ask: &Ask<'_>, now: Instant, life: &LifeCycle) {
        let instance = self.instances.entry(id.to_owned()).or_default();
        instance.open_window(now, life);
        maintenance::done(ask, id, None);
    }

    /// The instance that the call names: as the double knows it, and its status.
    async fn current(
        &self,
        ask: &Ask<'_>,
        now: Instant,
    ) -> Result<(String, Element, String), Refusal> {
        let id = ask.query.id(ID).unwrap_or_default();
        let query = Query::new("DescribeDBInstances", VERSION).with(ID, &id);
        let (node, status) = self.read(ask, &id, &query, now).await?;
        Ok((id, node, status))
    }

    async fn read(
        &self,
        ask: &Ask<'_>,
        id: &str,
        query: &Query,
        now: Instant,
    ) -> Result<(Element, String), Refusal> {
        let root = self.shown(ask.send("rds", query).await?, ask, now);
        let missing =
            || Refusal::new(404, "DBInstanceNotFound", format!("DBInstance {id} not found."));
        let node = root.items("DBInstances").first().cloned().ok_or_else(missing)?;
        let status = node.text_of("DBInstanceStatus").to_owned();
        Ok((node, status))
    }

    fn shown(&self, mut root: Element, ask: &Ask<'_>, now: Instant) -> Element {
        let Some(list) = find_mut(&mut root, "DBInstances") else { return root };
        for node in &mut list.children {
            let id = node.text_of(ID).to_owned();
            let instance = self.instances.get(&id).cloned().unwrap_or_default();
            let forced = ask.controls(|controls| controls.statuses.get(&id).cloned());
            decorate(node, ask);
            instance.render(forced.as_deref().unwrap_or(instance.status(now)), node);
        }
        root
    }

    fn snapshots_shown(&self, mut root: Element, now: Instant) -> Element {
        if let Some(list) = find_mut(&mut root, "DBSnapshots") {
            for node in &mut list.children {
                let phases = self.snapshots.get(node.text_of("DBSnapshotIdentifier"));
                let status = phases.and_then(|phases| phases.status(now)).unwrap_or("available");
                node.set(Element::leaf("Status", status));
                node.set(Element::leaf(
                    "PercentProgress",
                    if status == "available" { 100 } else { 50 },
                ));
            }
        }
        root
    }
}

/// What moto leaves out, and where a test's own server stands.
fn decorate(node: &mut Element, ask: &Ask<'_>) {
    if node.text_of("CACertificateIdentifier") == "rds-ca-default" {
        node.set(Element::leaf("CACertificateIdentifier", "rds-ca-rsa2048-g1"));
    }
    let endpoint = ask.controls(|controls| controls.endpoint(node.text_of(ID)).cloned());
    if let Some((address, port)) = endpoint {
        let words = [Element::leaf("Address", address), Element::leaf("Port", port)];
        node.set(Element::tree("Endpoint", words));
    }
}

fn set_password(ask: &Ask<'_>, id: &str, password: &str) {
    ask.controls(|controls| {
        if let Some(login) = controls.logins.get_mut(id) {
            password.clone_into(&mut login.password);
        }
    });
}

/// Somebody may have deleted it behind the proxy.
fn gone_is_fine(result: Result<Element, Refusal>) -> Result<(), Refusal> {
    match result {
        Err(refusal) if refusal.status != 404 => Err(refusal),
        _ => Ok(()),
    }
}
