//! SMTP credentials of SES.

use data_encoding::BASE64;
use proto::{Desired, ErrorClass, Field, Kind, State, WorkItem};
use stack::{Fault, PATIENCE, eventually};

use crate::world::{World, desiring, name};

fn mail(world: &World, strategy: &str) -> WorkItem {
    let mut item = world.item(strategy);
    item.identity.kind = Kind::SmtpCredentialSet;
    item
}

fn sending_from(identities: &str) -> String {
    format!(r#"{{"createStrategy":{{"identities":[{identities}]}}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_gets_a_user_that_may_send_mail_and_the_password_of_ses() {
    let world = World::new().await;
    let item = mail(&world, &sending_from(r#""shop.example""#));
    let record = world.settle(&item, State::Ready).await;
    assert!(record.message.starts_with("creation successful; "), "{}", record.message);
    assert!(record.message.contains("SES sandbox of us-east-1"), "{}", record.message);
    let calls: Vec<_> =
        world.calls().into_iter().filter(|call| call != "GetCallerIdentity").collect();
    assert!(calls.len() <= 6, "{calls:?}");

    let fields = world.connection(&item).await.unwrap().fields;
    let literal = |text: &str| Field::Literal(text.into());
    assert_eq!(fields["host"], literal("email-smtp.us-east-1.amazonaws.com"));
    assert_eq!((&fields["port"], &fields["tls"]), (&literal("587"), &literal("true")));
    assert_eq!(fields["username"], Field::Credential("keyId".into()));
    assert_eq!(fields["password"], Field::Credential("smtpPassword".into()));
    let ids = world.keeper.ids();
    let kept = world.keeper.values(&ids[0]);
    let password = BASE64.decode(kept["smtpPassword"].as_bytes()).unwrap();
    assert_eq!((password.len(), password[0]), (33, 4));
    // With what is kept nobody can call anything else.
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["keyId", "smtpPassword"]);

    let policy = world.iam().user_policy(&name(&item), "send-mail").await.unwrap().unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let arn = format!("arn:aws:ses:us-east-1:{}:identity/shop.example", world.account);
    let statement = &policy["Statement"][0];
    assert_eq!(
        (&statement["Action"], &statement["Resource"][0]),
        (&"ses:SendRawEmail".into(), &arn.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settled_claim_costs_two_calls_and_follows_its_strategy() {
    let world = World::new().await;
    world.settle(&mail(&world, "{}"), State::Ready).await;
    let key = world.keeper.ids();
    let before = world.calls().len();
    world.settle(&mail(&world, "{}"), State::Ready).await;
    let mut calls = world.calls().split_off(before);
    calls.sort();
    assert_eq!(calls, ["GetUserPolicy", "ListAccessKeys"]);
    let changed = mail(&world, &sending_from(r#""shop.example""#));
    world.settle(&changed, State::Ready).await;
    assert_eq!(world.count("PutUserPolicy"), 2);
    assert_eq!(world.keeper.ids(), key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_claim_leaves_no_user_and_a_foreign_one_is_left_untouched() {
    let world = World::new().await;
    let item = mail(&world, "{}");
    world.settle(&item, State::Ready).await;
    let gone = world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    assert_eq!(gone.message, "deletion complete");
    assert_eq!(world.iam().user_tags(&name(&item)).await.unwrap(), None);

    world.iam().create_user(&name(&item), &[].into()).await.unwrap();
    let again = desiring(&item, Desired::Present);
    assert_eq!(world.fail(&again, "NotOwned").await.error_class, Some(ErrorClass::Foreign));
    world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    assert!(world.iam().user_tags(&name(&item)).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn c09_a_service_killed_while_it_mints_leaves_one_key() {
    let mut world = World::new().await;
    let item = mail(&world, "{}");
    world.hold_answers(&["CreateAccessKey"]);
    world.publish(&item).await;
    world.crash_after(&item, &["CreateAccessKey"]).await;
    world.until(&item, "ready", |record| record.state == State::Ready).await;
    let keys = world.iam().access_keys(&name(&item)).await.unwrap();
    assert_eq!((keys.len(), world.keeper.ids()), (1, keys));
}

#[tokio::test(flavor = "multi_thread")]
async fn c09_a_service_killed_when_its_key_is_kept_mints_no_other() {
    let mut world = World::new().await;
    let item = mail(&world, "{}");
    world.keeper.hold_next_store();
    world.publish(&item).await;
    let is_kept = async || Ok((!world.keeper.ids().is_empty()).then_some(()));
    eventually("kept", PATIENCE, is_kept).await.unwrap();
    world.crash(&item).await;
    world.until(&item, "ready", |record| record.state == State::Ready).await;
    let keys = world.iam().access_keys(&name(&item)).await.unwrap();
    assert_eq!((world.count("CreateAccessKey"), world.keeper.ids()), (1, keys));
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_throttling_by_ses_is_told_and_keeps_credentials_from_nobody() {
    let world = World::new().await;
    world.aws.storm("ses", 100);
    let record = world.settle(&mail(&world, "{}"), State::Ready).await;
    assert!(record.message.contains("AWS asks to slow down calls to ses"), "{}", record.message);
    world.aws.storm("ses", 0);
    // Its budget has paused for some seconds.
    let healed = async || {
        let record = world.settle(&mail(&world, "{}"), State::Ready).await;
        Ok(record.message.contains("SES sandbox of us-east-1").then_some(()))
    };
    stack::eventually("the quota is known", stack::PATIENCE, healed).await.unwrap();
    assert_eq!(world.count("CreateAccessKey"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_and_regions_without_ses_are_told() {
    let world = World::new().await;
    let record = world.settle(&mail(&world, &sending_from(r#""*""#)), State::Refused).await;
    let path = "strategy field createStrategy.identities[0]";
    assert!(record.message.starts_with(path), "{}", record.message);
    assert_eq!(world.mutations(), Vec::<String>::new());
    world.aws.fail("GetSendQuota", 4, Fault::RequestLost);
    let nowhere = mail(&world, r#"{"region":"eu-nowhere-9"}"#);
    assert_eq!(world.fail(&nowhere, "NoSes").await.error_class, Some(ErrorClass::NeedsPerson));
    world.aws.fail("GetSendQuota", 1, Fault::Answered(403, "AccessDenied"));
    let record = world.settle(&mail(&world, "{}"), State::Ready).await;
    assert!(record.message.contains("allow ses:GetSendQuota"), "{}", record.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_quota_of_users_and_of_keys_is_told_and_heals() {
    let world = World::new().await;
    for operation in ["CreateUser", "CreateAccessKey"] {
        world.aws.fail(operation, 1, Fault::Answered(409, "LimitExceeded"));
        let record = world.fail(&mail(&world, "{}"), "QuotaExceeded").await;
        assert_eq!(record.error_class, Some(ErrorClass::Quota), "{operation}");
    }
    world.settle(&mail(&world, "{}"), State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_somebody_deleted_comes_back_with_another_key() {
    let mut world = World::new().await;
    let item = mail(&world, "{}");
    world.settle(&item, State::Ready).await;
    let before = world.keeper.ids();
    let (iam, user) = (world.iam(), name(&item));
    // While it looks on, it would put back what is deleted here one after the other.
    world.kill();
    iam.delete_access_key(&user, &before[0]).await.unwrap();
    iam.delete_user_policy(&user, "send-mail").await.unwrap();
    iam.delete_user(&user).await.unwrap();
    world.start_with(&[("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")]);
    eventually("another key", PATIENCE, async || {
        let keys = iam.access_keys(&user).await?;
        let ids = world.keeper.ids();
        Ok((!keys.is_empty() && keys == ids && ids != before).then_some(()))
    })
    .await
    .unwrap();
}
