use proto::Kind;
use serde_json::json;

use super::*;
use crate::fixtures::{
    OTHER_UID, at_version, claim, claim_with, credential, literal, result, stored, texts, values,
};

const FIELDS: [(&str, &str); 3] =
    [("user", "postgresuser"), ("password", "p/4"), ("database", "my")];

fn postgres() -> Connection {
    let fields = [
        ("host", literal("my.team.svc.cluster.local")),
        ("port", literal("5432")),
        ("username", credential("user")),
        ("password", credential("password")),
        ("database", credential("database")),
    ];
    result(Provider::Openshift, Kind::Postgres, &fields)
}

fn placeholder() -> Connection {
    let fields = ["bucketName", "bucketRegion", "credentialKeyID", "credentialSecretKey"]
        .map(|key| (key, Field::KeepOr("REPLACE_ME".into())));
    result(Provider::Openshift, Kind::BlobStorage, &fields)
}

/// Nothing exists but the live claim.
fn bare(result: &Connection) -> Observed {
    let claim = claim(result.identity.kind);
    Observed { claim, connection: None, binding: None, credentials: None, bucket: None }
}

/// The credential Secret exists as `ensure` has made it.
fn provisioned() -> Observed {
    let observed = bare(&postgres());
    let builder = Builder { claim: &observed.claim, provider: Provider::Openshift };
    let name = "my-postgres-credentials";
    let secret = at_version(credential_secret(builder, name, values(&FIELDS), None), "1");
    Observed { credentials: Some(secret), ..observed }
}

/// All that the plan for `provisioned` makes exists.
fn complete() -> Observed {
    let observed = provisioned();
    let mut steps = plan(&postgres(), &observed).steps.into_iter();
    let mut next = || steps.next().map(|step| step.secret().clone());
    let (credentials, connection, binding) = (next(), next(), next());
    Observed {
        credentials,
        connection: connection.map(|it| at_version(it, "2")),
        binding: binding.map(|it| at_version(it, "3")),
        ..observed
    }
}

fn verbs(plan: &Plan) -> Vec<(&'static str, &str)> {
    let verb = |step: &Step| match step {
        Step::Keep(_) => "keep",
        Step::Create(_) => "create",
        Step::Replace(_) => "replace",
    };
    plan.steps.iter().map(|step| (verb(step), step.secret().name())).collect()
}

type Harm = fn(&mut Observed);

fn edit(secret: &mut Option<StoredSecret>, key: &str) {
    secret.as_mut().unwrap().values.set(key, "edited");
}

fn foreign() -> StoredSecret {
    let metadata = json!({"name": "taken", "labels": {"integreatly.org/claim-uid": OTHER_UID}});
    stored(&metadata, &[("their", "value")])
}

/// The keys and values of the connection Secret that is planned for a result, with these credentials held.
#[track_caller]
fn assert_written(result: &Connection, credentials: &[(&str, &str)], expected: &[(&str, &str)]) {
    let mut observed = bare(result);
    if !credentials.is_empty() {
        let builder = Builder { claim: &observed.claim, provider: result.provider };
        let secret = credential_secret(builder, "credentials", values(credentials), None);
        observed.credentials = Some(secret);
    }
    let plan = plan(result, &observed);
    assert_eq!(plan.verdict.state, State::Ready, "{:?}", plan.verdict);
    let connection = plan.steps.iter().find(|step| step.secret().name() == "secret");
    let connection = connection.unwrap().secret();
    assert_eq!(texts(&connection.values), expected);
    assert_eq!(connection.type_, "Opaque");
}

#[test]
fn a_postgres_secret_has_exactly_the_go_operators_keys() {
    let expected = [
        ("database", "my"),
        ("host", "my.team.svc.cluster.local"),
        ("password", "p/4"),
        ("port", "5432"),
        ("username", "postgresuser"),
    ];
    assert_written(&postgres(), &FIELDS, &expected);
}

