use std::collections::BTreeMap;

use crds::Claim;
use proto::Kind;
use proto::wire::credential_field::Source;
use proto::wire::{CredentialField, EnsureRequest, StoreRequest};
use secrecy::SecretBox;
use serde_json::json;

use super::*;
use crate::fixtures::{OTHER_UID, claim, deleting, identity, stored, texts, values};
use crate::plan::credential_secret;
use crate::secret::CREDENTIALS_DIGEST;

/// Everything that a decision rests on, owned.
struct Scene {
    provider: Provider,
    claim: Claim,
    identity: Identity,
    present: Option<StoredSecret>,
    connection: Option<StoredSecret>,
}

const HELD: [(&str, &str); 2] = [("password", "canary"), ("user", "postgres")];

impl Scene {
    fn new(provider: Provider) -> Self {
        let kind = Kind::Postgres;
        let (claim, identity) = (claim(kind), identity(kind));
        Self { provider, claim, identity, present: None, connection: None }
    }

    fn holding(&self) -> Holding<'_> {
        Holding {
            builder: Builder { claim: &self.claim, provider: self.provider },
            identity: &self.identity,
            name: "credentials",
            present: self.present.as_ref(),
            connection: self.connection.as_ref(),
        }
    }

    fn held(provider: Provider, entries: &[(&str, &str)]) -> Self {
        let mut scene = Self::new(provider);
        let holding = scene.holding();
        let secret = credential_secret(holding.builder, holding.name, values(entries), None);
        scene.present = Some(secret);
        scene
    }

    fn ensure(&self, may_generate: bool) -> Answer {
        let fields = [
            ("user", Source::Literal("postgres".into())),
            ("password", Source::GenerateLength(32)),
        ];
        self.ensure_fields(&fields, may_generate)
    }

    fn ensure_fields(&self, fields: &[(&str, Source)], may_generate: bool) -> Answer {
        let field = |source: &Source| CredentialField { source: Some(source.clone()) };
        let fields: BTreeMap<String, CredentialField> =
            fields.iter().map(|(key, source)| ((*key).into(), field(source))).collect();
        let request = EnsureRequest { fields, may_generate, ..EnsureRequest::default() };
        let generate = |length| Ok(SecretBox::new(Box::new(vec![b'g'; length])));
        ensure::decide(&request, self.holding(), generate).unwrap()
    }

    fn store(&self, key_id: &str, entries: &[(&str, &str)]) -> Answer {
        self.replace("", key_id, entries)
    }

    fn replace(&self, replaces: &str, key_id: &str, entries: &[(&str, &str)]) -> Answer {
        let values = entries.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let request = StoreRequest {
            key_id: key_id.into(),
            replaces: replaces.into(),
            values,
            ..StoreRequest::default()
        };
        store::decide(&request, self.holding())
    }
}

fn foreign() -> StoredSecret {
    stored(&json!({"labels": {"integreatly.org/claim-uid": OTHER_UID}}), &HELD)
}

fn kept(answer: &Answer) -> Vec<(&str, &str)> {
    texts(&answer.step.as_ref().unwrap().secret().values)
}

#[test]
fn a_password_is_generated_when_no_resource_exists_yet() {
    let answer = Scene::new(Provider::Aws).ensure(true);
    assert_eq!(answer.outcome, CredentialOutcome::Created);
    assert!(matches!(answer.step, Some(Step::Create(_))));
    let password = "g".repeat(32);
    assert_eq!(kept(&answer), [("password", password.as_str()), ("user", "postgres")]);
}

#[test]
fn a_lost_password_of_a_resource_that_exists_is_never_generated_anew_w_04() {
    let answer = Scene::new(Provider::Aws).ensure(false);
    assert_eq!(answer.outcome, CredentialOutcome::Missing);
    assert!(answer.step.is_none() && answer.values.is_empty());
}

#[test]
fn a_lost_password_comes_back_from_the_connection_secret_w_04() {
    for may_generate in [false, true] {
        let mut scene = Scene::new(Provider::Aws);
        let published = [("username", "postgres"), ("password", "canary"), ("host", "h")];
        scene.connection = Some(stored(&json!({}), &published));
        let answer = scene.ensure(may_generate);
        assert_eq!(answer.outcome, CredentialOutcome::Held);
        assert_eq!(kept(&answer), HELD);
    }
}

