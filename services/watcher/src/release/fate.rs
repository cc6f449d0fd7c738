//! What becomes of an item whose claim no watch knows. Pure.

use proto::{Desired, Record, WorkItem};

use crate::reconcile::desire::owns_nothing;
use crate::reconcile::remove::is_absent;

/// What a live look at the claim showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// It is there, with the item's uid.
    There,
    /// It is not, or another one has its name.
    Gone,
    /// Its kind is not installed, or we may not look.
    Unknown,
}

/// What becomes of the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing is left to do.
    Done,
    /// Its claim lives.
    Lives,
    /// Nothing can be lost by letting it go.
    Expires,
    /// Its deletion is under way.
    Leaving,
    /// Its claim vanished without being deleted: its resource may hold data.
    Orphaned {
        /// The claim is known to be gone; else it is only out of our sight.
        is_proven: bool,
    },
}

pub(super) fn fate(item: &WorkItem, sight: Sight, record: Option<&Record>) -> Fate {
    match (sight, item.desired) {
        (Sight::There, _) => Fate::Lives,
        (_, Desired::Released) => Fate::Done,
        (Sight::Gone, _) if owns_nothing(item, record) => Fate::Expires,
        // The finalizer may have been removed by hand: only the record says that the resource is gone.
        (_, Desired::Absent) if is_absent(item, record) => Fate::Expires,
        (_, Desired::Absent) => Fate::Leaving,
        (sight, _) => Fate::Orphaned { is_proven: sight == Sight::Gone },
    }
}

#[cfg(test)]
mod tests {
    use proto::{Kind, Provider, State};

    use super::*;
    use crate::reconcile::observe::fixture::{published, record};

    fn item(kind: Kind, provider: Provider, desired: Desired) -> WorkItem {
        let mut item = published(provider).last.unwrap();
        item.identity.kind = kind;
        item.desired = desired;
        item
    }

    #[test]
    fn the_fate_of_an_item_follows_from_a_live_look() {
        use Desired::{Absent, Paused, Present, Released};
        use Provider::{Aws, Openshift};
        let orphan = |is_proven| Fate::Orphaned { is_proven };
        let table = [
            (Kind::Redis, Aws, Present, Sight::There, Fate::Lives),
            (Kind::Redis, Aws, Absent, Sight::There, Fate::Lives),
            (Kind::Redis, Aws, Present, Sight::Gone, orphan(true)),
            (Kind::Redis, Openshift, Paused, Sight::Gone, orphan(true)),
            (Kind::Redis, Aws, Present, Sight::Unknown, orphan(false)),
            (Kind::BlobStorage, Aws, Present, Sight::Gone, orphan(true)),
            (Kind::BlobStorage, Openshift, Present, Sight::Gone, Fate::Expires),
            (Kind::SmtpCredentialSet, Openshift, Present, Sight::Gone, Fate::Expires),
            (Kind::BlobStorage, Openshift, Present, Sight::Unknown, orphan(false)),
            (Kind::BlobStorage, Openshift, Present, Sight::There, Fate::Lives),
            (Kind::Redis, Aws, Absent, Sight::Gone, Fate::Leaving),
            (Kind::Redis, Aws, Released, Sight::Gone, Fate::Done),
        ];
        for (kind, provider, desired, sight, expected) in table {
            let item = item(kind, provider, desired);
            assert_eq!(fate(&item, sight, None), expected, "{kind} {provider} {desired} {sight:?}");
        }
    }

    #[test]
    fn a_bucket_in_the_cluster_is_an_orphan_and_a_placeholder_is_not() {
        let mut observed = published(Provider::Openshift);
        let placeholder = item(Kind::BlobStorage, Provider::Openshift, Desired::Present);
        observed.last = Some(placeholder.clone());
        let orphan = Fate::Orphaned { is_proven: true };
        let mut asking = placeholder.clone();
        asking.strategy.as_mut().unwrap().json =
            r#"{"strategy":{"objectBucketClaim":{"storageClassName":"a"}}}"#.into();
        assert_eq!(fate(&asking, Sight::Gone, None), orphan);
        let mut record = record(&observed, State::Ready, None);
        assert_eq!(fate(&placeholder, Sight::Gone, Some(&record)), Fate::Expires);
        record.placement.identifier = Some("files-x".into());
        assert_eq!(fate(&placeholder, Sight::Gone, Some(&record)), orphan, "it was asked for once");
    }

    #[test]
    fn a_tombstone_expires_only_when_its_record_says_that_the_resource_is_gone() {
        let mut observed = published(Provider::Aws);
        let tombstone = item(Kind::Redis, Provider::Aws, Desired::Absent);
        observed.last = Some(tombstone.clone());
        for state in [State::Pending, State::Ready, State::Refused] {
            let record = record(&observed, state, None);
            assert_eq!(fate(&tombstone, Sight::Gone, Some(&record)), Fate::Leaving, "{state}");
        }
        let absent = record(&observed, State::Absent, None);
        assert_eq!(fate(&tombstone, Sight::Gone, Some(&absent)), Fate::Expires);
    }
}
