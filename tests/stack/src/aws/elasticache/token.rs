//! AUTH tokens: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html>

use crate::aws::controls::Login;
use crate::aws::refusal::Refusal;

/// 16 to 128 printable characters; of the special ones only `!`, `&`, `#`, `$`, `^`, `<`, `>` and `-`.
pub(super) fn check(token: &str) -> Result<(), Refusal> {
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || "!&#$^<>-".contains(it);
    if (16..=128).contains(&token.len()) && token.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Refusal::value("Invalid AuthToken provided."))
}

/// Whom the group lets in after a change. `ROTATE` adds a token to the one that is there, `SET` leaves only the new
/// one, `DELETE` none.
pub(super) fn change(
    old: Option<Login>,
    token: &str,
    strategy: &str,
) -> Result<Option<Login>, Refusal> {
    let old = old.map(|login| login.password);
    let login = |previous| Some(Login { password: token.to_owned(), previous, ..Login::default() });
    match strategy {
        // The older of two tokens goes.
        "" | "ROTATE" => Ok(login(old.filter(|old| old != token))),
        "SET" => Ok(login(None)),
        "DELETE" => Ok(None),
        _ => Err(Refusal::value(format!("unknown AuthTokenUpdateStrategy {strategy}"))),
    }
}
