//! Makes the group.

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
    /// Makes the group. `Some` when something must show first.
    pub(super) async fn create(
        &mut self,
        version: String,
        observed: &mut Observed,
    ) -> Result<Option<Wait>, TurnError> {
        let (elasticache, desired) = (&self.clients.elasticache, self.desired);
        let target = &desired.target;
        if let Some(why) = obstacle(self.work, Kind::Redis, &target.place).await? {
            return Ok(Some(self.no_network(why)));
        }
        facts::pin(self.work, &target.place, &target.id);
        let token =
            if desired.has_auth { Some(password::of_new(self.work, None).await?) } else { None };
        let created = create(self.work, known::CREATE, Kind::Redis, async |network| {
            elasticache.create(&desired.new_group(version, &network), token.as_ref()).await
        });
        let created = created.await;
        self.touch();
        match created? {
            Creation::Made(group) => {
                known::created(self.work);
                known::owned(self.work);
                known::tagged(self.work, &desired.tags);
                observed.has_password = true;
                observed.group = Some(group);
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