#[test]
fn a_redis_secret_has_exactly_the_go_operators_keys_and_a_password_when_there_is_one() {
    let host = "my.team.svc.cluster.local";
    let plain = [("uri", literal(host)), ("port", literal("6379"))];
    let redis = result(Provider::Openshift, Kind::Redis, &plain);
    assert_written(&redis, &[], &[("port", "6379"), ("uri", host)]);
    let auth = [plain[0].clone(), plain[1].clone(), ("password", credential("password"))];
    let redis = result(Provider::Openshift, Kind::Redis, &auth);
    let expected = [("password", "p"), ("port", "6379"), ("uri", host)];
    assert_written(&redis, &[("password", "p")], &expected);
}

#[test]
fn a_bucket_secret_has_exactly_the_go_operators_keys_which_are_empty_when_keyless() {
    let bucket = |id, secret| {
        let place = [("bucketName", literal("b")), ("bucketRegion", literal("eu-west-1"))];
        let keys = [("credentialKeyID", id), ("credentialSecretKey", secret)];
        result(Provider::Aws, Kind::BlobStorage, &[place, keys].concat())
    };
    let expected = |id, secret| {
        let place = [("bucketName", "b"), ("bucketRegion", "eu-west-1")];
        [place, [("credentialKeyID", id), ("credentialSecretKey", secret)]].concat()
    };
    let minted = bucket(credential("keyId"), credential("secretKey"));
    assert_written(&minted, &[("keyId", "AK"), ("secretKey", "SK")], &expected("AK", "SK"));
    assert_written(&bucket(literal(""), literal("")), &[], &expected("", ""));
}

#[test]
fn placeholders_have_exactly_the_go_operators_keys() {
    let expected = [
        ("bucketName", "REPLACE_ME"),
        ("bucketRegion", "REPLACE_ME"),
        ("credentialKeyID", "REPLACE_ME"),
        ("credentialSecretKey", "REPLACE_ME"),
    ];
    assert_written(&placeholder(), &[], &expected);
    let keep = |text: &str| Field::KeepOr(text.into());
    let mail = [
        ("host", keep("REPLACE_ME")),
        ("password", keep("REPLACE_ME")),
        ("port", keep("587")),
        ("tls", keep("true")),
        ("username", keep("REPLACE_ME")),
    ];
    let expected = [
        ("host", "REPLACE_ME"),
        ("password", "REPLACE_ME"),
        ("port", "587"),
        ("tls", "true"),
        ("username", "REPLACE_ME"),
    ];
    assert_written(&result(Provider::Openshift, Kind::SmtpCredentialSet, &mail), &[], &expected);
}

#[test]
fn a_mail_secret_has_exactly_the_go_operators_keys() {
    let host = "email-smtp.eu-west-1.amazonaws.com";
    let mail = [
        ("host", literal(host)),
        ("port", literal("587")),
        ("tls", literal("true")),
        ("username", credential("keyId")),
        ("password", credential("smtpPassword")),
    ];
    let held = [("keyId", "AK"), ("smtpPassword", "MP")];
    let expected =
        [("host", host), ("password", "MP"), ("port", "587"), ("tls", "true"), ("username", "AK")];
    assert_written(&result(Provider::Aws, Kind::SmtpCredentialSet, &mail), &held, &expected);
}

#[test]
fn a_first_result_creates_connection_and_binding() {
    let plan = plan(&postgres(), &provisioned());
    let expected =
        [("keep", "my-postgres-credentials"), ("create", "secret"), ("create", "secret-binding")];
    assert_eq!(verbs(&plan), expected);
    assert_eq!(plan.steps[2].secret().type_, "servicebinding.io/postgresql");
    assert_eq!(plan.verdict, Verdict::written("secret"));
}

#[test]
fn what_is_as_it_should_be_is_kept() {
    let plan = plan(&postgres(), &complete());
    assert!(plan.steps.iter().all(|step| matches!(step, Step::Keep(_))), "{:?}", verbs(&plan));
}

