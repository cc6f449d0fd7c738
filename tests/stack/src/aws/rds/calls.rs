//! Calls that change instances.

use std::time::Instant;

use super::instance::Instance;
use super::offers::{check_class, new_instance};
use super::{ID, Rds, VERSION, decorate, maintenance, setting};
use crate::aws::ask::{Ask, answer};
use crate::aws::controls::Login;
use crate::aws::lag::find_mut;
use crate::aws::phases::Phases;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

impl Rds {
    pub(super) async fn create(&mut self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let query = new_instance(ask).await?;
        let mut root = ask.send("rds", &query).await?;
        let id = query.id(ID).unwrap_or_default();
        let has_backups = root.find("BackupRetentionPeriod").is_some_and(|it| it.text != "0");
        let life = ask.controls(|controls| controls.life_cycle);
        // moto takes its own time.
        let instance = Instance::created(Instant::now(), &life, has_backups);
        let user = query.get("MasterUsername").unwrap_or_default().to_owned();
        let password = query.get(setting::PASSWORD).unwrap_or_default().to_owned();
        let database = query.get("DBName").unwrap_or("postgres").to_owned();
        let login = Login { user, database, password, previous: None };
        ask.controls(|controls| controls.logins.insert(id.clone(), login));
        // Even when it takes no time, the answer to its creation does not know that.
        if let Some(node) = find_mut(&mut root, "DBInstance") {
            decorate(node, ask);
            instance.render("creating", node);
        }
        self.instances.insert(id, instance);
        Ok(root)
    }

    pub(super) async fn modify(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        if ask.query.get("NewDBInstanceIdentifier").is_some() {
            return Err(Refusal::new(501, "NotImplemented", "the double renames no instance"));
        }
        let (id, current, status) = self.current(ask, now).await?;
        check_class(ask, &ask.query, &current).await?;
        let life = ask.controls(|controls| controls.life_cycle);
        let mut instance = self.instances.get(&id).cloned().unwrap_or_default();
        instance.modify((&current, &status), &ask.query, (now, &life))?;
        if let Some(query) = setting::at_once(&ask.query) {
            ask.send("rds", &query.with(ID, &id)).await?;
        }
        let (_, mut node, _) = self.current(ask, now).await?;
        // The answer shows what will change, and the status of before.
        instance.render(&status, &mut node);
        self.instances.insert(id, instance);
        Ok(answer("rds", ask.action(), [node]))
    }

    pub(super) async fn delete(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let (id, mut current, status) = self.current(ask, now).await?;
        let life = ask.controls(|controls| controls.life_cycle);
        let mut instance = self.instances.get(&id).cloned().unwrap_or_default();
        if let Some(name) = instance.delete((&current, &status), &ask.query, (now, &life))? {
            self.take(ask, (&id, name), Phases::start(now, &[("creating", life.deleting)])).await?;
        }
        instance.render("deleting", &mut current);
        self.instances.insert(id.clone(), instance);
        ask.controls(|controls| controls.statuses.remove(&id));
        Ok(answer("rds", ask.action(), [current]))
    }

    pub(super) async fn reboot(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let (id, mut current, status) = self.current(ask, now).await?;
        let delay = ask.controls(|controls| controls.life_cycle.modifying);
        let instance = self.instances.entry(id).or_default();
        instance.begin((&current, &status), &[("rebooting", delay)], now)?;
        instance.render("rebooting", &mut current);
        Ok(answer("rds", ask.action(), [current]))
    }

    pub(super) async fn snapshot(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
    ) -> Result<Element, Refusal> {
        let (id, current, status) = self.current(ask, now).await?;
        let busy = [("backing-up", ask.controls(|controls| controls.life_cycle.backing_up))];
        let mut instance = self.instances.get(&id).cloned().unwrap_or_default();
        instance.begin((&current, &status), &busy, now)?;
        let mut root = ask.send("rds", &ask.query.clone().with(ID, &id)).await?;
        self.instances.insert(id, instance);
        if let Some(node) = find_mut(&mut root, "DBSnapshot") {
            let phases = Phases::start(now, &[("creating", busy[0].1)]);
            self.snapshots.insert(node.text_of("DBSnapshotIdentifier").to_owned(), phases);
            node.set(Element::leaf("Status", "creating"));
        }
        Ok(root)
    }

    pub(super) async fn drop_snapshot(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
    ) -> Result<Element, Refusal> {
        let name = ask.query.get("DBSnapshotIdentifier").unwrap_or_default();
        if self.snapshots.get(name).is_some_and(|phases| !phases.is_over(now)) {
            return Err(Refusal::new(400, "InvalidDBSnapshotState", format!("{name} is busy")));
        }
        let root = ask.forward().await?;
        self.snapshots.remove(name);
        Ok(root)
    }

    async fn take(
        &mut self,
        ask: &Ask<'_>,
        (id, name): (&str, &str),
        phases: Phases,
    ) -> Result<(), Refusal> {
        let query = Query::new("CreateDBSnapshot", VERSION).with(ID, id);
        ask.send("rds", &query.with("DBSnapshotIdentifier", name)).await?;
        self.snapshots.insert(name.to_owned(), phases);
        Ok(())
    }

    pub(super) async fn apply_maintenance(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
    ) -> Result<Element, Refusal> {
        let (id, starts) = maintenance::apply(ask)?;
        if starts {
            let query = Query::new("DescribeDBInstances", VERSION).with(ID, &id);
            let (current, status) = self.read(ask, &id, &query, now).await?;
            let busy = [("maintenance", ask.controls(|controls| controls.life_cycle.modifying))];
            self.instances.entry(id.clone()).or_default().begin((&current, &status), &busy, now)?;
            maintenance::done(ask, &id, ask.query.get("ApplyAction"));
        }
        maintenance::applied(ask, &id).await
    }
}
