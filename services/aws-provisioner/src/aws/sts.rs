//! STS: who we are.

use aws_config::{Region, SdkConfig};
use aws_sdk_sts::Client;

use super::error::{Error, Kind};
use super::gate::Gate;
use crate::aws::operations::sts as api;
use crate::place::Caller;

pub(super) fn client(sdk: &SdkConfig, region: &str) -> Client {
    let region = Region::new(region.to_owned());
    Client::from_conf(aws_sdk_sts::config::Builder::from(sdk).region(region).build())
}

pub(super) async fn caller(
    gate: &Gate,
    client: &Client,
    region: Option<String>,
) -> Result<Caller, Error> {
    let answer = gate.call(api::GET_CALLER_IDENTITY, client.get_caller_identity().send()).await?;
    answer
        .account
        .zip(answer.arn)
        .and_then(|(account, arn)| Caller::new(account, &arn, region))
        .ok_or_else(|| Error {
            operation: api::GET_CALLER_IDENTITY,
            kind: Kind::Unknown,
            code: "NoIdentity".to_owned(),
        })
}
