//! What is typed well and still cannot be followed. Pure.

use proto::Defaults;

use crate::strategy::{StrategyError, looks_like_region, owner_of_arn};

use super::{Create, Strategy, fields};

impl Strategy {
    /// What is typed well and still cannot be followed.
    pub(super) fn check(&self, defaults: Defaults) -> Result<(), StrategyError> {
        let create = &self.create_strategy;
        let region = self.region.as_deref().unwrap_or("us-east-1");
        let may_be_plain = defaults == Defaults::Cro;
        let is_engine = create.engine.as_deref().is_none_or(|engine| engine == "postgres");
        let checks = [
            ("region", looks_like_region(region), "no AWS region"),
            ("createStrategy.Engine", is_engine, "only postgres is served"),
            (
                "createStrategy.PubliclyAccessible",
                create.publicly_accessible != Some(true),
                "databases are private",
            ),
            (
                "createStrategy.StorageEncrypted",
                create.storage_encrypted != Some(false) || may_be_plain,
                "new databases are encrypted under defaults: secure",
            ),
            (
                "createStrategy.ManageMasterUserPassword",
                create.manage_master_user_password != Some(true),
                fields::NO_PASSWORD,
            ),
            (
                "createStrategy.EngineVersion",
                create.has_sound_version(),
                "no version, such as 15.15",
            ),
            ("serviceUpdates", self.has_sound_updates(), "must be seconds since the Unix epoch"),
        ];
        let error = |path: &str, problem: &str| StrategyError {
            path: path.to_owned(),
            problem: problem.to_owned(),
        };
        let broken = checks.into_iter().find(|(_, is_sound, _)| !is_sound);
        broken.map_or(Ok(()), |(path, _, problem)| Err(error(path, problem)))
    }

    fn has_sound_updates(&self) -> bool {
        self.service_updates.iter().all(|text| text.trim().parse::<i64>().is_ok())
    }
}

impl Create {
    fn has_sound_version(&self) -> bool {
        self.engine_version.as_deref().is_none_or(super::super::version::is_sound)
    }

    /// Keys and roles must be the account's own: another's could read the data, or take it hostage.
    pub fn check_account(&self, account: &str) -> Result<(), StrategyError> {
        let named = [
            ("createStrategy.KmsKeyId", &self.kms_key_id),
            ("createStrategy.MonitoringRoleArn", &self.monitoring_role_arn),
        ];
        let foreign = named.into_iter().find(|(_, text)| {
            let owner = text.as_deref().and_then(owner_of_arn);
            owner.is_some_and(|owner| owner != account)
        });
        foreign.map_or(Ok(()), |(path, _)| {
            let problem = format!("must be of the claim's own AWS account, {account}");
            Err(StrategyError { path: path.to_owned(), problem })
        })
    }
}
