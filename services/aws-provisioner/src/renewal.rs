//! Claims that wait for credentials get a turn when others are mounted: by then they may look only every few minutes.

use std::time::Duration;

use bus::RecordFollower;
use proto::Record;
use service::Process;
use service::status::StatusSource as _;
use tokio::time::sleep;
use worker::Waker;

use crate::aws::{self, Aws};

/// What credentials of another account, or with other permissions, may heal.
const OTHERS: [&str; 3] = ["AccessDenied", "WrongAccount", "PinnedElsewhere"];
const PERIOD: Duration = Duration::from_secs(2);

/// Adds the task that looks at what is mounted to the process.
pub(crate) fn start(aws: &Aws, records: &RecordFollower, waker: &Waker, process: &mut Process) {
    let (aws, records, waker) = (aws.clone(), records.clone(), waker.clone());
    let shutdown = process.shutdown.clone();
    process.spawn("renewal", async move {
        tokio::select! {
            () = run(aws, records, waker) => {}
            () = shutdown.cancelled() => {}
        }
        Ok(())
    });
}

async fn run(aws: Aws, records: RecordFollower, waker: Waker) {
    let mut before = aws.mounted();
    loop {
        sleep(PERIOD).await;
        let mounted = aws.mounted();
        if mounted == before {
            continue;
        }
        before = mounted;
        tracing::info!("other AWS credentials are mounted");
        aws.forget_credentials().await;
        let known = records.snapshot().map(|(known, _)| known).unwrap_or_default();
        for record in known.into_iter().filter(waits) {
            waker.wake(record.identity.kind, record.identity.uid);
        }
    }
}

fn waits(record: &Record) -> bool {
    aws::is_about_credentials(&record.reason) || OTHERS.contains(&record.reason.as_str())
}
