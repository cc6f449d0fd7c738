//! Many claims at once.

use futures::future::try_join_all;
use jiff::Timestamp;
use stack::Claim;

use crate::bench::{Bench, per_claim};
use crate::counts::{Class, Counts};
use crate::figure::{self, Row};
use crate::processes::processor_time;
use crate::sample::Sample;
use crate::statistics::{Span, percentile};
use crate::timeline::Moment;

/// What is made at once.
pub struct Burst {
    /// Its part in the ids of figures.
    pub name: &'static str,
    /// By turns.
    pub samples: &'static [Sample],
    /// How many in all.
    pub count: usize,
    /// The time until all are complete, with its aim.
    pub all: Row,
}

/// Makes claims, all at once.
pub async fn measure(bench: &mut Bench, burst: &Burst) -> anyhow::Result<()> {
    let before = bench.settled().await?;
    let time_before = processor_time(&mut bench.stack)?;
    let samples = burst.samples.iter().cycle();
    let claims: Vec<Claim> = samples
        .zip(0..burst.count)
        .map(|(sample, number)| sample.claim(burst.name, number))
        .collect();
    let created = try_join_all(claims.iter().map(|claim| create(bench, claim))).await?;
    bench.until(Moment::Secret, &claims).await?;
    bench.until(Moment::Complete, &claims).await?;
    let spent = bench.settled().await?.since(&before);
    add_times(bench, burst, &claims, &created);
    add_counts(bench, burst, &spent);
    for ((service, before), (_, now)) in
        time_before.into_iter().zip(processor_time(&mut bench.stack)?)
    {
        let part = format!("{}.{}", burst.name, service.as_str());
        bench.report.add(figure::BURST_CPU, &part, per_claim(now - before, burst.count));
    }
    Ok(())
}

fn add_counts(bench: &mut Bench, burst: &Burst, spent: &Counts) {
    let rows = [
        (figure::BURST_WRITES, Class::Write, burst.count),
        (figure::BURST_READS, Class::Read, burst.count),
        (figure::BURST_PUBLISHES, Class::Publish, burst.count),
        (figure::BURST_CALLS, Class::ProviderCall, burst.count),
        (figure::BURST_LISTINGS, Class::Listing, 1),
    ];
    for (row, class, claims) in rows {
        bench.report.add(row, burst.name, per_claim(spent.total(class), claims));
    }
    bench.explain(burst.name, spent, burst.count);
}

async fn create(bench: &Bench, claim: &Claim) -> anyhow::Result<Timestamp> {
    let created = Timestamp::now();
    bench.stack.create(claim).await?;
    Ok(created)
}

fn add_times(bench: &mut Bench, burst: &Burst, claims: &[Claim], created: &[Timestamp]) {
    let first = created.iter().min().copied().unwrap_or_default();
    let last = |moment| {
        let moments = claims.iter().filter_map(|claim| bench.timeline.at(moment, &claim.name));
        Span { from: first, to: moments.max().unwrap_or(first) }.seconds()
    };
    let each = |moment| {
        let spans = claims.iter().zip(created).map(|(claim, created)| Span {
            from: *created,
            to: bench.timeline.at(moment, &claim.name).unwrap_or(*created),
        });
        spans.map(Span::seconds).collect::<Vec<f64>>()
    };
    let (secret, complete) = (each(Moment::Secret), each(Moment::Complete));
    let figures = [
        (figure::BURST_SECRET_P50, percentile(&secret, 50)),
        (figure::BURST_SECRET_P95, percentile(&secret, 95)),
        (figure::BURST_COMPLETE_P50, percentile(&complete, 50)),
        (figure::BURST_COMPLETE_P95, percentile(&complete, 95)),
        (burst.all, last(Moment::Complete)),
    ];
    for (row, value) in figures {
        bench.report.add(row, burst.name, value);
    }
    // Nothing on AWS has pods.
    let pods = last(Moment::Available);
    if pods > 0.0 {
        bench.report.add(figure::BURST_PODS, burst.name, pods);
    }
}
