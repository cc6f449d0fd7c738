//! Writes the IAM policy of the operator. `--check` fails when the committed one differs; `--seen <file>` fails when the
//! calls that tests have made need anything else than the policy allows, more or less.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::Context as _;
use aws_provisioner::policy::operator;

const HOW: &str = "make generate";

fn main() -> anyhow::Result<()> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/aws/operator-policy.json"
    ));
    let text = format!("{:#}\n", operator::operator());
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Ok(fs::write(path, text)?),
        ["--check"] => {
            let found = fs::read_to_string(&path).unwrap_or_default();
            anyhow::ensure!(
                found == text,
                "{} differs from the calls; regenerate it: {HOW}",
                path.display()
            );
            Ok(())
        }
        ["--seen", log] => {
            compare(&fs::read_to_string(log).with_context(|| format!("failed to read {log}"))?)
        }
        _ => anyhow::bail!("usage: policygen [--check | --seen <file>]"),
    }
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