#[test]
fn a_deleted_or_edited_secret_is_restored_with_the_same_values() {
    let table: [(&str, Harm, usize, &str); 6] = [
        ("connection deleted", |it| it.connection = None, 1, "create"),
        ("connection edited", |it| edit(&mut it.connection, "password"), 1, "replace"),
        ("connection enlarged", |it| edit(&mut it.connection, "extra"), 1, "replace"),
        ("binding deleted", |it| it.binding = None, 2, "create"),
        ("credentials deleted", |it| it.credentials = None, 0, "create"),
        ("credentials edited", |it| edit(&mut it.credentials, "password"), 0, "replace"),
    ];
    let good = complete();
    let good = [&good.credentials, &good.connection, &good.binding].map(|it| it.clone().unwrap());
    for (case, harm, index, verb) in table {
        let mut observed = complete();
        harm(&mut observed);
        let plan = plan(&postgres(), &observed);
        assert_eq!(verbs(&plan)[index].0, verb, "{case}");
        for (step, good) in plan.steps.iter().zip(&good) {
            assert_eq!(step.secret().values, good.values, "{case}: {}", good.name());
        }
        assert_eq!(plan.verdict.state, State::Ready, "{case}");
    }
}

#[test]
fn new_credentials_reach_connection_and_binding() {
    let mut observed = complete();
    let builder = Builder { claim: &claim(Kind::Postgres), provider: Provider::Openshift };
    let mut rotated = values(&FIELDS);
    rotated.set("password", "rotated");
    let present = observed.credentials.take();
    observed.credentials =
        Some(credential_secret(builder, "my-postgres-credentials", rotated, present.as_ref()));
    let plan = plan(&postgres(), &observed);
    assert_eq!(plan.steps[1].secret().values.get("password"), Some(&b"rotated"[..]));
    assert_eq!(plan.steps[2].secret().values.get("password"), Some(&b"rotated"[..]));
}

#[test]
fn when_both_are_gone_a_person_is_needed_and_nothing_is_made_up_w_04() {
    let observed = Observed { credentials: None, connection: None, ..complete() };
    let plan = plan(&postgres(), &observed);
    assert_eq!(plan.steps, []);
    assert_eq!(plan.verdict.class, Some(ErrorClass::NeedsPerson));
    assert!(plan.verdict.message.contains("my-postgres-credentials"), "{}", plan.verdict.message);
}

#[test]
fn an_edit_that_nothing_can_undo_needs_a_person_who_is_told_how() {
    let mut observed = Observed { connection: None, ..complete() };
    let credentials = observed.credentials.as_mut().unwrap();
    credentials.values.set("password", "edited");
    let edited = plan(&postgres(), &observed);
    assert_eq!(edited.verdict.class, Some(ErrorClass::NeedsPerson));
    assert!(edited.verdict.message.contains(CREDENTIALS_DIGEST), "{}", edited.verdict.message);
    observed.credentials.as_mut().unwrap().annotate(CREDENTIALS_DIGEST, None);
    let accepted = plan(&postgres(), &observed);
    assert_eq!(accepted.verdict.state, State::Ready);
    assert_eq!(accepted.steps[1].secret().values.get("password"), Some(&b"edited"[..]));
}

#[test]
fn a_key_that_the_credentials_lack_needs_a_person() {
    let mut observed = provisioned();
    let builder = Builder { claim: &claim(Kind::Postgres), provider: Provider::Openshift };
    let partial = values(&[("user", "u")]);
    observed.credentials = Some(credential_secret(builder, "c", partial, None));
    let plan = plan(&postgres(), &observed);
    assert_eq!(plan.verdict.class, Some(ErrorClass::NeedsPerson));
    assert!(plan.verdict.message.contains("holds no database"), "{}", plan.verdict.message);
}

#[test]
fn a_secret_that_is_not_ours_is_never_touched() {
    let taken = |plan: &Plan| {
        assert_eq!(plan.verdict.state, State::Pending);
        assert_eq!(plan.verdict.class, Some(ErrorClass::Foreign));
        assert_eq!(plan.verdict.reason, "SecretTaken");
        assert!(plan.verdict.message.contains("taken"), "{}", plan.verdict.message);
        assert!(verbs(plan).iter().all(|(_, name)| *name != "taken"));
    };
    let connection = Observed { connection: Some(foreign()), ..complete() };
    let connection = plan(&postgres(), &connection);
    taken(&connection);
    assert_eq!(connection.steps, []);
    let credentials = Observed { credentials: Some(foreign()), ..complete() };
    taken(&plan(&postgres(), &credentials));
    let binding = Observed { binding: Some(foreign()), connection: None, ..complete() };
    let binding = plan(&postgres(), &binding);
    taken(&binding);
    assert_eq!(binding.steps.len(), 2, "the connection Secret is written all the same");
}

