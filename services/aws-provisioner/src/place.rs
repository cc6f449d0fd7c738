//! Where a claim's resources live: pinned once, for life.

use proto::Placement;

use crate::error::Error;

/// Whom our credentials belong to, as STS says, and the region of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Account id.
    pub account: String,
    /// Partition of every ARN, such as `aws-us-gov`: looked up, never assumed.
    pub partition: String,
    /// We act as an assumed role (STS, IRSA, Pod Identity), so workloads can do the same.
    pub is_role: bool,
    /// Region of the SDK's chain.
    pub region: Option<String>,
}

/// One region of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Account id.
    pub account: String,
    /// Partition of every ARN.
    pub partition: String,
    /// Region.
    pub region: String,
}

impl Caller {
    /// Reads what STS answers.
    pub fn new(account: String, arn: &str, region: Option<String>) -> Option<Self> {
        let mut parts = arn.split(':');
        let partition = parts.nth(1).filter(|it| !it.is_empty())?.to_owned();
        let is_role = parts.nth(3)?.starts_with("assumed-role/");
        Some(Self { account, partition, is_role, region })
    }

    /// The place of a claim: its pin wins, then the strategy's region, then the environment's.
    pub fn place(&self, pinned: &Placement, region: Option<&str>) -> Result<Place, Error> {
        if !pinned.account.is_empty() && pinned.account != self.account {
            let (pinned, found) = (pinned.account.clone(), self.account.clone());
            return Err(Error::PinnedElsewhere { pinned, found });
        }
        let pin = Some(pinned.region.as_str()).filter(|region| !region.is_empty());
        let region = pin.or(region).or(self.region.as_deref()).ok_or(Error::NoRegion)?;
        Ok(Place {
            account: self.account.clone(),
            partition: self.partition.clone(),
            region: region.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proto::{ErrorClass, Provider};

    use super::*;

    fn caller(region: Option<&str>) -> Caller {
        Caller::new("1".into(), "arn:aws-cn:iam::1:user/operator", region.map(Into::into)).unwrap()
    }

    fn pin(region: &str, account: &str) -> Placement {
        let (region, account) = (region.to_owned(), account.to_owned());
        Placement { region, account, ..Placement::at(Provider::Aws) }
    }

    #[test]
    fn the_partition_and_the_role_are_read_from_the_arn() {
        let role = "arn:aws-us-gov:sts::1:assumed-role/operator/session";
        let role = Caller::new("1".into(), role, None).unwrap();
        assert_eq!((role.partition.as_str(), role.is_role), ("aws-us-gov", true));
        assert_eq!(caller(None).partition, "aws-cn");
        assert!(!caller(None).is_role);
        assert_eq!(Caller::new("1".into(), "nonsense", None), None);
    }

    #[test]
    fn the_pin_wins_over_the_strategy_and_the_strategy_over_the_environment() {
        let here = caller(Some("env"));
        let region = |pinned, wanted| here.place(&pin(pinned, ""), wanted).unwrap().region;
        assert_eq!(region("pin", Some("strategy")), "pin");
        assert_eq!(region("", Some("strategy")), "strategy");
        assert_eq!(region("", None), "env");
        assert!(matches!(caller(None).place(&pin("", ""), None), Err(Error::NoRegion)));
    }

    #[test]
    fn a_claim_of_another_account_needs_a_person() {
        let error = caller(None).place(&pin("r", "2"), None).unwrap_err();
        assert_eq!((error.class(), error.reason()), (ErrorClass::NeedsPerson, "PinnedElsewhere"));
    }
}
