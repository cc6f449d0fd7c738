//! IAM: moto deletes a user that still has keys or policies.

use super::ask::Ask;
use super::query::Query;
use super::refusal::Refusal;

/// What still belongs to the user that is to be deleted.
pub(crate) async fn conflict(ask: &Ask<'_>) -> Option<Refusal> {
    let user = ask.query.get("UserName").unwrap_or_default();
    let lists = [
        ("ListAccessKeys", "AccessKeyMetadata", "access keys"),
        ("ListUserPolicies", "PolicyNames", "policies"),
        ("ListAttachedUserPolicies", "AttachedPolicies", "attached policies"),
        ("ListGroupsForUser", "Groups", "groups"),
    ];
    for (action, items, what) in lists {
        let query = Query::new(action, "2010-05-08").with("UserName", user);
        let Ok(root) = ask.send("iam", &query).await else { continue };
        if !root.items(items).is_empty() {
            let message = format!("Cannot delete entity, must delete {what} first.");
            return Some(Refusal::new(409, "DeleteConflict", message));
        }
    }
    None
}
