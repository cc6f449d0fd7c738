use serde_json::json;

use super::*;
use crate::fixtures::{stored, values};

const HELD: [(&str, &str); 3] = [("user", "u"), ("password", "p"), ("database", "d")];
const PUBLISHED: [(&str, &str); 4] =
    [("username", "u"), ("password", "p"), ("database", "d"), ("host", "h")];

fn marked(entries: &[(&str, &str)], mark: &Values) -> StoredSecret {
    let mut secret = stored(&json!({}), entries);
    secret.annotate(CREDENTIALS_DIGEST, Some(&mark.digest()));
    secret
}

fn look(credentials: Option<&StoredSecret>, connection: Option<&StoredSecret>) -> Standing {
    standing(Provider::Openshift, Kind::Postgres, credentials, connection)
}

#[test]
fn credentials_are_held_when_they_are_as_we_wrote_them_or_nobody_marked_them() {
    let held = values(&HELD);
    assert_eq!(look(Some(&marked(&HELD, &held)), None), Standing::Held);
    assert_eq!(look(Some(&stored(&json!({}), &HELD)), None), Standing::Held);
}

#[test]
fn lost_credentials_are_recovered_from_the_connection() {
    let held = values(&HELD);
    let recovered = Standing::Recovered(held.clone());
    assert_eq!(look(None, Some(&marked(&PUBLISHED, &held))), recovered);
    assert_eq!(look(None, Some(&stored(&json!({}), &PUBLISHED))), recovered, "the Go operator's");
}

#[test]
fn an_edited_connection_is_no_source() {
    let edited = [("username", "u"), ("password", "edited"), ("database", "d")];
    assert_eq!(look(None, Some(&marked(&edited, &values(&HELD)))), Standing::Lost);
}

#[test]
fn a_connection_without_all_values_is_no_source() {
    for entries in [&[][..], &[("username", "u")], &[("username", "u"), ("password", "")]] {
        assert_eq!(look(None, Some(&stored(&json!({}), entries))), Standing::Lost);
    }
    assert_eq!(look(None, None), Standing::Lost);
}

#[test]
fn an_edit_is_undone_when_the_connection_proves_what_was_there() {
    let held = values(&HELD);
    let connection = marked(&PUBLISHED, &held);
    let edited = marked(&[("user", "u"), ("password", "edited"), ("database", "d")], &held);
    assert_eq!(look(Some(&edited), Some(&connection)), Standing::Recovered(held));
    assert_eq!(look(Some(&edited), None), Standing::Edited);
    let also_edited =
        stored(&json!({}), &[("username", "u"), ("password", "x"), ("database", "d")]);
    assert_eq!(look(Some(&edited), Some(&also_edited)), Standing::Edited);
}

#[test]
fn keys_that_no_connection_publishes_survive_an_edit_of_the_others() {
    let whole = [("keyId", "AK"), ("secretKey", "SK"), ("arn", "a")];
    let edited = [("keyId", "AK"), ("secretKey", "edited"), ("arn", "a")];
    let connection =
        stored(&json!({}), &[("credentialKeyID", "AK"), ("credentialSecretKey", "SK")]);
    let edited = marked(&edited, &values(&whole));
    let standing = standing(Provider::Aws, Kind::BlobStorage, Some(&edited), Some(&connection));
    assert_eq!(standing, Standing::Recovered(values(&whole)));
}

#[test]
fn each_provider_and_kind_knows_what_the_connection_publishes() {
    let redis = stored(&json!({}), &[("password", "p"), ("uri", "h")]);
    let mail = stored(&json!({}), &[("username", "AK"), ("password", "derived")]);
    let postgres = stored(&json!({}), &PUBLISHED);
    let recovered = |entries: &[(&str, &str)]| Standing::Recovered(values(entries));
    let table = [
        (Provider::Openshift, Kind::Redis, &redis, recovered(&[("password", "p")])),
        (Provider::Aws, Kind::Redis, &redis, recovered(&[("password", "p")])),
        (Provider::Aws, Kind::Postgres, &postgres, recovered(&[("user", "u"), ("password", "p")])),
        (
            Provider::Aws,
            Kind::SmtpCredentialSet,
            &mail,
            recovered(&[("keyId", "AK"), ("smtpPassword", "derived")]),
        ),
    ];
    for (provider, kind, connection, expected) in table {
        assert_eq!(standing(provider, kind, None, Some(connection)), expected, "{provider} {kind}");
    }
}
