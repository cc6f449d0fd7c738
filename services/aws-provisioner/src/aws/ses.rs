//! SES: how much mail the account may send. Mail itself is sent by whoever has the credentials.
//!
//! <https://docs.aws.amazon.com/ses/latest/APIReference/Welcome.html>

use aws_sdk_ses::Client;
use tokio::time::Instant;

use super::error::Error;
use super::gate::Gate;
use crate::aws::operations::ses as api;
use crate::listing::Listings;
use crate::place::Place;

/// Mail of one region.
#[derive(Clone)]
pub struct Ses {
    client: Client,
    gate: Gate,
    quotas: Listings<f64>,
}

impl Ses {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate, quotas: Listings::default() }
    }

    /// How many messages the account may send in 24 hours; -1 for no limit. Asked at `not_before` or later, for all.
    pub async fn daily_quota(&self, place: &Place, not_before: Instant) -> Result<f64, Error> {
        let ask = async {
            let request = self.client.get_send_quota();
            let answer = self.gate.call(api::GET_SEND_QUOTA, request.send()).await?;
            Ok(answer.max24_hour_send)
        };
        Ok(*self.quotas.get(place, not_before, ask).await?)
    }
}
