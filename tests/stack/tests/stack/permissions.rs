//! Each NATS user may use its subjects, and no others.

use std::collections::BTreeSet;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event};
use bus::topology::{consumer_name, kinds};
use proto::{Provider, Service};
use stack::Nats;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const W: Service = Service::Watcher;
const A: Service = Service::AwsProvisioner;
const O: Service = Service::OpenshiftProvisioner;
const S: Service = Service::SecretWriter;

/// Subjects and who may publish to them.
const PUBLISH: [(&str, &[Service]); 52] = [
    ("work.aws.postgres.u", &[W]),
    ("work.openshift.redis.u", &[W]),
    ("result.aws.postgres.u", &[A, S]),
    ("result.openshift.postgres.u", &[O, S]),
    ("credentials.ensure.aws.postgres.u", &[A]),
    ("credentials.store.openshift.redis.u", &[O]),
    ("$KV.records.aws.u", &[A]),
    ("$KV.records.openshift.u", &[O]),
    ("$KV.records.secret-writer.u", &[S]),
    ("$KV.records.watcher.u", &[]),
    ("$KV.leases.aws.u", &[A]),
    ("$KV.leases.openshift.u", &[O]),
    ("_INBOX.aws-provisioner.x", &[S]),
    ("_INBOX.openshift-provisioner.x", &[S]),
    ("_INBOX.watcher.x", &[]),
    ("_INBOX.secret-writer.x", &[]),
    ("$JS.API.INFO", &[]),
    ("$JS.API.STREAM.NAMES", &[]),
    ("$JS.API.STREAM.LIST", &[]),
    ("$JS.API.STREAM.INFO.WORK", &[W, A, O, S]),
    ("$JS.API.STREAM.INFO.RESULT", &[W, A, O, S]),
    ("$JS.API.STREAM.INFO.KV_records", &[W, A, O, S]),
    ("$JS.API.STREAM.INFO.KV_leases", &[W, A, O, S]),
    ("$JS.API.STREAM.CREATE.WORK", &[W]),
    ("$JS.API.STREAM.CREATE.KV_leases", &[W]),
    ("$JS.API.STREAM.CREATE.OTHER", &[]),
    ("$JS.API.STREAM.UPDATE.RESULT", &[W]),
    ("$JS.API.STREAM.DELETE.WORK", &[]),
    ("$JS.API.STREAM.PURGE.KV_records", &[]),
    ("$JS.API.STREAM.SNAPSHOT.WORK", &[]),
    ("$JS.API.STREAM.RESTORE.WORK", &[]),
    ("$JS.API.STREAM.MSG.DELETE.WORK", &[]),
    ("$JS.API.STREAM.MSG.GET.WORK", &[W, A, O]),
    ("$JS.API.STREAM.MSG.GET.RESULT", &[A, O, S]),
    ("$JS.API.STREAM.MSG.GET.KV_records", &[A, O, S]),
    ("$JS.API.STREAM.MSG.GET.KV_leases", &[A, O]),
    ("$JS.API.DIRECT.GET.WORK", &[]),
    ("$JS.API.DIRECT.GET.KV_records.$KV.records.aws.u", &[]),
    ("$JS.API.CONSUMER.CREATE.WORK.aws-redis.work.aws.redis.>", &[W]),
    ("$JS.API.CONSUMER.CREATE.RESULT.secret-writer.result.>", &[W]),
    ("$JS.API.CONSUMER.CREATE.KV_records", &[]),
    ("$JS.API.CONSUMER.CREATE.KV_records.n.$KV.records.>", &[]),
    ("$JS.API.CONSUMER.CREATE.KV_records.n.$KV.records.aws.>", &[A]),
    ("$JS.API.CONSUMER.CREATE.KV_records.n.$KV.records.secret-writer.>", &[S]),
    ("$JS.API.CONSUMER.DELETE.WORK.aws-redis", &[]),
    ("$JS.API.CONSUMER.PAUSE.WORK.aws-redis", &[]),
    ("$JS.API.CONSUMER.MSG.NEXT.RESULT.secret-writer", &[S]),
    ("$JS.ACK.WORK.aws-redis.1.1.1.1.0", &[A]),
    ("$JS.ACK.WORK.openshift-redis.1.1.1.1.0", &[O]),
    ("$JS.ACK.RESULT.secret-writer.1.1.1.1.0", &[S]),
    ("$JS.API.ACCOUNT.PURGE.CRO", &[]),
    ("$SYS.REQ.SERVER.PING", &[]),
];

/// Subjects and queue groups, and who may subscribe to them.
const SUBSCRIBE: [(&str, Option<&str>, &[Service]); 9] = [
    ("_INBOX.>", None, &[]),
    ("_INBOX.watcher.>", None, &[W]),
    ("_INBOX.aws-provisioner.>", None, &[A]),
    ("_INBOX.secret-writer.>", None, &[S]),
    ("work.>", None, &[]),
    ("result.>", None, &[]),
    ("$KV.>", None, &[]),
    ("credentials.>", None, &[]),
    ("credentials.>", Some("secret-writer"), &[S]),
];

