use proto::{Cluster, Defaults, Desired, Identity, ItemId, Options, Placement, Provider, Strategy};

use super::*;

fn item(cluster_tags: &[(&str, &str)]) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::BlobStorage,
            namespace: "team".into(),
            name: "pictures".into(),
            uid: "u-1".parse().unwrap(),
            generation: 1,
        },
        desired: Desired::Present,
        placement: Placement::at(Provider::Aws),
        strategy: Some(Strategy::default()),
        cluster: Cluster {
            id: "c-1".into(),
            defaults: Defaults::Secure,
            tag_prefix: "integreatly.org/".into(),
            tags: cluster_tags
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect(),
        },
        secret_name: "secret".into(),
        options: Options { resource_type: "managed".into(), ..Options::default() },
        network: None,
    }
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

#[test]
fn our_tags_win_over_the_clusters_own() {
    let mut item = item(&[
        ("cost-centre", "42"),
        ("red-hat-managed", "no"),
        ("integreatly.org/clusterID", "x"),
    ]);
    item.options.product_name = "shop".into();
    item.options.add_on_name = "addon".into();
    insta::assert_json_snapshot!(desired(&item).unwrap());
}

#[test]
fn tags_that_aws_refuses_are_named() {
    let long = "x".repeat(129);
    for key in ["aws:made", "AWS:made", "", "a<b", long.as_str()] {
        let expected = TagError::Malformed { key: key.into() };
        assert_eq!(desired(&item(&[(key, "value")])), Err(expected));
    }
    let long_value = "x".repeat(257);
    assert!(desired(&item(&[("key", &long_value)])).is_err());
    let many: Vec<_> = (0..50).map(|number| format!("key-{number}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "v")).collect();
    assert_eq!(desired(&item(&many)), Err(TagError::TooMany));
}

#[test]
fn a_merge_keeps_foreign_tags_and_is_nothing_when_all_is_there() {
    let desired = tags(&[("a", "1"), ("b", "2")]);
    assert_eq!(merge(&tags(&[("a", "1"), ("b", "2"), ("theirs", "x")]), &desired), Ok(None));
    assert_eq!(
        merge(&tags(&[("a", "old"), ("theirs", "x")]), &desired),
        Ok(Some(tags(&[("a", "1"), ("b", "2"), ("theirs", "x")])))
    );
}

#[test]
fn ownership_needs_the_cluster_and_the_uid_or_the_whole_name() {
    let owner = Owner::of(&item(&[]));
    let cluster = ("integreatly.org/clusterID", "c-1");
    let kind = ("integreatly.org/claim-kind", "blobstorage");
    let namespace = ("integreatly.org/claim-namespace", "team");
    let name = ("integreatly.org/resource-name", "pictures");
    let uid = ("integreatly.org/claim-uid", "u-1");
    let table: [(&[(&str, &str)], bool); 8] = [
        (&[], false),
        (&[cluster], false),
        (&[uid], false),
        (&[cluster, uid], true),
        (&[cluster, kind, namespace, name], true),
        (&[cluster, kind, name], false),
        (&[kind, namespace, name, ("integreatly.org/clusterID", "c-2"), uid], false),
        (&[cluster, kind, name, ("integreatly.org/claim-namespace", "other")], false),
    ];
    for (pairs, expected) in table {
        assert_eq!(owner.owns(&tags(pairs)), expected, "{pairs:?}");
    }
}

#[test]
fn what_a_later_claim_of_the_name_has_adopted_is_not_deleted_with_the_older_one() {
    let owner = Owner::of(&item(&[]));
    let ours = desired(&item(&[])).unwrap();
    let uid = "integreatly.org/claim-uid".to_owned();
    let mut adopted = ours.clone();
    adopted.insert(uid.clone(), "u-2".into());
    let mut restored = ours.clone();
    restored.remove(&uid);
    for (tags, may_delete, is_successors) in
        [(&ours, true, false), (&adopted, false, true), (&restored, true, false)]
    {
        assert!(owner.owns(tags));
        assert_eq!(
            (owner.may_delete(tags), owner.is_successors(tags)),
            (may_delete, is_successors)
        );
    }
}
