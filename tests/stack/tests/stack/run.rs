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

const SECRETS: [(&str, &str); 3] = [
    ("example-blobstorage-sec ", "bucketName, bucketRegion, credentialKeyID, credentialSecretKey"),
    ("example-postgres-sec ", "database, host, password, port, username"),
    ("example-redis-sec ", "password, port, uri"),
];

#[test]
fn once_ends_well_when_all_samples_are_complete_and_says_what_their_secrets_hold() {
    let output = run(&["--once"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    for (secret, keys) in SECRETS {
        let line = text.lines().find(|line| line.starts_with(secret)).unwrap();
        assert!(line.ends_with(keys), "{line}");
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