#[test]
fn what_people_filled_into_a_placeholder_is_kept() {
    let result = placeholder();
    let mut observed = bare(&result);
    let first = plan(&result, &observed);
    let mut filled = first.steps[0].secret().clone();
    filled.values.set("bucketName", "mine");
    filled.values.set("credentialKeyID", "");
    filled.values.set("endpoint", "https://s3.example.com");
    observed.connection = Some(filled.clone());
    let plan = plan(&result, &observed);
    assert_eq!(plan.steps[0], Step::Keep(filled));
    assert_eq!(plan.steps[1].secret().values.get("bucket"), Some(&b"mine"[..]));
}

#[test]
fn a_key_that_was_removed_from_a_placeholder_gets_its_default_again() {
    let result = placeholder();
    let mut observed = bare(&result);
    let metadata = json!({"name": "secret", "labels": {"integreatly.org/claim-uid": "u-1"}});
    observed.connection = Some(stored(&metadata, &[("bucketName", "mine")]));
    let plan = plan(&result, &observed);
    let connection = &plan.steps[0].secret().values;
    assert_eq!(connection.get("bucketName"), Some(&b"mine"[..]));
    assert_eq!(connection.get("bucketRegion"), Some(&b"REPLACE_ME"[..]));
}

#[test]
fn what_a_claim_must_not_ask_is_refused_with_what_to_do() {
    let reserved = "my-postgres-credentials";
    let table = [
        (json!({"secretRef": {"name": "s", "namespace": "elsewhere"}}), "NamespaceRefused", "team"),
        (json!({"secretRef": {"name": ""}}), "Invalid", "spec.secretRef.name"),
        (json!({}), "Invalid", "spec.secretRef.name"),
        (json!({"secretRef": {"name": reserved}}), "Invalid", reserved),
    ];
    for (spec, reason, hint) in table {
        let observed = Observed { claim: claim_with(Kind::Postgres, "my", &spec), ..complete() };
        let plan = plan(&postgres(), &observed);
        assert_eq!(plan.steps, [], "{spec}");
        assert_eq!((plan.verdict.state, plan.verdict.reason), (State::Refused, reason), "{spec}");
        assert!(plan.verdict.message.contains(hint), "{}", plan.verdict.message);
    }
    let own = json!({"secretRef": {"name": "s", "namespace": "team"}});
    let observed = Observed { claim: claim_with(Kind::Postgres, "my", &own), ..provisioned() };
    assert_eq!(plan(&postgres(), &observed).verdict.state, State::Ready);
}

#[test]
fn a_snapshot_has_no_secrets() {
    let result = result(Provider::Aws, Kind::PostgresSnapshot, &[]);
    let plan = plan(&result, &bare(&result));
    assert_eq!((plan.verdict.state, plan.steps.len()), (State::Refused, 0));
}

#[test]
fn names_at_the_limit_lead_to_three_different_legal_names() {
    let (claim_name, secret) = ("c".repeat(253), "s".repeat(253));
    let claim = claim_with(Kind::Postgres, &claim_name, &json!({"secretRef": {"name": secret}}));
    for provider in [Provider::Aws, Provider::Openshift] {
        let names = Names::of(&claim, provider);
        let credentials = names.credentials.unwrap();
        assert_eq!(names.connection, secret);
        assert!(names.binding.len() <= 253 && names.binding != names.connection);
        assert!(credentials.len() <= 253 && credentials != names.binding);
    }
}