#[test]
fn what_is_held_stays_whatever_is_asked() {
    for may_generate in [false, true] {
        let scene = Scene::held(Provider::Aws, &HELD);
        let fields =
            [("user", Source::Literal("another".into())), ("password", Source::GenerateLength(64))];
        let answer = scene.ensure_fields(&fields, may_generate);
        assert_eq!(answer.outcome, CredentialOutcome::Held);
        assert!(matches!(answer.step, Some(Step::Keep(_))), "nothing is written");
        assert_eq!(kept(&answer), HELD);
    }
}

#[test]
fn literals_are_filled_in_only_where_nothing_is() {
    let scene = Scene::held(Provider::Aws, &[("password", "canary"), ("user", "")]);
    let answer = scene.ensure(false);
    assert!(matches!(answer.step, Some(Step::Replace(_))));
    assert_eq!(kept(&answer), HELD);
}

#[test]
fn a_password_that_was_emptied_counts_as_missing() {
    let scene = Scene::held(Provider::Aws, &[("password", ""), ("user", "postgres")]);
    assert_eq!(scene.ensure(false).outcome, CredentialOutcome::Missing);
    let generated = scene.ensure(true);
    assert_eq!(generated.outcome, CredentialOutcome::Held);
    assert_eq!(kept(&generated)[0].1, "g".repeat(32));
}

#[test]
fn an_edited_password_is_not_handed_out_as_if_it_were_the_right_one() {
    let mut scene = Scene::held(Provider::Aws, &HELD);
    scene.present.as_mut().unwrap().values.set("password", "edited");
    assert_eq!(scene.ensure(false).outcome, CredentialOutcome::Missing);
    assert_eq!(scene.ensure(true).outcome, CredentialOutcome::Held, "nothing uses it yet");
    let published = [("username", "postgres"), ("password", "canary")];
    scene.connection = Some(stored(&json!({}), &published));
    assert_eq!(kept(&scene.ensure(false)), HELD);
}

#[test]
fn values_go_to_aws_provisioner_only_and_only_from_ensure() {
    let aws = Scene::held(Provider::Aws, &HELD);
    assert_eq!(texts(&aws.ensure(false).values), HELD);
    assert!(read::decide(aws.holding()).values.is_empty());
    assert!(aws.store("k", &[("password", "p")]).values.is_empty());
    let openshift = Scene::held(Provider::Openshift, &HELD);
    for answer in [openshift.ensure(false), Scene::new(Provider::Openshift).ensure(true)] {
        assert!(answer.values.is_empty());
        assert!(reply(&answer, "credentials").values.is_empty());
    }
}

#[test]
fn a_secret_of_somebody_else_is_left_alone_by_every_request() {
    let mut scene = Scene::new(Provider::Aws);
    scene.present = Some(foreign());
    let answers =
        [scene.ensure(true), scene.store("k", &[("password", "p")]), read::decide(scene.holding())];
    for answer in answers {
        assert_eq!(answer.outcome, CredentialOutcome::Foreign);
        assert!(answer.step.is_none() && answer.values.is_empty());
    }
}

#[test]
fn nothing_is_ensured_for_a_claim_that_is_being_deleted() {
    let mut scene = Scene::held(Provider::Aws, &HELD);
    scene.claim = deleting(scene.claim);
    let answer = scene.ensure(true);
    assert_eq!(answer.outcome, CredentialOutcome::Refused);
    assert!(answer.values.is_empty());
    assert_eq!(read::decide(scene.holding()).outcome, CredentialOutcome::Held);
}

#[test]
fn passwords_of_unsafe_length_are_refused() {
    let scene = Scene::new(Provider::Aws);
    for length in [0, 15, 129, u32::MAX] {
        let answer = scene.ensure_fields(&[("password", Source::GenerateLength(length))], true);
        assert_eq!(answer.outcome, CredentialOutcome::Refused, "{length}");
    }
    let request = EnsureRequest {
        fields: [("user".to_owned(), CredentialField { source: None })].into(),
        may_generate: true,
        ..EnsureRequest::default()
    };
    let answer = ensure::decide(&request, scene.holding(), |_| unreachable!()).unwrap();
    assert_eq!(answer.outcome, CredentialOutcome::Refused);
}

const MINTED: [(&str, &str); 2] = [("keyId", "AK1"), ("secretKey", "canary")];

#[test]
fn a_minted_key_is_kept_with_its_id() {
    let answer = Scene::new(Provider::Aws).store("AK1", &MINTED);
    assert_eq!(answer.outcome, CredentialOutcome::Created);
    assert_eq!(answer.key_ids(), ["AK1"]);
    assert_eq!(kept(&answer), MINTED);
}

