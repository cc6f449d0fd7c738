//! Real servers, to stand behind endpoints of the AWS double.

use stack::{Postgres, PostgresLogin, Redis};

#[tokio::test(flavor = "multi_thread")]
async fn postgres_lets_in_whom_it_admits_over_tls_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let server = Postgres::start(folder.path()).await.unwrap();
    let login = |password| PostgresLogin { user: "master", password, database: "app" };
    server.admit("master", "it's-one").await.unwrap();
    server.make_database("app", "master").await.unwrap();
    server.make_database("app", "master").await.unwrap();
    let uses_tls = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    for (sslmode, expected) in [("verify-full", "t"), ("disable", "f")] {
        assert_eq!(server.ask(login("it's-one"), sslmode, uses_tls).await.unwrap(), expected);
    }
    let refused = server.ask(login("other"), "require", "select 1").await.unwrap_err();
    assert!(refused.to_string().contains("password authentication failed"), "{refused}");
    server.admit("master", "two").await.unwrap();
    server.ask(login("it's-one"), "require", "select 1").await.unwrap_err();
    assert_eq!(server.ask(login("two"), "require", "select 1").await.unwrap(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_lets_in_whom_it_admits() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Redis::start(folder.path(), true, Some("one")).await.unwrap();
    assert_eq!(server.ask(Some("one"), true, &["SET", "k", "v"]).await.unwrap(), "OK");
    for (password, tls) in [(Some("other"), true), (None, true), (Some("one"), false)] {
        server.ask(password, tls, &["GET", "k"]).await.unwrap_err();
    }
    server.admit(&["two", "one"]).await.unwrap();
    for password in ["one", "two"] {
        assert_eq!(server.ask(Some(password), true, &["GET", "k"]).await.unwrap(), "v");
    }
    server.admit(&["two"]).await.unwrap();
    server.ask(Some("one"), true, &["GET", "k"]).await.unwrap_err();
    let open = Redis::start(folder.path(), false, None).await.unwrap();
    assert_eq!(open.ask(None, false, &["PING"]).await.unwrap(), "PONG");
}
