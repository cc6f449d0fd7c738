//! An hour of aws-provisioner in a minute: its periods are a sixtieth of the defaults.

use std::time::Duration;

use proto::Service;

use crate::bench::{Bench, per_claim};
use crate::counts::{Class, Counts};
use crate::figure;

const HOUR: Duration = Duration::from_mins(1);
/// Names of the periods, s.
const PERIODS: [(&str, &str); 2] =
    [("INVENTORY_PERIOD_SECONDS", "10"), ("DRIFT_PERIOD_SECONDS", "60")];

/// Looks on. There are so many claims on AWS.
pub async fn measure(bench: &mut Bench, claims: usize) -> anyhow::Result<()> {
    let service = bench.stack.service(Service::AwsProvisioner);
    anyhow::ensure!(service.stop().await, "aws-provisioner did not drain");
    for (variable, seconds) in PERIODS {
        service.set(variable, seconds);
    }
    service.start()?;
    service.ready().await?;
    // What has settled just now is not looked at within its first hour.
    tokio::time::sleep(HOUR).await;
    let before = Counts::read(&mut bench.stack).await?;
    tokio::time::sleep(HOUR).await;
    let spent = Counts::read(&mut bench.stack).await?.since(&before);
    let (calls, listings) = (spent.total(Class::ProviderCall), spent.total(Class::Listing));
    bench.report.add(figure::HOUR_CALLS, "", per_claim(calls, claims));
    bench.report.add(figure::HOUR_LISTINGS, "", per_claim(listings, 1));
    bench.explain("hour", &spent, 1);
    Ok(())
}
