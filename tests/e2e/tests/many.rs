//! Many claims at once.

use futures::future::try_join_all;
use stack::{Claim, Stack};

#[tokio::test(flavor = "multi_thread")]
async fn many_claims_at_once_are_all_served_and_all_taken_away() {
    let stack = Stack::start("many").await.unwrap();
    let claims: Vec<Claim> = (0..10)
        .flat_map(|number| {
            let name = format!("claim-{number}");
            [
                Claim::postgres(&name).secret(&format!("{name}-p")),
                Claim::redis(&name).secret(&format!("{name}-r")),
                Claim::bucket(&name).secret(&format!("{name}-b")),
            ]
        })
        .collect();
    try_join_all(claims.iter().map(|claim| stack.create(claim))).await.unwrap();
    try_join_all(claims.iter().map(|claim| stack.until_complete(claim))).await.unwrap();
    try_join_all(claims.iter().map(|claim| stack.delete(claim))).await.unwrap();
    try_join_all(claims.iter().map(|claim| stack.until_gone(claim))).await.unwrap();
}