#[test]
fn simulated_results_are_labelled_on_connection_and_binding() {
    let result = Connection { simulated: true, ..postgres() };
    let plan = plan(&result, &provisioned());
    let is_marked = |step: &Step| {
        let labels = step.secret().metadata.labels.as_ref().unwrap();
        labels.get("integreatly.org/simulated").map(String::as_str) == Some("true")
    };
    assert_eq!(plan.steps.iter().map(is_marked).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn no_value_prints() {
    let observed = complete();
    let plan = plan(&postgres(), &observed);
    assert!(!format!("{observed:?} {plan:?}").contains("p/4"));
}

fn bucket() -> Connection {
    let key = |key: &str| Field::Bucket(key.into());
    let fields = [
        ("bucketName", literal("my-1")),
        ("bucketRegion", literal("")),
        ("bucketHost", literal("s3.storage.svc")),
        ("bucketPort", literal("443")),
        ("credentialKeyID", key("AWS_ACCESS_KEY_ID")),
        ("credentialSecretKey", key("AWS_SECRET_ACCESS_KEY")),
    ];
    result(Provider::Openshift, Kind::BlobStorage, &fields)
}

fn bound(connection: Option<StoredSecret>) -> Observed {
    let keys = [("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "SK")];
    let held = stored(&json!({"name": "my-x", "resourceVersion": "5"}), &keys);
    Observed { connection, bucket: Some(Ok(held)), ..bare(&bucket()) }
}

/// The connection Secret that a plan makes of nothing.
fn written(result: &Connection, observed: &Observed) -> StoredSecret {
    let steps = plan(result, observed).steps;
    steps.iter().map(Step::secret).find(|secret| secret.name() == "secret").unwrap().clone()
}

#[test]
fn a_bucket_in_the_cluster_has_the_go_operators_keys_and_its_endpoint() {
    let plan = plan(&bucket(), &bound(None));
    let made = [("keep", "my-x"), ("create", "secret"), ("create", "secret-binding")];
    assert_eq!(verbs(&plan), made);
    let expected = [
        ("bucketHost", "s3.storage.svc"),
        ("bucketName", "my-1"),
        ("bucketPort", "443"),
        ("bucketRegion", ""),
        ("credentialKeyID", "AK"),
        ("credentialSecretKey", "SK"),
    ];
    assert_eq!(texts(&plan.steps[1].secret().values), expected);
    let binding = &plan.steps[2].secret().values;
    let value = |key| binding.get(key).map(|it| std::str::from_utf8(it).unwrap());
    assert_eq!(value("host"), Some("s3.storage.svc"));
    assert_eq!(value("access-key-id"), Some("AK"));
}

#[test]
fn a_blank_placeholder_becomes_a_bucket_and_a_filled_one_is_kept() {
    let blank = written(&placeholder(), &bare(&placeholder()));
    let replaced = plan(&bucket(), &bound(Some(blank.clone())));
    assert_eq!(verbs(&replaced)[1], ("replace", "secret"));
    assert_eq!(replaced.verdict, Verdict::written("secret"));
    let mut filled = blank;
    filled.values.set("bucketName", "mine");
    let kept = plan(&bucket(), &bound(Some(filled)));
    assert_eq!(verbs(&kept), [("keep", "secret"), ("create", "secret-binding")]);
    assert_eq!(kept.steps[1].secret().values.get("bucket"), Some(&b"mine"[..]));
    assert_eq!(kept.verdict.state, State::Ready);
    assert!(kept.verdict.message.contains("people filled in"), "{}", kept.verdict.message);
    // What was written from the bucket is ours to bring back.
    let mut edited = written(&bucket(), &bound(None));
    edited.values.set("bucketName", "mine");
    assert_eq!(verbs(&plan(&bucket(), &bound(Some(edited))))[1], ("replace", "secret"));
}

#[test]
fn while_the_bucket_has_no_secret_what_is_written_stays() {
    let written = written(&bucket(), &bound(None));
    let awaited = Verdict::awaited("not there".into());
    let observed = Observed { bucket: Some(Err(awaited.clone())), ..bound(Some(written)) };
    let plan = plan(&bucket(), &observed);
    assert_eq!((plan.steps, plan.verdict), (vec![], awaited));
}
