//! Writes the IAM policies - of the operator, of the roles that it may act as, of the users that it makes - and the
//! `CredentialsRequest`. `--check` fails when a committed one differs; `--seen <file>` fails when the calls that tests
//! have made need anything else than the operator's policy allows, more or less.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::Context as _;
use aws_provisioner::policy::{self, minted, operator, trust};
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/aws");
const HOW: &str = "make generate";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => policies().into_iter().try_for_each(|(path, text)| Ok(fs::write(path, text)?)),
        ["--check"] => policies().into_iter().try_for_each(|(path, text)| check(&path, &text)),
        ["--seen", log] => {
            compare(&fs::read_to_string(log).with_context(|| format!("failed to read {log}"))?)
        }
        _ => anyhow::bail!("usage: policygen [--check | --seen <file>]"),
    }
}

/// Each with its file. Names in angle brackets are filled in where it is used.
fn policies() -> [(PathBuf, String); 7] {
    let identities = ["arn:aws:ses:<region>:<account>:identity/<identity>".to_owned()];
    let all: [(&str, Value); 7] = [
        ("operator-policy.json", operator::operator()),
        ("credentials-request.json", minted::credentials_request(&operator::operator())),
        ("trust-irsa.json", trust::service_account(trust::AWS_AUDIENCE)),
        ("trust-openshift-sts.json", trust::service_account(trust::OPENSHIFT_AUDIENCE)),
        ("trust-pod-identity.json", trust::pod_identity()),
        ("bucket-user-policy.json", policy::access(&policy::bucket_arn("aws", "<bucket>"))),
        ("mail-user-policy.json", policy::send_mail(&identities)),
    ];
    all.map(|(file, policy)| (PathBuf::from(FOLDER).join(file), format!("{policy:#}\n")))
}

fn check(path: &PathBuf, text: &str) -> anyhow::Result<()> {
    let found = fs::read_to_string(path).unwrap_or_default();
    anyhow::ensure!(found == text, "{} differs; regenerate it: {HOW}", path.display());
    Ok(())
}

/// One action on each line.
fn compare(log: &str) -> anyhow::Result<()> {
    let seen: BTreeSet<String> = log.lines().map(str::to_owned).collect();
    let allowed = operator::actions();
    let missing: Vec<&str> = seen.difference(&allowed).map(String::as_str).collect();
    anyhow::ensure!(missing.is_empty(), "the policy lacks what tests saw: {}", missing.join(", "));
    let unused: Vec<&str> = allowed.difference(&seen).map(String::as_str).collect();
    anyhow::ensure!(unused.is_empty(), "the policy allows what no test saw: {}", unused.join(", "));
    println!("the policy allows what {} calls need, and nothing else", seen.len());
    Ok(())
}
