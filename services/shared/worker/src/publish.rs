//! Publishes connections, each once for its item.

use proto::{Connection, Digest, Field, State, Subject, WorkItem};

use crate::turns::tell;
use crate::work::{Interrupted, Work};

/// The connection of this item.
pub(crate) fn connection(
    item: &WorkItem,
    fields: Vec<(&'static str, Field)>,
    simulated: bool,
) -> Connection {
    Connection {
        item_id: item.item_id.clone(),
        identity: item.identity.clone(),
        provider: item.placement.provider,
        fields: fields.into_iter().map(|(key, field)| (key.to_owned(), field)).collect(),
        simulated,
    }
}

/// Publishes the connection unless it is there already. The record comes first: when another replica has worked
/// meanwhile, that write fails, and what we saw cannot replace what it published. Should we end in between, the
/// record is pending, and the next turn finds that its connection is not there.
pub(crate) async fn publish(
    work: &mut Work<'_>,
    connection: &Connection,
) -> Result<(), Interrupted> {
    let identity = &work.item.identity;
    let subject = Subject::Result(connection.provider, identity.kind, identity.uid.clone());
    let last = work.bus.read::<Connection>(&subject).await?;
    if is_published(connection, last.value.as_ref(), work.record.digest.as_ref()) {
        return Ok(());
    }
    work.record.digest = Some(connection.digest());
    tell(work, State::Pending, "Publishing", "publishing the connection details".to_owned());
    work.fence().await?;
    work.bus.write(&subject, connection, last.sequence, None).await?;
    Ok(())
}

/// Whether the last connection is this one, of this item. When the record names another one, that may still be on its
/// way from a replica that lost its lease: publishing again makes its write fail.
fn is_published(
    connection: &Connection,
    last: Option<&Connection>,
    recorded: Option<&Digest>,
) -> bool {
    let digest = connection.digest();
    let is_this = |last: &Connection| last.item_id == connection.item_id && last.digest() == digest;
    recorded == Some(&digest) && last.is_some_and(is_this)
}

#[cfg(test)]
mod tests {
    use proto::{Identity, ItemId, Kind, Provider};

    use super::*;

    #[test]
    fn a_connection_is_published_until_stream_and_record_name_it_for_this_item() {
        let identity = Identity {
            kind: Kind::Redis,
            namespace: "shop".into(),
            name: "cache".into(),
            uid: "a".parse().unwrap(),
            generation: 1,
        };
        let connection = |host: &str| Connection {
            item_id: ItemId::random(),
            identity: identity.clone(),
            provider: Provider::Openshift,
            fields: [("uri".to_owned(), Field::Literal(host.to_owned()))].into(),
            simulated: false,
        };
        let (ours, other) = (connection("new"), connection("old"));
        let of_another_item = Connection { item_id: ItemId::random(), ..ours.clone() };
        let (named, unnamed) = (Some(ours.digest()), Some(other.digest()));
        let table = [
            (Some(&ours), &named, true),
            (None, &named, false),
            (Some(&other), &named, false),
            (Some(&of_another_item), &named, false),
            (Some(&ours), &unnamed, false),
            (Some(&ours), &None, false),
        ];
        for (last, recorded, expected) in table {
            let found = is_published(&ours, last, recorded.as_ref());
            assert_eq!(found, expected, "{last:?} {recorded:?}");
        }
    }
}