#[test]
fn storing_the_same_key_twice_writes_nothing() {
    let mut scene = Scene::new(Provider::Aws);
    scene.present = scene.store("AK1", &MINTED).step.map(|step| step.secret().clone());
    let again = scene.store("AK1", &MINTED);
    assert_eq!(again.outcome, CredentialOutcome::Held);
    assert!(matches!(again.step, Some(Step::Keep(_))));
}

#[test]
fn a_newer_key_replaces_an_older_one_and_leaves_other_keys() {
    let mut scene = Scene::held(Provider::Aws, &HELD);
    let answer = scene.store("token-2", &[("password", "rotated")]);
    assert!(matches!(answer.step, Some(Step::Replace(_))));
    assert_eq!(answer.key_ids(), ["token-2"]);
    assert_eq!(kept(&answer), [("password", "rotated"), ("user", "postgres")]);
    scene.present = answer.step.map(|step| step.secret().clone());
    assert_eq!(read::decide(scene.holding()).key_ids(), ["token-2"]);
}

#[test]
fn a_key_replaces_only_the_one_that_its_sender_has_read() {
    let key = |id: &'static str| [("keyId", id), ("secretKey", "canary")];
    let mut scene = Scene::new(Provider::Aws);
    scene.identity = identity(Kind::BlobStorage);
    scene.claim = claim(Kind::BlobStorage);
    scene.present = scene.store("AK1", &key("AK1")).step.map(|step| step.secret().clone());
    let table =
        [("", "AK2", false), ("AK0", "AK2", false), ("AK1", "AK2", true), ("", "AK1", true)];
    for (replaces, id, is_kept) in table {
        let answer = scene.replace(replaces, id, &key(id));
        let expected = if is_kept { CredentialOutcome::Held } else { CredentialOutcome::Refused };
        assert_eq!((answer.outcome, answer.step.is_some()), (expected, is_kept), "{replaces} {id}");
    }
    // What read calls missing, nobody can name.
    scene.present.as_mut().unwrap().values.set("secretKey", "edited");
    assert_eq!(read::decide(scene.holding()).outcome, CredentialOutcome::Missing);
    assert_eq!(scene.store("AK2", &key("AK2")).outcome, CredentialOutcome::Held);
}

#[test]
fn a_key_without_id_or_value_is_refused() {
    let scene = Scene::new(Provider::Aws);
    assert_eq!(scene.store("", &MINTED).outcome, CredentialOutcome::Refused);
    assert_eq!(scene.store("AK", &[("secretKey", "")]).outcome, CredentialOutcome::Refused);
}

#[test]
fn read_names_the_keys_that_are_held_and_no_values() {
    let mut scene = Scene::new(Provider::Aws);
    assert_eq!(read::decide(scene.holding()).outcome, CredentialOutcome::Missing);
    scene.present = scene.store("AK1", &MINTED).step.map(|step| step.secret().clone());
    let answer = read::decide(scene.holding());
    assert_eq!(answer.outcome, CredentialOutcome::Held);
    let reply = reply(&answer, "credentials");
    assert_eq!((reply.key_ids, reply.values.len()), (vec!["AK1".to_owned()], 0));
    assert_eq!(reply.secret_name, "credentials");
}

#[test]
fn a_key_that_was_lost_is_read_back_from_the_connection_with_its_id() {
    let mut scene = Scene::new(Provider::Aws);
    scene.identity = identity(Kind::BlobStorage);
    scene.claim = claim(Kind::BlobStorage);
    let published = [("credentialKeyID", "AK1"), ("credentialSecretKey", "canary")];
    scene.connection = Some(stored(&json!({}), &published));
    let answer = read::decide(scene.holding());
    assert_eq!(answer.outcome, CredentialOutcome::Held);
    assert_eq!(answer.key_ids(), ["AK1"]);
    assert_eq!(kept(&answer), MINTED);
}

#[test]
fn everything_that_is_written_is_marked_so_that_an_edit_shows() {
    let scene = Scene::new(Provider::Aws);
    for answer in [scene.ensure(true), scene.store("AK1", &MINTED)] {
        let step = answer.step.unwrap();
        let digest = step.secret().values.digest();
        assert_eq!(step.secret().annotation(CREDENTIALS_DIGEST), Some(digest.as_str()));
    }
}

#[test]
fn no_answer_prints_a_value() {
    let scene = Scene::held(Provider::Aws, &HELD);
    let answer = scene.ensure(false);
    let reply = reply(&answer, "credentials");
    assert!(!format!("{answer:?} {reply:?}").contains("canary"));
}
