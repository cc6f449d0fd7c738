use super::*;

fn rendered(kind: ClaimKind, connection: &[(&str, &str)]) -> Vec<(String, String)> {
    let connection: Values = connection.iter().copied().collect();
    let type_ = binding_type(kind).unwrap();
    let binding = binding(kind, type_, Provider::Openshift, &connection, None);
    let text = |key: &str| String::from_utf8(binding.get(key).unwrap().to_vec()).unwrap();
    binding.keys().map(|key| (key.to_owned(), text(key))).collect()
}

fn entry(kind: ClaimKind, connection: &[(&str, &str)], key: &str) -> Option<String> {
    rendered(kind, connection).into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

const POSTGRES: [(&str, &str); 5] = [
    ("host", "db.team.svc.cluster.local"),
    ("port", "5432"),
    ("database", "db"),
    ("username", "postgresuser"),
    ("password", "p4ss"),
];

fn with<'a>(key: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut connection = POSTGRES.to_vec();
    connection.retain(|(name, _)| *name != key);
    let name = POSTGRES.iter().find(|(name, _)| *name == key).unwrap().0;
    connection.push((name, value));
    connection
}

#[test]
fn a_postgres_binding_has_the_well_known_entries_and_both_uris() {
    let jdbc =
        "jdbc:postgresql://db.team.svc.cluster.local:5432/db?user=postgresuser&password=p4ss";
    let uri = "postgresql://postgresuser:p4ss@db.team.svc.cluster.local:5432/db";
    let expected = [
        ("database", "db"),
        ("host", "db.team.svc.cluster.local"),
        ("jdbc-uri", jdbc),
        ("password", "p4ss"),
        ("port", "5432"),
        ("provider", "openshift"),
        ("type", "postgresql"),
        ("uri", uri),
        ("username", "postgresuser"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(rendered(ClaimKind::Postgres, &POSTGRES), expected);
}

#[test]
fn special_characters_are_percent_encoded_wherever_they_stand() {
    let table = [
        (
            "password",
            "a/b:c@d",
            "postgresql://postgresuser:a%2Fb%3Ac%40d@db.team.svc.cluster.local:5432/db",
        ),
        (
            "password",
            "ü %?",
            "postgresql://postgresuser:%C3%BC%20%25%3F@db.team.svc.cluster.local:5432/db",
        ),
        ("username", "o'neil", "postgresql://o%27neil:p4ss@db.team.svc.cluster.local:5432/db"),
        (
            "database",
            "a/b?c",
            "postgresql://postgresuser:p4ss@db.team.svc.cluster.local:5432/a%2Fb%3Fc",
        ),
        ("host", "fd00::1", "postgresql://postgresuser:p4ss@[fd00::1]:5432/db"),
        ("password", "", "postgresql://postgresuser@db.team.svc.cluster.local:5432/db"),
    ];
    for (key, value, uri) in table {
        assert_eq!(entry(ClaimKind::Postgres, &with(key, value), "uri").as_deref(), Some(uri));
    }
    let jdbc = entry(ClaimKind::Postgres, &with("password", "a&b=c"), "jdbc-uri").unwrap();
    assert!(jdbc.ends_with("/db?user=postgresuser&password=a%26b%3Dc"), "{jdbc}");
}

#[test]
fn the_plain_entries_are_not_encoded() {
    let connection = with("password", "a/b");
    assert_eq!(entry(ClaimKind::Postgres, &connection, "password").as_deref(), Some("a/b"));
}

#[test]
fn a_redis_binding_turns_the_bare_host_into_a_uri() {
    let plain = [("uri", "cache.team.svc.cluster.local"), ("port", "6379")];
    let uri = |connection: &[_]| entry(ClaimKind::Redis, connection, "uri").unwrap();
    assert_eq!(uri(&plain), "redis://cache.team.svc.cluster.local:6379");
    assert_eq!(entry(ClaimKind::Redis, &plain, "host").unwrap(), "cache.team.svc.cluster.local");
    assert_eq!(entry(ClaimKind::Redis, &plain, "password"), None);
    let secret = [("uri", "cache"), ("port", "6379"), ("password", "p@ss/")];
    assert_eq!(uri(&secret), "redis://:p%40ss%2F@cache:6379");
    let mut encrypted = plain.to_vec();
    encrypted.extend([("password", "t0ken"), ("tls", "true")]);
    assert_eq!(uri(&encrypted), "rediss://:t0ken@cache.team.svc.cluster.local:6379");
    assert_eq!(entry(ClaimKind::Redis, &encrypted, "tls").as_deref(), Some("true"));
}

#[test]
fn a_bucket_binding_leaves_out_the_empty_keys_of_a_keyless_bucket() {
    let keyless = [
        ("bucketName", "b"),
        ("bucketRegion", "eu-west-1"),
        ("credentialKeyID", ""),
        ("credentialSecretKey", ""),
    ];
    let keys: Vec<String> =
        rendered(ClaimKind::BlobStorage, &keyless).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["bucket", "provider", "region", "type", "uri"]);
    let minted = [("bucketName", "b"), ("credentialKeyID", "AK"), ("credentialSecretKey", "S+/")];
    assert_eq!(entry(ClaimKind::BlobStorage, &minted, "access-key-id").unwrap(), "AK");
    assert_eq!(entry(ClaimKind::BlobStorage, &minted, "secret-access-key").unwrap(), "S+/");
    assert_eq!(entry(ClaimKind::BlobStorage, &minted, "uri").unwrap(), "s3://b");
}

#[test]
fn a_mail_binding_has_a_uri() {
    let mail =
        [("host", "h"), ("port", "587"), ("username", "u"), ("password", "p="), ("tls", "true")];
    assert_eq!(entry(ClaimKind::SmtpCredentialSet, &mail, "uri").unwrap(), "smtp://u:p%3D@h:587");
    assert_eq!(entry(ClaimKind::SmtpCredentialSet, &mail, "type").unwrap(), "smtp");
}

#[test]
fn without_host_or_port_there_is_no_uri() {
    assert_eq!(entry(ClaimKind::Postgres, &[("host", "h")], "uri"), None);
    assert_eq!(entry(ClaimKind::Redis, &[("port", "1")], "uri"), None);
}

#[test]
fn snapshots_have_no_binding() {
    assert_eq!(binding_type(ClaimKind::PostgresSnapshot), None);
    assert_eq!(secret_type("redis"), "servicebinding.io/redis");
}

#[test]
fn w48_a_database_with_tls_says_so_in_its_own_entries_and_in_both_uris() {
    let connection: Values = POSTGRES.into_iter().collect();
    let tls = Some(Tls { mode: "verify-full", roots: Some("PEM") });
    let binding = binding(ClaimKind::Postgres, "postgresql", Provider::Aws, &connection, tls);
    let text = |key: &str| String::from_utf8(binding.get(key).unwrap().to_vec()).unwrap();
    assert_eq!((text("sslmode").as_str(), text("sslrootcert").as_str()), ("verify-full", "PEM"));
    assert!(text("uri").ends_with("/db?sslmode=require"), "{}", text("uri"));
    assert!(text("jdbc-uri").ends_with("&password=p4ss&sslmode=require"), "{}", text("jdbc-uri"));
}
