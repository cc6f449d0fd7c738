use std::collections::BTreeMap;
use std::time::SystemTime;

use nkeys::{KeyPair, XKey};
use proptest::prelude::*;

use super::*;
use crate::{PublicKeys, Trust};

const SUBJECT: &str = "credentials.ensure.aws.postgres.0000-1";

struct Party {
    signing: KeyPair,
    sealing: XKey,
}

fn keyrings() -> (Keyring, Keyring) {
    let party = || Party { signing: KeyPair::new_user(), sealing: XKey::new() };
    let (aws, writer) = (party(), party());
    let public = |party: &Party| PublicKeys {
        signing: vec![party.signing.public_key()],
        sealing: vec![party.sealing.public_key()],
    };
    let trust = Trust(BTreeMap::from([
        (Service::AwsProvisioner.to_string(), public(&aws)),
        (Service::SecretWriter.to_string(), public(&writer)),
    ]));
    let keyring = |party: Party| Keyring::new(party.signing, vec![party.sealing], trust.clone());
    (keyring(aws), keyring(writer))
}

fn request(now: SystemTime) -> wire::ReadRequest {
    wire::ReadRequest { context: Some(context("r-1", SUBJECT, now)), identity: None }
}

#[test]
fn a_sealed_request_is_read_by_its_receiver_only() {
    let (aws, writer) = keyrings();
    let now = SystemTime::now();
    let bytes = aws.seal(Service::SecretWriter, SUBJECT, &request(now)).unwrap();
    let opened: wire::ReadRequest = writer.open(Service::AwsProvisioner, SUBJECT, &bytes).unwrap();
    assert_eq!(opened, request(now));
    let (stranger, _) = keyrings();
    assert_eq!(
        stranger.open::<wire::ReadRequest>(Service::AwsProvisioner, SUBJECT, &bytes),
        Err(Unverified::Signer)
    );
}

#[test]
fn a_box_moved_to_another_subject_is_refused() {
    let (aws, writer) = keyrings();
    let now = SystemTime::now();
    let other = "credentials.ensure.aws.postgres.0000-2";
    let bytes = aws.seal(Service::SecretWriter, SUBJECT, &request(now)).unwrap();
    let opened = writer.open::<wire::ReadRequest>(Service::AwsProvisioner, other, &bytes);
    assert_eq!(opened, Err(Unverified::Signature));
    // Signed anew by the sender for the other subject, the context inside still tells.
    let moved = aws.seal(Service::SecretWriter, other, &request(now)).unwrap();
    let opened = writer.open::<wire::ReadRequest>(Service::AwsProvisioner, other, &moved);
    assert_eq!(opened, Err(Unverified::Context));
}

#[test]
fn a_message_is_timely_for_a_few_seconds_around_its_time() {
    let (now, second) = (SystemTime::now(), Duration::from_secs(1));
    let message = context("r-1", SUBJECT, now);
    let late = MAX_REQUEST_AGE + second;
    for timely in [now, now + MAX_REQUEST_AGE, now - MAX_REQUEST_AGE] {
        assert_eq!(untimely(&message, timely), None);
    }
    assert_eq!(untimely(&message, now + late), Some(late));
    assert_eq!(untimely(&message, now - late), Some(late));
}

#[test]
fn the_receiver_of_a_box_cannot_pass_for_its_sender() {
    let (aws, writer) = keyrings();
    let now = SystemTime::now();
    // An xkeys box opens with the same shared key from both ends; the signature tells them apart.
    let forged = writer.seal(Service::AwsProvisioner, SUBJECT, &request(now)).unwrap();
    let opened = aws.open::<wire::ReadRequest>(Service::AwsProvisioner, SUBJECT, &forged);
    assert_eq!(opened, Err(Unverified::Signer));
}

#[test]
fn keys_do_not_print() {
    let (aws, _) = keyrings();
    assert_eq!(format!("{aws:?}"), "Keyring(redacted)");
}

proptest! {
    #[test]
    fn a_changed_envelope_is_never_verified(position in any::<prop::sample::Index>(), flip in 1u8..) {
        let (aws, writer) = keyrings();
        let mut bytes = aws.sign("work.aws.redis.1", b"payload".to_vec());
        let position = position.index(bytes.len());
        bytes[position] ^= flip;
        prop_assert!(writer.verify(Service::AwsProvisioner, "work.aws.redis.1", &bytes).is_err());
    }

    #[test]
    fn arbitrary_bytes_are_never_verified(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let (_, writer) = keyrings();
        prop_assert!(writer.verify(Service::AwsProvisioner, "work.aws.redis.1", &bytes).is_err());
    }
}
