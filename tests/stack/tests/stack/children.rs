//! Nothing outlives the process that started it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use stack::{Spawn, eventually};

/// Runs in a process of its own, started by the test below.
#[test]
#[ignore = "the owner that the next test kills"]
fn owner() {
    let folder = tempfile::tempdir().unwrap();
    let child = Spawn::new("sleep", "sleep", folder.path()).arg("600").start().unwrap();
    println!("child={}", child.pid());
    loop {
        std::thread::park();
    }
}

#[tokio::test]
async fn a_child_ends_when_its_owner_is_killed() {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "children::owner"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let pid = lines.find_map(|line| Some(line.unwrap().split_once("child=")?.1.to_owned()));
    let folder = format!("/proc/{}", pid.unwrap());
    assert!(Path::new(&folder).exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    let gone = async || Ok((!Path::new(&folder).exists()).then_some(()));
    eventually("the child has ended", Duration::from_secs(10), gone).await.unwrap();
}

#[tokio::test]
async fn a_child_that_ends_by_itself_is_noticed_at_once_and_its_last_words_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let spawn = Spawn::new("broken", "sh", folder.path());
    let mut child = spawn.args(["-c", "echo no such luck; exit 3"]).start().unwrap();
    let never = async || false;
    let error = child.until_ready(Duration::from_secs(60), never).await.unwrap_err().to_string();
    assert!(error.contains("no such luck") && error.contains("exit status: 3"), "{error}");
}

#[test]
fn a_child_has_nothing_of_our_environment() {
    let folder = tempfile::tempdir().unwrap();
    let spawn = Spawn::new("env", "env", folder.path()).env("GIVEN", "yes");
    let mut child = spawn.start().unwrap();
    while child.check().is_ok() {
        std::thread::yield_now();
    }
    let text = child.tail(100);
    assert!(text.contains("GIVEN=yes"), "{text}");
    for (name, _) in text.lines().filter_map(|line| line.split_once('=')) {
        // The last three are what a shell adds.
        assert!(["GIVEN", "HOME", "PATH", "PWD", "SHLVL", "_"].contains(&name), "{text}");
    }
}
