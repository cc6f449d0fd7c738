//! `make run/cluster` as people use it.

use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use stack::{Claim, Stack};

#[tokio::test(flavor = "multi_thread")]
async fn the_services_on_this_machine_serve_a_cluster_that_is_elsewhere() {
    // It has accounts and rights in this namespace, and no services.
    let stack = Stack::prepare("away").await.unwrap();
    let mut command = Command::new("setpriv");
    let program = ["--pdeathsig", "TERM", env!("CARGO_BIN_EXE_stack")];
    command.args(program).args(["cluster", "--namespace", "away"]).stdin(Stdio::null());
    command.env("KUBECONFIG", stack.site().plane.admin().path()).env("WATCH_NAMESPACE", "away");
    let mut process = command.spawn().unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();

    let pid = Pid::from_raw(process.id().cast_signed());
    kill(pid, Signal::SIGTERM).unwrap();
    assert!(process.wait().unwrap().success());
}
