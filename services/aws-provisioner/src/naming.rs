//! External names: readable, and unique by a hash over who asks.

use proto::{AWS_NAME_PREFIX, Identity, ItemId, short_hash};

/// The shortest limit that applies: names of S3 buckets. IAM takes 64.
const MAX_LENGTH: usize = 63;
/// Identifiers of ElastiCache's replication groups, and names of its snapshots.
const SHORT_LENGTH: usize = 40;

/// The name of a claim's bucket and of its IAM user: 3 to 63 lower-case letters, digits and hyphens.
pub fn external_name(cluster_id: &str, identity: &Identity) -> String {
    let readable = format!("{AWS_NAME_PREFIX}{}-{}", identity.namespace, identity.name);
    name(&readable, &identity.hash(cluster_id), MAX_LENGTH)
}

/// The name of a claim's replication group: at most 40 lower-case letters, digits and hyphens.
pub fn short_name(cluster_id: &str, identity: &Identity) -> String {
    let readable = format!("{AWS_NAME_PREFIX}{}-{}", identity.namespace, identity.name);
    name(&readable, &identity.hash(cluster_id), SHORT_LENGTH)
}

/// The name of the final snapshot of a resource: the same for every repeat of one deletion.
pub fn short_final_name(name_of_resource: &str, item: &ItemId) -> String {
    let hash = short_hash(&["final", name_of_resource, item.as_str()]);
    name(&format!("{name_of_resource}-final"), &hash, SHORT_LENGTH)
}

fn name(readable: &str, hash: &str, max_length: usize) -> String {
    let mut readable = slug(readable);
    readable.truncate(max_length - 1 - hash.len());
    format!("{}-{hash}", readable.trim_end_matches('-'))
}

/// Lower-case letters and digits; whatever lies between them becomes one hyphen.
fn slug(text: &str) -> String {
    let words: Vec<_> = text
        .split(|it: char| !it.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use proto::Kind;

    use super::*;

    fn identity(namespace: &str, name: &str) -> Identity {
        Identity {
            kind: Kind::BlobStorage,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: "6f1c7d0e-1111-2222-3333-444455556666".parse().unwrap(),
            generation: 1,
        }
    }

    #[test]
    fn a_name_is_readable_and_never_changes() {
        assert_eq!(
            external_name("mycluster-abc12", &identity("team-a", "pictures")),
            "cro-team-a-pictures-7qsrlqtljmss42bw"
        );
    }

    #[test]
    fn separators_do_not_make_names_collide() {
        let names: HashSet<_> = [("a", "b-c"), ("a-b", "c"), ("a", "b.c"), ("ab", "c")]
            .map(|(namespace, name)| external_name("c-1", &identity(namespace, name)))
            .into_iter()
            .collect();
        assert_eq!(names.len(), 4);
    }

    #[test]
    fn kind_uid_and_cluster_are_part_of_the_name() {
        let base = identity("a", "b");
        let other_kind = Identity { kind: Kind::SmtpCredentialSet, ..base.clone() };
        let other_uid = Identity { uid: "x".parse().unwrap(), ..base.clone() };
        let names: HashSet<_> = [
            external_name("c", &base),
            external_name("d", &base),
            external_name("c", &other_kind),
            external_name("c", &other_uid),
        ]
        .into();
        assert_eq!(names.len(), 4);
    }

    #[test]
    fn a_final_snapshot_is_named_by_its_resource_and_the_deletion() {
        let (one, other) = (ItemId::random(), ItemId::random());
        assert_eq!(short_final_name("cro-a-b-x", &one), short_final_name("cro-a-b-x", &one));
        assert_ne!(short_final_name("cro-a-b-x", &one), short_final_name("cro-a-b-x", &other));
        assert_ne!(short_final_name("cro-a-b-x", &one), short_final_name("cro-a-b-y", &one));
        assert!(short_final_name("cro-a-b-x", &one).starts_with("cro-a-b-x-final-"));
    }

    #[test]
    fn w02_names_of_groups_differ_where_the_go_operators_collide() {
        let redis = |namespace: &str, name: &str| Identity {
            kind: Kind::Redis,
            ..identity(namespace, name)
        };
        let names: HashSet<_> = [("a", "bc"), ("ab", "c"), ("a-b", "c"), ("a", "b-c")]
            .map(|(namespace, name)| short_name("c-1", &redis(namespace, name)))
            .into();
        assert_eq!(names.len(), 4);
    }

    proptest! {
        #[test]
        fn every_short_name_follows_the_rules_of_elasticache(
            namespace in "[a-z0-9-]{1,63}", name in "[a-z0-9.-]{1,253}", cluster in ".{0,80}",
        ) {
            let group = short_name(&cluster, &identity(&namespace, &name));
            let snapshot = short_final_name(&group, &ItemId::random());
            for name in [group, snapshot] {
                prop_assert!(name.len() <= 40, "{name}");
                prop_assert!(name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-'));
                prop_assert!(name.starts_with("cro-") && !name.ends_with('-') && !name.contains("--"));
            }
        }

        #[test]
        fn every_name_follows_the_rules_of_s3(
            namespace in "[a-z0-9-]{1,63}", name in "[a-z0-9.-]{1,253}", cluster in ".{0,80}",
        ) {
            let external = external_name(&cluster, &identity(&namespace, &name));
            prop_assert!((3..=63).contains(&external.len()), "{external}");
            prop_assert!(external.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-'));
            prop_assert!(external.starts_with("cro-") && !external.ends_with('-') && !external.contains("--"));
        }
    }
}
