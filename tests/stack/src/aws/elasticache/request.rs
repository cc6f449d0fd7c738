//! What a request for a group may say.

use super::token;
use crate::aws::catalog;
use crate::aws::controls::Login;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;

pub(super) fn checked_token(value: &str, is_now: bool) -> Result<&str, Refusal> {
    token::check(value)?;
    if is_now {
        return Ok(value);
    }
    Err(Refusal::combination("An AUTH token can only be changed immediately."))
}

pub(super) fn first_login(query: &Query) -> Result<Option<Login>, Refusal> {
    let Some(password) = query.get("AuthToken") else { return Ok(None) };
    token::check(password)?;
    Ok(Some(Login { password: password.to_owned(), ..Login::default() }))
}

pub(super) fn version(engine: &str, wanted: &str) -> Result<&'static str, Refusal> {
    let row = catalog::cache(engine, wanted);
    row.map(|row| row.2)
        .ok_or_else(|| Refusal::combination(format!("Cannot find version {wanted} for {engine}")))
}

/// 1 to 40 letters, digits and hyphens; first a letter, no hyphen last or twice.
pub(super) fn identifier(query: &Query) -> Result<String, Refusal> {
    let id = query.id("ReplicationGroupId").unwrap_or_default();
    let is_good = (1..=40).contains(&id.len())
        && id.starts_with(|it: char| it.is_ascii_lowercase())
        && id.chars().all(|it| it.is_ascii_alphanumeric() || it == '-')
        && !id.ends_with('-')
        && !id.contains("--");
    if is_good {
        Ok(id)
    } else {
        Err(Refusal::value(format!("{id} is not a valid ReplicationGroupId.")))
    }
}

pub(super) fn members(query: &Query) -> Result<usize, Refusal> {
    let number = |name| query.get(name).map(str::parse::<usize>).transpose();
    let read = || {
        Ok::<_, std::num::ParseIntError>((
            number("NumNodeGroups")?.unwrap_or(1),
            number("NumCacheClusters")?,
            number("ReplicasPerNodeGroup")?,
        ))
    };
    let (groups, clusters, replicas) = read().map_err(Refusal::value)?;
    if groups != 1 {
        return Err(Refusal::new(
            501,
            "NotImplemented",
            "the double has no groups of several shards",
        ));
    }
    let members = clusters.or(replicas.map(|replicas| replicas + 1)).unwrap_or(1);
    if (1..=6).contains(&members) {
        Ok(members)
    } else {
        Err(Refusal::value("between 1 and 6 clusters"))
    }
}
