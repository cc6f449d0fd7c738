//! Keys of the services: a login to NATS, a key that signs, a key that opens what is sealed, and who trusts whom.

use std::collections::BTreeMap;

use anyhow::Context as _;
use nkeys::{KeyPair, XKey};
use proto::Service;
use seal::{PublicKeys, Trust};

/// File, or key of a Secret: the seed that logs in to NATS.
pub const LOGIN: &str = "nats.seed";
/// The seed that signs. Not the login's: a server chooses what a login signs.
pub const SIGNING: &str = "signing.seed";
/// The seeds that open what is sealed, one a line; the first is what others seal to.
pub const SEALING: &str = "sealing.seed";
/// The public keys of all services.
pub const TRUST: &str = "trust.json";

/// Texts by file name.
pub type Files = BTreeMap<String, String>;

/// The keys of one service.
pub struct Keys {
    /// The seeds, by file name.
    pub seeds: Files,
    /// The user of NATS who logs in with them.
    pub login: String,
    /// What others know it by.
    pub public: PublicKeys,
}

impl Keys {
    /// Takes the seeds that are there, and makes those that are missing.
    pub fn complete(present: &Files) -> anyhow::Result<Self> {
        let seed = |name: &str, make: fn() -> anyhow::Result<String>| {
            present.get(name).map_or_else(make, |text| Ok(text.clone()))
        };
        let user = || Ok(KeyPair::new_user().seed()?);
        let login = seed(LOGIN, user)?;
        let signing = seed(SIGNING, user)?;
        let sealing = seed(SEALING, || Ok(XKey::new().seed()?))?;
        let sealed_to = sealing.lines().map(|seed| Ok(XKey::from_seed(seed.trim())?.public_key()));
        Ok(Self {
            login: public(&login).context(LOGIN)?,
            public: PublicKeys {
                signing: vec![public(&signing).context(SIGNING)?],
                sealing: sealed_to.collect::<anyhow::Result<_>>().context(SEALING)?,
            },
            seeds: [(LOGIN, login), (SIGNING, signing), (SEALING, sealing)]
                .map(|(name, text)| (name.to_owned(), text))
                .into(),
        })
    }
}

fn public(seed: &str) -> anyhow::Result<String> {
    Ok(KeyPair::from_seed(seed.trim())?.public_key())
}

/// `trust.json`: what all of them are known by.
pub fn trust(keys: &BTreeMap<Service, Keys>) -> anyhow::Result<String> {
    let known = keys.iter().map(|(service, keys)| (service.to_string(), keys.public.clone()));
    Ok(serde_json::to_string_pretty(&Trust(known.collect()))?)
}

/// The variables that the configuration of NATS wants: the public key of each user.
pub fn users(keys: &BTreeMap<Service, Keys>) -> Files {
    let variable =
        |service: &Service| format!("{}_NKEY", service.as_str().replace('-', "_").to_uppercase());
    keys.iter().map(|(service, keys)| (variable(service), keys.login.clone())).collect()
}

/// Variable of NATS: what its store is encrypted with. It is made once: with another, the store is unreadable.
pub const STORE_KEY: &str = "JETSTREAM_KEY";

/// A new [`STORE_KEY`], 256 bits.
pub fn store_key() -> String {
    data_encoding::HEXLOWER.encode(&rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_and_what_is_missing_is_made() {
        let first = Keys::complete(&Files::new()).unwrap();
        let mut present = first.seeds.clone();
        let again = Keys::complete(&present).unwrap();
        assert_eq!((&again.seeds, &again.login), (&first.seeds, &first.login));

        present.remove(SIGNING);
        let renewed = Keys::complete(&present).unwrap();
        assert_eq!(renewed.login, first.login);
        assert_ne!(renewed.public.signing, first.public.signing);
        assert_eq!(renewed.public.sealing, first.public.sealing);
    }

    #[test]
    fn while_sealing_keys_rotate_all_are_known_and_the_first_is_first() {
        let (new, old) = (XKey::new(), XKey::new());
        let seeds = format!("{}\n{}\n", new.seed().unwrap(), old.seed().unwrap());
        let keys = Keys::complete(&Files::from([(SEALING.to_owned(), seeds)])).unwrap();
        assert_eq!(keys.public.sealing, [new.public_key(), old.public_key()]);
    }

    #[test]
    fn a_broken_seed_is_an_error_that_names_it() {
        let broken = Files::from([(LOGIN.to_owned(), "SUABC".to_owned())]);
        let error = Keys::complete(&broken).map(|_| ()).unwrap_err();
        assert!(format!("{error:#}").starts_with("nats.seed: "), "{error:#}");
    }
}
