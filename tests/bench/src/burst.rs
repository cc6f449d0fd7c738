//! Many claims at once.

use futures::future::try_join_all;
use jiff::Timestamp;
use stack::Claim;

use crate::bench::{Bench, per_claim};
use crate::counts::Class;
use crate::figure;
use crate::processes::processor_time;
use crate::sample::Sample;
use crate::statistics::{Span, percentile};
use crate::timeline::Moment;

/// Makes Postgres and Redis claims, all at once.
pub async fn measure(bench: &mut Bench, count: usize) -> anyhow::Result<()> {
    let before = bench.settled().await?;
    let time_before = processor_time(&mut bench.stack)?;
    let samples = [Sample::Postgres, Sample::Redis].into_iter().cycle();
    let claims: Vec<Claim> =
        samples.zip(0..count).map(|(sample, number)| sample.claim("burst", number)).collect();
    let created = try_join_all(claims.iter().map(|claim| create(bench, claim))).await?;
    bench.until(Moment::Secret, &claims).await?;
    bench.until(Moment::Complete, &claims).await?;
    let spent = bench.settled().await?.since(&before);
    add_times(bench, &claims, &created);
    let counts = [
        (figure::BURST_WRITES, Class::Write),
        (figure::BURST_READS, Class::Read),
        (figure::BURST_PUBLISHES, Class::Publish),
    ];
    for (row, class) in counts {
        bench.report.add(row, "", per_claim(spent.total(class), count));
    }
    for ((service, before), (_, now)) in
        time_before.into_iter().zip(processor_time(&mut bench.stack)?)
    {
        bench.report.add(figure::BURST_CPU, service.as_str(), per_claim(now - before, count));
    }
    bench.explain("burst", &spent, count);
    Ok(())
}

async fn create(bench: &Bench, claim: &Claim) -> anyhow::Result<Timestamp> {
    let created = Timestamp::now();
    bench.stack.create(claim).await?;
    Ok(created)
}

fn add_times(bench: &mut Bench, claims: &[Claim], created: &[Timestamp]) {
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
        (figure::BURST_PODS, last(Moment::Available)),
        (figure::BURST_ALL, last(Moment::Complete)),
    ];
    for (row, value) in figures {
        bench.report.add(row, "", value);
    }
}
