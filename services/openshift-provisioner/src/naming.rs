//! Names that are derived from a claim, once: afterwards the placement carries them.

use proto::{HASH_LENGTH, Identity};

/// Longest DNS-1035 label: names of Services are no longer, and Deployment and volume share the Service's name.
const LONGEST: usize = 63;
/// Longest name of a Postgres database; its limit is 63 bytes.
const LONGEST_DATABASE: usize = 63;

/// The name of the objects of a claim: a DNS-1035 label that no other claim derives, of any kind.
pub fn external_name(cluster_id: &str, identity: &Identity) -> String {
    let readable = readable(identity.kind.as_str(), &identity.name);
    format!("{readable}-{}", identity.hash(cluster_id))
}

/// The database in the Postgres of a claim: the claim's name, as far as an unquoted identifier can say it.
pub fn database_name(claim: &str) -> String {
    let identifier = claim.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' });
    let identifier: String = identifier.collect::<String>().to_ascii_lowercase();
    let starts_well = identifier.starts_with(|first: char| first.is_ascii_lowercase());
    let mut name = if starts_well { identifier } else { format!("db_{identifier}") };
    name.truncate(LONGEST_DATABASE);
    name
}

/// The claim's name for people, in characters of a label. A label starts with a letter, and so does every kind.
fn readable(kind: &str, name: &str) -> String {
    let label = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
    let mut text: String = name.chars().map(label).collect();
    if !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        text = format!("{kind}-{text}");
    }
    text.truncate(LONGEST - HASH_LENGTH - 1);
    text.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proto::Kind;

    use super::*;

    fn identity(kind: Kind, namespace: &str, name: &str, uid: &str) -> Identity {
        Identity {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: uid.parse().unwrap(),
            generation: 1,
        }
    }

    fn is_label(name: &str) -> bool {
        let inner = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        name.len() <= LONGEST
            && name.bytes().all(inner)
            && name.starts_with(|it: char| it.is_ascii_lowercase())
            && !name.ends_with('-')
    }

    #[test]
    fn a_name_never_changes() {
        let claim = identity(Kind::Postgres, "shop", "orders", "0b5f");
        assert_eq!(external_name("c1", &claim), "orders-aiwngpdjwokdyauw");
    }

    #[test]
    fn w30_postgres_and_redis_of_the_same_name_share_nothing() {
        let names = [Kind::Postgres, Kind::Redis]
            .map(|kind| external_name("c1", &identity(kind, "shop", "cache", "0b5f")));
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn a_claim_that_was_made_again_gets_a_new_name() {
        let of = |uid| external_name("c1", &identity(Kind::Postgres, "shop", "orders", uid));
        assert_ne!(of("1"), of("2"));
    }

    #[test]
    fn odd_names_become_labels() {
        let long = "a".repeat(253);
        for name in [long.as_str(), "1st.db", "a.b", "a", "x-.y", &format!("{}.z", "b".repeat(45))]
        {
            let name = external_name("c1", &identity(Kind::Redis, "shop", name, "0b5f"));
            assert!(is_label(&name), "{name}");
        }
    }

    #[test]
    fn databases_are_named_after_the_claim() {
        let table = [
            ("orders", "orders"),
            ("example-postgres", "example_postgres"),
            ("1st.db", "db_1st_db"),
        ];
        for (claim, database) in table {
            assert_eq!(database_name(claim), database);
        }
        assert_eq!(database_name(&"a.".repeat(126)).len(), LONGEST_DATABASE);
    }

    proptest! {
        #[test]
        fn names_are_labels_and_differ_when_anything_differs(
            one in ("[a.-]{0,6}", "[a-z0-9.-]{1,80}", "[a-b-]{1,4}", "[a-c]{0,3}"),
            two in ("[a.-]{0,6}", "[a-z0-9.-]{1,80}", "[a-b-]{1,4}", "[a-c]{0,3}"),
        ) {
            let name = |(namespace, name, uid, cluster): &(String, String, String, String)| {
                external_name(cluster, &identity(Kind::Postgres, namespace, name, uid))
            };
            prop_assert!(is_label(&name(&one)), "{}", name(&one));
            prop_assert_eq!(one == two, name(&one) == name(&two));
        }

        #[test]
        fn moving_a_separator_between_namespace_and_name_changes_the_name(text in "[ab.-]{2,12}", a in 1_usize..12, b in 1_usize..12) {
            let split = |at: usize| {
                let at = at.min(text.len() - 1);
                (at, external_name("c1", &identity(Kind::Redis, &text[..at], &text[at..], "u")))
            };
            let ((at, one), (other, two)) = (split(a), split(b));
            prop_assert_eq!(at == other, one == two);
        }
    }
}
