//! Items that nobody may ever handle: their delivery was acknowledged or given up, and no record speaks of them. A
//! store that was partly wiped and a replica with older keys leave such items. Pure.

use std::collections::HashMap;

use proto::{Desired, ItemId, Record, Subject, WorkItem};

/// Items without a record of theirs, as one audit saw them.
#[derive(Debug, Default)]
pub(super) struct Unhandled(HashMap<Subject, ItemId>);

impl Unhandled {
    /// Notes an item if no record speaks of it.
    pub(super) fn note(&mut self, subject: &Subject, item: &WorkItem, record: Option<&Record>) {
        let is_handled = record.is_some_and(|record| record.item_id == item.item_id);
        if !is_handled && item.desired != Desired::Released {
            self.0.insert(subject.clone(), item.item_id.clone());
        }
    }

    /// Those that an earlier audit saw too: a whole period was not enough.
    pub(super) fn since<'a>(&'a self, earlier: &'a Self) -> impl Iterator<Item = &'a Subject> {
        let was_there = |(subject, id): &(&Subject, &ItemId)| earlier.0.get(*subject) == Some(*id);
        self.0.iter().filter(was_there).map(|(subject, _)| subject)
    }
}

#[cfg(test)]
mod tests {
    use proto::{Kind, Provider, State};

    use super::*;
    use crate::reconcile::observe::fixture::{published, record};

    fn saw(item: &WorkItem, record: Option<&Record>) -> (Subject, Unhandled) {
        let subject = Subject::Work(Provider::Aws, Kind::Postgres, item.identity.uid.clone());
        let mut unhandled = Unhandled::default();
        unhandled.note(&subject, item, record);
        (subject, unhandled)
    }

    #[test]
    fn an_item_that_two_audits_saw_unhandled_is_found() {
        let observed = published(Provider::Aws);
        let item = observed.last.clone().unwrap();
        let (subject, first) = saw(&item, None);
        let (_, second) = saw(&item, None);
        assert_eq!(second.since(&first).collect::<Vec<_>>(), [&subject]);
        assert_eq!(second.since(&Unhandled::default()).count(), 0, "it was seen once");
        let (_, newer) = saw(&published(Provider::Aws).last.unwrap(), None);
        assert_eq!(newer.since(&first).count(), 0, "it is another item");
    }

    #[test]
    fn a_record_of_the_item_is_enough_whatever_it_says() {
        let observed = published(Provider::Aws);
        let item = observed.last.clone().unwrap();
        let (_, first) = saw(&item, None);
        let handled = record(&observed, State::Pending, None);
        let (_, second) = saw(&item, Some(&handled));
        assert_eq!(second.since(&first).count(), 0);
        let released = WorkItem { desired: Desired::Released, ..item };
        assert_eq!(saw(&released, None).1.since(&first).count(), 0);
    }
}
