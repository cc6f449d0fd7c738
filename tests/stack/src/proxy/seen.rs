//! What the operator's calls needed of IAM, for the check of its policy.

use std::collections::BTreeSet;
use std::io::Write as _;

use super::Call;

/// A file that actions are appended to, one on each line.
const LOG: &str = "IAM_ACTIONS_LOG";
/// Access key ids of the operator; tests that look around have others.
const OPERATORS: [&str; 2] = ["local", "operator"];

/// Appends them to the file that `$IAM_ACTIONS_LOG` names.
pub(super) fn record(calls: &[Call]) {
    let Some(path) = std::env::var_os(LOG) else { return };
    let calls = calls.iter().filter(|call| OPERATORS.contains(&call.caller.as_str()));
    let actions: BTreeSet<String> = calls.flat_map(Call::actions).collect();
    let lines: String = actions.into_iter().map(|action| action + "\n").collect();
    // A log that cannot be written lacks lines, and the check says which.
    let log = std::fs::File::options().append(true).create(true).open(path);
    let _ = log.and_then(|mut log| log.write_all(lines.as_bytes()));
}
