//! A server that speaks TLS only.

use std::path::Path;
use std::time::Duration;

use bus::{Bus, BusConfig, Stored};
use proto::{Service, WorkItem};
use service::Process;
use stack::Nats;

use crate::fixture::{is_served, item, work};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_over_tls_is_read_over_tls() {
    let server = Nats::encrypted().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let written = item("a");
    watcher.write(&work(&written), &written, 0, None).await.unwrap();
    let (aws, _other) = server.bus(Service::AwsProvisioner).await.unwrap();
    let stored: Stored<WorkItem> = aws.read(&work(&written)).await.unwrap();
    assert_eq!(stored.value, Some(written));
}

fn config(server: &Nats, authority: Option<&Path>, keys: &Path) -> BusConfig {
    BusConfig {
        nats_url: server.url(),
        nats_ca_file: authority.map(|folder| folder.join("ca.crt")),
        nats_tls_first: authority.is_some(),
        keys_dir: keys.to_owned(),
        ..BusConfig::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x14_plain_text_another_authority_and_another_key_are_refused() {
    let (server, other) = (Nats::encrypted().await.unwrap(), Nats::encrypted().await.unwrap());
    let (ours, theirs) = (server.keys(Service::Watcher), other.keys(Service::Watcher));
    let plain = BusConfig {
        nats_url: server.url().replace("tls://", "nats://"),
        ..config(&server, None, &ours)
    };
    assert!(!is_served(plain).await, "plain text");
    assert!(!is_served(config(&server, Some(&theirs), &ours)).await, "another authority");
    assert!(!is_served(config(&server, Some(&ours), &theirs)).await, "another key");
    let own_name = BusConfig {
        nats_url: server.url().replace("127.0.0.1", "127.0.0.2"),
        ..config(&server, Some(&ours), &ours)
    };
    assert!(!is_served(own_name).await, "a name that is not the certificate's");
    assert!(is_served(config(&server, Some(&ours), &ours)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_in_a_file_of_its_own_counts_before_that_of_the_keys_folder() {
    let (server, other) = (Nats::encrypted().await.unwrap(), Nats::encrypted().await.unwrap());
    let (ours, theirs) = (server.keys(Service::Watcher), other.keys(Service::Watcher));
    let external = BusConfig {
        nats_credentials_file: Some(ours.join("nats.seed")),
        ..config(&server, Some(&ours), &theirs)
    };
    assert!(is_served(external).await);
    let missing = BusConfig {
        nats_credentials_file: Some(ours.join("none.creds")),
        ..config(&server, Some(&ours), &ours)
    };
    let mut process = Process::new(Service::Watcher, Duration::ZERO);
    let error = Bus::connect(Service::Watcher, &missing, &mut process).await.err().unwrap();
    assert!(error.to_string().contains("none.creds"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_is_enough() {
    let server = Nats::encrypted().await.unwrap();
    let ours = server.keys(Service::Watcher);
    let several = BusConfig {
        nats_url: format!("tls://127.0.0.1:1, {}", server.url()),
        ..config(&server, Some(&ours), &ours)
    };
    assert!(is_served(several).await);
}
