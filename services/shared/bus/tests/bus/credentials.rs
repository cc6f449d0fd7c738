use std::time::{Duration, SystemTime};

use bus::Bus;
use proto::wire::{CredentialOutcome, CredentialReply, ReadRequest};
use proto::{Provider, Service};
use seal::{Keyring, MAX_REQUEST_AGE, context};
use service::Process;
use stack::Nats;

use crate::fixture::{eventually, item};

const SUBJECT: &str = "credentials.read.openshift.redis.a";

/// Holds whatever is asked for.
fn serve(bus: Bus, process: &mut Process) {
    let shutdown = process.shutdown.clone();
    process.spawn("credentials", async move {
        let held = |_, _, _| async {
            let mut reply = CredentialReply::default();
            reply.set_outcome(CredentialOutcome::Held);
            reply
        };
        Ok(bus.serve_credentials(shutdown, held).await?)
    });
}

/// Sends what openshift-provisioner says at this time.
async fn ask_at(server: &Nats, time: SystemTime) -> CredentialReply {
    let keyring = Keyring::load(&server.keys(Service::OpenshiftProvisioner)).unwrap();
    let identity = Some(item("a").identity.into());
    let request = ReadRequest { context: Some(context("r-1", SUBJECT, time)), identity };
    let sealed = keyring.seal(Service::SecretWriter, SUBJECT, &request).unwrap();
    let client = async_nats::connect(server.url()).await.unwrap();
    let answer = client.request(SUBJECT, sealed.into()).await.unwrap();
    let about = format!("reply.{SUBJECT}");
    keyring.open(Service::SecretWriter, &about, &answer.payload).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_from_another_time_is_told_so_and_has_no_effect() {
    let server = Nats::open().await.unwrap();
    let (openshift, _process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let (writer, mut process) = server.bus(Service::SecretWriter).await.unwrap();
    serve(writer, &mut process);
    let identity = item("a").identity;
    let read = async || openshift.read_credentials(Provider::Openshift, &identity).await.ok();
    assert_eq!(eventually("an answer", read).await.outcome(), CredentialOutcome::Held);
    let (now, late) = (SystemTime::now(), MAX_REQUEST_AGE + Duration::from_secs(5));
    for other in [now - late, now + late] {
        let reply = ask_at(&server, other).await;
        assert_eq!(reply.outcome(), CredentialOutcome::Untimely);
        assert!(reply.message.contains("clocks"), "{}", reply.message);
    }
}
