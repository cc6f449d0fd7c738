//! Makes the instance.

use proto::Kind;
use worker::TurnError;

use crate::creation::{Creation, create, obstacle};
use crate::facts;
use crate::password;

use super::super::known;
use super::super::message::Wait;
use super::super::observed::Observed;
use super::Actor;

impl Actor<'_, '_> {
    /// Makes the instance. `Some` when something must show first.
    pub(super) async fn create(
        &mut self,
        version: String,
        observed: &mut Observed,
    ) -> Result<Option<Wait>, TurnError> {
        let (rds, desired) = (&self.clients.rds, self.desired);
        let target = &desired.target;
        if let Some(why) = obstacle(self.work, Kind::Postgres, &target.place).await? {
            return Ok(Some(self.no_network(why)));
        }
        facts::pin(self.work, &target.place, &target.id);
        let password = password::of_new(self.work, Some(desired.username())).await?;
        let created = create(self.work, known::CREATE, Kind::Postgres, async |network| {
            rds.create(&desired.new_instance(version, &network), &password).await
        });
        let created = created.await;
        self.touched.touch(&self.work.item.identity.uid);
        match created? {
            Creation::Made(mut instance) => {
                known::created(self.work, &desired.settings);
                instance.tags.extend(desired.tags.clone());
                observed.has_password = true;
                observed.instance = Some(instance);
                Ok(None)
            }
            Creation::Hidden => Ok(Some(Wait::Hidden)),
            Creation::NoNetwork(why) => Ok(Some(self.no_network(why))),
        }
    }

    fn no_network(&mut self, why: String) -> Wait {
        facts::waiting(self.work);
        Wait::Network { why, age: facts::waited(self.work) }
    }
}