/// Denied to everybody; what was asked before it has been answered when its refusal arrives.
const LAST: &str = "last";

/// A connection of a service, and the refusals that it hears.
async fn connect(nats: &Nats, service: Service) -> (Client, UnboundedReceiver<String>) {
    let (sender, refusals) = unbounded_channel();
    let options = ConnectOptions::new().event_callback(move |event| {
        if let Event::ServerError(error) = event {
            let _ = sender.send(error.to_string());
        }
        std::future::ready(())
    });
    (nats.client(service, options).await.unwrap(), refusals)
}

/// The subjects that were refused until `LAST` was; the queue group comes after a space.
async fn refused(client: &Client, refusals: &mut UnboundedReceiver<String>) -> BTreeSet<String> {
    client.publish(LAST, "".into()).await.unwrap();
    client.flush().await.unwrap();
    let mut refused = BTreeSet::new();
    loop {
        let refusal = tokio::time::timeout(Duration::from_secs(10), refusals.recv()).await;
        let refusal = refusal.unwrap().unwrap().to_lowercase();
        assert!(refusal.contains("permissions violation"), "{refusal}");
        let quoted: Vec<&str> = refusal.split('"').skip(1).step_by(2).collect();
        if quoted[0] == LAST {
            return refused;
        }
        refused.insert(quoted.join(" "));
    }
}

#[tokio::test]
async fn each_service_may_publish_to_its_subjects_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let nats = Nats::start(folder.path()).await.unwrap();
    for service in Service::ALL {
        let (client, mut refusals) = connect(&nats, service).await;
        for (subject, _) in PUBLISH {
            client.publish(subject, "".into()).await.unwrap();
        }
        let denied = PUBLISH.iter().filter(|(_, allowed)| !allowed.contains(&service));
        let denied: BTreeSet<String> = denied.map(|(subject, _)| subject.to_lowercase()).collect();
        assert_eq!(refused(&client, &mut refusals).await, denied, "{service}");
    }
}

#[tokio::test]
async fn each_service_may_subscribe_to_its_own_inbox_and_requests_only() {
    let folder = tempfile::tempdir().unwrap();
    let nats = Nats::start(folder.path()).await.unwrap();
    for service in Service::ALL {
        let (client, mut refusals) = connect(&nats, service).await;
        let mut subscriptions = Vec::new();
        for (subject, group, _) in SUBSCRIBE {
            subscriptions.push(match group {
                Some(group) => client.queue_subscribe(subject, group.to_owned()).await.unwrap(),
                None => client.subscribe(subject).await.unwrap(),
            });
        }
        let denied = SUBSCRIBE.iter().filter(|(.., allowed)| !allowed.contains(&service));
        let denied: BTreeSet<String> = denied
            .map(|(subject, group, _)| match group {
                Some(group) => format!("{} {group}", subject.to_lowercase()),
                None => subject.to_lowercase(),
            })
            .collect();
        assert_eq!(refused(&client, &mut refusals).await, denied, "{service}");
    }
}

#[tokio::test]
async fn a_provisioner_may_pull_from_all_of_its_consumers_and_none_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let nats = Nats::start(folder.path()).await.unwrap();
    let pulls = |provider: Provider| {
        let names = kinds(provider).iter().map(move |kind| consumer_name(provider, *kind));
        names.map(|name| format!("$JS.API.CONSUMER.MSG.NEXT.WORK.{name}"))
    };
    let all: Vec<String> = pulls(Provider::Aws).chain(pulls(Provider::Openshift)).collect();
    for (service, own) in [
        (W, BTreeSet::new()),
        (A, pulls(Provider::Aws).collect()),
        (O, pulls(Provider::Openshift).collect()),
        (S, BTreeSet::new()),
    ] {
        let (client, mut refusals) = connect(&nats, service).await;
        for subject in &all {
            client.publish(subject.clone(), "".into()).await.unwrap();
        }
        let denied = all.iter().filter(|subject| !own.contains(*subject));
        let denied: BTreeSet<String> = denied.map(|subject| subject.to_lowercase()).collect();
        assert_eq!(refused(&client, &mut refusals).await, denied, "{service}");
    }
}

#[tokio::test]
async fn nobody_connects_without_a_key_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let nats = Nats::start(folder.path()).await.unwrap();
    let other = tempfile::tempdir().unwrap();
    setup::folder::write(other.path(), &[]).unwrap();
    let stolen = std::fs::read_to_string(other.path().join("watcher/nats.seed")).unwrap();
    for options in [ConnectOptions::new(), ConnectOptions::with_nkey(stolen)] {
        let error = options.connect(nats.url()).await.unwrap_err();
        assert_eq!(error.kind(), async_nats::ConnectErrorKind::AuthorizationViolation);
    }
}
