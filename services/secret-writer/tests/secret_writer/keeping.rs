use std::collections::BTreeSet;

use futures::future::join_all;
use proto::Kind;
use proto::wire::CredentialOutcome;

use crate::world::{World, postgres, texts};

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_make_one_password_for_each_claim_and_agree_on_all_secrets() {
    let world = World::new("many").await;
    let _replicas = [world.replica().await, world.replica().await];
    let names: Vec<String> = (0..20).map(|number| format!("db{number}")).collect();
    let world = &world;
    let each = |name: &str| {
        let name = name.to_owned();
        async move {
            let identity = world.claim(Kind::Postgres, &name).await;
            // The same question, asked many times at once.
            let replies = join_all((0..4).map(|_| world.ensure(&identity, true))).await;
            let made = replies.iter().filter(|reply| reply.outcome() == CredentialOutcome::Created);
            assert_eq!(made.count(), 1);
            let result = world.publish(&identity, postgres()).await;
            world.ready(&result).await;
            let credentials = world.secret(&format!("{name}-postgres-credentials")).await;
            let connection = world.secret(&format!("{name}-secret")).await;
            let password = |secret: Option<_>| texts(&secret.unwrap())["password"].clone();
            let (held, published) = (password(credentials), password(connection));
            assert_eq!(held, published);
            held
        }
    };
    let passwords: BTreeSet<String> =
        join_all(names.iter().map(|name| each(name))).await.into_iter().collect();
    assert_eq!(passwords.len(), names.len());
    assert!(passwords.iter().all(|password| password.len() == 32));
}
