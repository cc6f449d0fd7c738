//! What a strategy may say about mail.

use proto::Strategy as Tier;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::place::Place;
use crate::strategy::{Described, Field, Read, StrategyError, describe, looks_like_region, read};

const TIER: &[Field] = &[
    Field::take("region"),
    Field::nested("createStrategy", &[Field::take("identities")]),
    Field::nested("deleteStrategy", &[]),
];
const IDENTITIES: &str = "createStrategy.identities";

/// One tier for mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Strategy {
    /// Region of new credentials.
    pub region: Option<String>,
    /// What they are for.
    pub create_strategy: Create,
}

/// What credentials are for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Create {
    /// Identities that mail may be sent from: domains, addresses, or ARNs. None: all of the account and region.
    pub identities: Vec<String>,
}

impl Strategy {
    /// What a tier may say, for the reference.
    pub(crate) fn describe() -> Vec<Described> {
        describe::<Self>(TIER)
    }

    /// Reads a tier; an empty text is an empty object.
    pub fn read(tier: &Tier) -> Result<Read<Self>, StrategyError> {
        let json = if tier.json.trim().is_empty() { "{}" } else { &tier.json };
        let read = read::<Self>(json, TIER)?;
        match read.strategy.region.as_deref().filter(|region| !looks_like_region(region)) {
            Some(region) => Err(StrategyError {
                path: "region".to_owned(),
                problem: format!("{region:?} is no AWS region"),
            }),
            None => Ok(read),
        }
    }

    /// The ARNs of what mail may be sent from.
    pub fn arns(&self, place: &Place) -> Result<Vec<String>, StrategyError> {
        let Place { account, partition, region } = place;
        let of = |name: &str| format!("arn:{partition}:ses:{region}:{account}:identity/{name}");
        let identities = &self.create_strategy.identities;
        if identities.is_empty() {
            return Ok(vec![of("*")]);
        }
        let arn = |(number, text): (usize, &String)| {
            let is_arn = text.starts_with("arn:");
            let problem = match () {
                () if is_arn && !is_identity(text, place) => {
                    format!("{text:?} is no ARN of an SES identity in {region}")
                }
                () if !is_arn && !is_name(text) => {
                    format!("{text:?} is neither a domain nor an address nor an ARN")
                }
                () if is_arn => return Ok(text.clone()),
                () => return Ok(of(text)),
            };
            Err(StrategyError { path: format!("{IDENTITIES}[{number}]"), problem })
        };
        identities.iter().enumerate().map(arn).collect()
    }
}

/// An identity may be another account's that has authorized this one.
fn is_identity(arn: &str, place: &Place) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts[..], [_, partition, "ses", region, account, resource]
        if partition == place.partition
            && region == place.region
            && account.len() == 12
            && resource.strip_prefix("identity/").is_some_and(is_name))
}

/// A wildcard would open more than the administrator can see from it.
fn is_name(text: &str) -> bool {
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || "@.-_+=".contains(it);
    !text.is_empty() && text.len() <= 320 && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arns(json: &str) -> Result<Vec<String>, StrategyError> {
        let tier = Tier { tier: "production".into(), json: json.into() };
        let place = Place {
            account: "123456789012".into(),
            partition: "aws-us-gov".into(),
            region: "us-gov-west-1".into(),
        };
        Strategy::read(&tier)?.strategy.arns(&place)
    }

    #[test]
    fn identities_are_named_or_all_of_the_region() {
        let all = "arn:aws-us-gov:ses:us-gov-west-1:123456789012:identity/";
        assert_eq!(arns("").unwrap(), [format!("{all}*")]);
        let other = "arn:aws-us-gov:ses:us-gov-west-1:210987654321:identity/them.example";
        let json = format!(
            r#"{{"createStrategy":{{"identities":["a.example","me@b.example","{other}"]}}}}"#
        );
        let expected = [format!("{all}a.example"), format!("{all}me@b.example"), other.to_owned()];
        assert_eq!(arns(&json).unwrap(), expected);
    }

    #[test]
    fn what_is_no_identity_is_refused_with_its_path() {
        let elsewhere = "arn:aws-us-gov:ses:eu-west-1:123456789012:identity/a.example";
        let queue = "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:a";
        for wrong in ["*", "", "a b", elsewhere, queue] {
            let json = format!(r#"{{"createStrategy":{{"identities":["a.example","{wrong}"]}}}}"#);
            let error = arns(&json).unwrap_err();
            assert_eq!(error.path, "createStrategy.identities[1]", "{wrong}");
        }
        let error = arns(r#"{"createStrategy":{"identities":"a.example"}}"#).unwrap_err();
        assert_eq!(error.path, "createStrategy.identities");
    }
}
