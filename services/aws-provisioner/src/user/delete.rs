//! A user that shall not exist.

use worker::Work;

use crate::aws::iam::Iam;
use crate::error::Error;
use crate::tags::Owner;

use super::known::{self, Known};
use super::plan::Put;
use super::{User, Which, call, observe};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It does not exist, and that is proven.
    Gone,
    /// AWS may not show it yet.
    Hidden,
    /// It was never ours, or is another claim's by now.
    Foreign,
}

/// Makes it not exist, unless it is somebody else's.
pub async fn remove(
    iam: &Iam,
    which: Which<'_>,
    owner: &Owner,
    work: &mut Work<'_>,
) -> Result<Removal, Error> {
    let found = observe(iam, which).await?;
    if let Some(removal) = kept(found.as_ref(), owner, &Known::of(work), which.name)? {
        return Ok(removal);
    }
    call(iam, which, found.as_ref(), &Put::Delete).await?;
    known::learn(work, &Put::Delete);
    Ok(Removal::Gone)
}

/// Why there is nothing to delete; `None` when it is ours. Pure.
fn kept(
    user: Option<&User>,
    owner: &Owner,
    known: &Known,
    name: &str,
) -> Result<Option<Removal>, Error> {
    Ok(match user {
        None if known.may_be_hidden => Some(Removal::Hidden),
        None => Some(Removal::Gone),
        Some(user) if owner.may_delete(&user.tags) => None,
        // It was ours once: somebody must say whose it is now.
        Some(user) if known.exists && !owner.is_successors(&user.tags) => {
            return Err(Error::NotOwned { what: "IAM user", name: name.to_owned() });
        }
        Some(_) => Some(Removal::Foreign),
    })
}

#[cfg(test)]
mod tests {
    use proto::WorkItem;

    use super::*;
    use crate::tags;

    fn item(uid: &str) -> WorkItem {
        let mut item = crate::postgres::fixture::item("{}");
        item.identity.uid = uid.parse().unwrap();
        item
    }

    fn user(uid: &str) -> User {
        User { tags: tags::desired(&item(uid)).unwrap(), ..User::default() }
    }

    #[test]
    fn only_what_is_not_ours_or_does_not_exist_is_kept() {
        let owner = Owner::of(&item("u-1"));
        let kept = |user: Option<User>, known: &Known| kept(user.as_ref(), &owner, known, "cro-x");
        let (new, asked) = (Known::default(), Known { may_be_hidden: true, ..Known::default() });
        let ours = Known { exists: true, ..Known::default() };
        assert_eq!(kept(None, &new).unwrap(), Some(Removal::Gone));
        assert_eq!(kept(None, &asked).unwrap(), Some(Removal::Hidden));
        assert_eq!(kept(Some(user("u-1")), &ours).unwrap(), None);
        assert_eq!(kept(Some(user("u-2")), &ours).unwrap(), Some(Removal::Foreign));
        assert_eq!(kept(Some(User::default()), &new).unwrap(), Some(Removal::Foreign));
        assert!(matches!(kept(Some(User::default()), &ours), Err(Error::NotOwned { .. })));
    }
}
