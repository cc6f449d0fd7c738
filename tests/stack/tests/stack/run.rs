//! `make run` as people use it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// As the Makefile does it, so that it ends with its test.
fn run(arguments: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", env!("CARGO_BIN_EXE_stack"), "run"]);
    command.args(arguments).stdin(Stdio::null());
    command
}

const POSTGRES: [&str; 2] = [
    "database, host, password, port, username",
    "database, host, jdbc-uri, password, port, provider, type, uri, username",
];
const REDIS: [&str; 2] = ["password, port, uri", "host, password, port, provider, type, uri"];
const REDIS_ON_AWS: [&str; 2] =
    ["password, port, tls, uri", "host, password, port, provider, tls, type, uri"];
const BUCKET: [&str; 2] = [
    "bucketName, bucketRegion, credentialKeyID, credentialSecretKey",
    "access-key-id, bucket, provider, region, secret-access-key, type, uri",
];
const MAIL: [&str; 2] = [
    "host, password, port, tls, username",
    "host, password, port, provider, tls, type, uri, username",
];

/// Kind and name of each sample, what serves it, and the keys of its Secret and of its binding.
const SAMPLES: [([&str; 3], Option<[&str; 2]>); 10] = [
    (["BlobStorage", "example-blobstorage", "aws-s3"], Some(BUCKET)),
    (["BlobStorage", "example-blobstorage-workshop", "openshift-blobstorage"], Some(BUCKET)),
    (["Postgres", "example-postgres", "openshift-postgres-template"], Some(POSTGRES)),
    (["Postgres", "example-postgres-aws", "aws-rds"], Some(POSTGRES)),
    (["PostgresSnapshot", "example-postgressnapshot", "aws-rds-snapshots"], None),
    (["Redis", "example-redis", "openshift-redis-template"], Some(REDIS)),
    (["Redis", "example-redis-aws", "aws-elasticache"], Some(REDIS_ON_AWS)),
    (["RedisSnapshot", "example-redissnapshot", "aws-redis-snapshots"], None),
    (["SMTPCredentialSet", "example-smtp", "openshift-smtp"], Some(MAIL)),
    (["SMTPCredentialSet", "example-smtp-aws", "aws-ses"], Some(MAIL)),
];

#[test]
fn once_ends_well_when_all_samples_are_complete_and_says_what_their_secrets_hold() {
    let samples = stack::read_folder(&stack::repository().join("deploy/samples")).unwrap();
    assert_eq!(samples.len(), SAMPLES.len());
    let output = run(&["--once"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let is_told = |words: &[&str]| {
        text.lines().any(|line| line.split_whitespace().take(words.len()).eq(words.iter().copied()))
    };
    for ([kind, name, provider], keys) in SAMPLES {
        assert!(is_told(&[kind, name, provider, "complete"]), "{name}: {text}");
        let secrets = [format!("{name}-sec"), format!("{name}-sec-binding")];
        for (secret, keys) in secrets.iter().zip(keys.iter().flatten()) {
            let told = text.lines().find_map(|line| line.strip_prefix(&format!("{secret} ")));
            assert_eq!(told.map(str::trim), Some(*keys), "{secret}");
        }
    }
}

#[test]
fn once_fails_when_they_are_not_in_time_and_says_so() {
    let output = run(&["--once", "--timeout-seconds", "0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("error: not started in 0 s"), "{error}");
}

/// What it printed after this, on the same line; waits for it.
fn told(child: &mut Child, prefix: &str) -> String {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let mut found = lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix(prefix).map(ToOwned::to_owned));
    found.next().unwrap()
}

#[test]
fn it_says_how_to_reach_the_cluster_and_stops_when_it_is_told_to() {
    let mut child = run(&[]).stdout(Stdio::piped()).spawn().unwrap();
    let kubeconfig = told(&mut child, "export KUBECONFIG=");
    let kubectl = stack::tools().unwrap().join("kubectl");
    let get = ["--kubeconfig", &kubeconfig, "get", "postgres", "example-postgres"];
    let output = Command::new(kubectl).args(get).output().unwrap();
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(table.contains("complete"), "{table}{}", String::from_utf8_lossy(&output.stderr));
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert!(child.wait().unwrap().success());
}
