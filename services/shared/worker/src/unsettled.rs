//! Work that nobody may be going on with.
//!
//! A delivery comes back until it is settled. A wake does not: what it leaves unfinished is tried again from the memory
//! of one process, and its delivery may have been acked long ago. The record says that something is left to do, and
//! whoever starts, or sees it stand still, goes on. When somebody is at it already, the lease tells.

use std::collections::HashMap;
use std::time::Duration;

use bus::RecordFollower;
use proto::{Record, State, Uid};
use service::Process;
use service::status::StatusSource as _;

use crate::wake::Waker;

/// Longer than almost all delays, so that a record that was tried again has changed.
const PERIOD: Duration = Duration::from_mins(10);
/// How often to look whether the records have been read; they are, within moments of the bus being there.
const POLL: Duration = Duration::from_millis(200);

type Records = HashMap<Uid, Record>;

/// Adds the task that gives unsettled claims a turn, at start and when they stand still, to the process.
pub fn resume(records: &RecordFollower, waker: &Waker, process: &mut Process) {
    let (records, waker, shutdown) = (records.clone(), waker.clone(), process.shutdown.clone());
    process.spawn("unsettled", async move {
        tokio::select! {
            () = run(records, waker) => {}
            () = shutdown.cancelled() => {}
        }
        Ok(())
    });
}

async fn run(records: RecordFollower, waker: Waker) {
    let mut before = None;
    loop {
        let unsettled = unsettled(&records).await;
        for record in unattended(before.as_ref(), &unsettled) {
            waker.wake(record.identity.kind, record.identity.uid.clone());
        }
        before = Some(unsettled);
        tokio::time::sleep(PERIOD).await;
    }
}

async fn unsettled(records: &RecordFollower) -> Records {
    loop {
        if let Some((records, _)) = records.snapshot() {
            let unsettled = records.into_iter().filter(is_unsettled);
            return unsettled.map(|it| (it.identity.uid.clone(), it)).collect();
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Waiting for something, or left in the midst of a call by a process that ended.
fn is_unsettled(record: &Record) -> bool {
    record.state == State::Pending || record.intent.is_some()
}

/// All of them at the first look; later those that have not changed since the last.
fn unattended<'a>(
    before: Option<&'a Records>,
    unsettled: &'a Records,
) -> impl Iterator<Item = &'a Record> {
    let stands_still = move |(uid, record): &(&Uid, &Record)| {
        before.is_none_or(|it| it.get(*uid) == Some(*record))
    };
    unsettled.iter().filter(stands_still).map(|(_, record)| record)
}

#[cfg(test)]
mod tests {
    use proto::{Identity, Intent, ItemId, Kind, Placement, Provider};

    use super::*;

    fn record(item: &ItemId, uid: &str, attempts: u32) -> (Uid, Record) {
        let identity = Identity {
            kind: Kind::Redis,
            namespace: "shop".into(),
            name: uid.into(),
            uid: uid.parse().unwrap(),
            generation: 1,
        };
        let record = Record::new(identity, Placement::at(Provider::Openshift), item.clone());
        (record.identity.uid.clone(), Record { attempts, ..record })
    }

    #[test]
    fn what_waits_or_was_left_in_the_midst_of_a_call_is_unsettled() {
        let (_, pending) = record(&ItemId::random(), "u", 0);
        let ready = Record { state: State::Ready, ..pending.clone() };
        let intent = Intent { step: "a.call".into(), item_id: ready.item_id.clone(), at_ms: 1 };
        let interrupted = Record { intent: Some(intent), ..ready.clone() };
        assert_eq!([pending, ready, interrupted].map(|it| is_unsettled(&it)), [true, false, true]);
    }

    #[test]
    fn after_the_first_look_only_what_stands_still_is_woken() {
        let item = ItemId::random();
        let record = |uid, attempts| record(&item, uid, attempts);
        let before = Records::from([record("still", 1), record("tried", 1), record("settled", 1)]);
        let now = Records::from([record("still", 1), record("tried", 2), record("new", 0)]);
        let woken = |before: Option<&Records>| {
            let mut uids: Vec<_> =
                unattended(before, &now).map(|it| it.identity.uid.to_string()).collect();
            uids.sort();
            uids
        };
        assert_eq!(woken(None), ["new", "still", "tried"]);
        assert_eq!(woken(Some(&before)), ["still"]);
    }
}
