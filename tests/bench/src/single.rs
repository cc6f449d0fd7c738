//! One claim after the other.

use jiff::Timestamp;
use stack::{Call, Claim};

use crate::bench::{Bench, per_claim};
use crate::counts::{Class, Counts};
use crate::figure;
use crate::sample::Sample;
use crate::statistics::{Span, percentile};
use crate::timeline::Moment;

/// Milliseconds of one claim.
struct Times {
    secret: f64,
    complete: f64,
    overhead: f64,
}

/// Makes claims of one kind, one after the other. Returns them.
pub async fn measure(
    bench: &mut Bench,
    sample: Sample,
    count: usize,
) -> anyhow::Result<Vec<Claim>> {
    let before = bench.settled().await?;
    let claims: Vec<Claim> = (0..count).map(|number| sample.claim("single", number)).collect();
    let mut times = Vec::new();
    for claim in &claims {
        times.push(one(bench, claim).await?);
    }
    let spent = bench.settled().await?.since(&before);
    add_times(bench, sample, &times);
    add_counts(bench, sample, &spent, count);
    Ok(claims)
}

async fn one(bench: &Bench, claim: &Claim) -> anyhow::Result<Times> {
    let created = Timestamp::now();
    bench.stack.create(claim).await?;
    let claims = [claim.clone()];
    bench.until(Moment::Secret, &claims).await?;
    bench.until(Moment::Complete, &claims).await?;
    let at = |moment| bench.timeline.at(moment, &claim.name);
    let until = |moment| Span { from: created, to: at(moment).unwrap_or(created) };
    let secret = until(Moment::Secret);
    let pods = at(Moment::Deployed)
        .zip(at(Moment::Available))
        .map(|(deployed, available)| Span { from: deployed, to: available });
    let others: Vec<Span> = bench.stack.aws.calls().iter().map(span).chain(pods).collect();
    let overhead = secret.milliseconds() - secret.busy_milliseconds(&others);
    Ok(Times {
        secret: secret.milliseconds(),
        complete: until(Moment::Complete).milliseconds(),
        overhead,
    })
}

fn span(call: &Call) -> Span {
    Span { from: call.at, to: call.at.checked_add(call.duration).unwrap_or(call.at) }
}

fn add_times(bench: &mut Bench, sample: Sample, times: &[Times]) {
    let column = |pick: fn(&Times) -> f64| times.iter().map(pick).collect::<Vec<f64>>();
    let columns = [
        (figure::SECRET_P50, figure::SECRET_P95, column(|it| it.secret)),
        (figure::COMPLETE_P50, figure::COMPLETE_P95, column(|it| it.complete)),
        (figure::OVERHEAD_P50, figure::OVERHEAD_P95, column(|it| it.overhead)),
    ];
    for (half, most, values) in columns {
        bench.report.add(half, sample.as_str(), percentile(&values, 50));
        bench.report.add(most, sample.as_str(), percentile(&values, 95));
    }
}

fn add_counts(bench: &mut Bench, sample: Sample, spent: &Counts, count: usize) {
    let rows = [
        (figure::CLAIM_WRITES, Class::Write),
        (figure::CLAIM_READS, Class::Read),
        (figure::CLAIM_PUBLISHES, Class::Publish),
    ];
    for (row, class) in rows {
        bench.report.add(row, sample.as_str(), per_claim(spent.total(class), count));
    }
    let calls = spent.total(Class::ProviderCall) + spent.total(Class::Listing);
    bench.report.add(sample.calls(), sample.as_str(), per_claim(calls, count));
    if let Some(by_hand) = sample.calls_by_hand() {
        let ratio = per_claim(calls, count) / f64::from(by_hand);
        bench.report.add(figure::BY_HAND, sample.as_str(), ratio);
    }
    bench.explain(sample.as_str(), spent, count);
}
