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
        (figure::QUIET_CALLS, Class::ProviderCall),
        (figure::QUIET_LISTINGS, Class::Listing),
    ];
    for (row, class) in rows {
        bench.report.add(row, "", per_claim(spent.total(class), 1));
    }
    // A replica that looks at something for all holds a lease.
    let leases =
        spent.of(Class::Publish).filter(|(what, _)| what.contains(r#"stream="KV_leases""#));
    let leases: u64 = leases.map(|(_, count)| count).sum();
    let messages = spent.total(Class::Publish) - leases;
    bench.report.add(figure::QUIET_PUBLISHES, "", per_claim(messages, 1));
    bench.report.add(figure::QUIET_LEASES, "", per_claim(leases, 1));
    bench.explain("quiet", &spent, 1);
    Ok(())
}
