//! Steady state: nobody asks for anything.

use std::time::Duration;

use crate::bench::{Bench, per_claim};
use crate::counts::{Class, Counts};
use crate::figure;

/// Looks on.
pub async fn measure(bench: &mut Bench, duration: Duration) -> anyhow::Result<()> {
    bench.settled().await?;
    let before = Counts::read(&mut bench.stack).await?;
    tokio::time::sleep(duration).await;
    let spent = Counts::read(&mut bench.stack).await?.since(&before);
    let rows = [
        (figure::QUIET_WRITES, Class::Write),
        (figure::QUIET_RENEWALS, Class::Renewal),
        (figure::QUIET_READS, Class::Read),
        (figure::QUIET_PUBLISHES, Class::Publish),
        (figure::QUIET_CALLS, Class::ProviderCall),
        (figure::QUIET_LISTINGS, Class::Listing),
    ];
    for (row, class) in rows {
        bench.report.add(row, "", per_claim(spent.total(class), 1));
    }
    bench.explain("quiet", &spent, 1);
    Ok(())
}
