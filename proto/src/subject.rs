//! Subjects: the address of every message, built and read in one place.

use crate::convert::{Malformed, strict_enum_plain};
use crate::identity::{Kind, Provider, Service, Uid};

strict_enum_plain! {
    /// The three requests to secret-writer.
    CredentialVerb {
        /// Make sure that credentials exist.
        Ensure = "ensure",
        /// Keep what a provider minted.
        Store = "store",
        /// Which key ids are held?
        Read = "read",
    }
}

/// The address of a message. Every token is safe: subjects hold uids, never names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `work.<provider>.<kind>.<uid>`
    Work(Provider, Kind, Uid),
    /// `result.<provider>.<kind>.<uid>`
    Result(Provider, Kind, Uid),
    /// `$KV.records.<service>.<uid>`
    Record(Service, Uid),
    /// `$KV.leases.<provider>.<uid>`
    Lease(Provider, Uid),
    /// `credentials.<verb>.<provider>.<kind>.<uid>`
    Credentials(CredentialVerb, Provider, Kind, Uid),
}

impl Subject {
    /// The only service whose signature is accepted on this subject.
    pub fn writer(&self) -> Service {
        match self {
            Self::Work(..) => Service::Watcher,
            Self::Record(service, _) => *service,
            Self::Result(provider, ..)
            | Self::Lease(provider, _)
            | Self::Credentials(_, provider, ..) => (*provider).into(),
        }
    }

    /// The uid in its last token.
    pub fn uid(&self) -> &Uid {
        match self {
            Self::Work(.., uid)
            | Self::Result(.., uid)
            | Self::Record(_, uid)
            | Self::Lease(_, uid)
            | Self::Credentials(.., uid) => uid,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Work(provider, kind, uid) => write!(f, "work.{provider}.{kind}.{uid}"),
            Self::Result(provider, kind, uid) => write!(f, "result.{provider}.{kind}.{uid}"),
            Self::Record(service, uid) => {
                write!(f, "$KV.records.{}.{uid}", service.record_prefix())
            }
            Self::Lease(provider, uid) => write!(f, "$KV.leases.{provider}.{uid}"),
            Self::Credentials(verb, provider, kind, uid) => {
                write!(f, "credentials.{verb}.{provider}.{kind}.{uid}")
            }
        }
    }
}

impl std::str::FromStr for Subject {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let tokens: Vec<&str> = text.split('.').collect();
        match tokens.as_slice() {
            ["work", provider, kind, uid] => {
                Ok(Self::Work(provider.parse()?, kind.parse()?, uid.parse()?))
            }
            ["result", provider, kind, uid] => {
                Ok(Self::Result(provider.parse()?, kind.parse()?, uid.parse()?))
            }
            ["$KV", "records", prefix, uid] => {
                let service = Service::ALL
                    .into_iter()
                    .find(|service| service.record_prefix() == *prefix)
                    .ok_or(Malformed::new("Subject", "service"))?;
                Ok(Self::Record(service, uid.parse()?))
            }
            ["$KV", "leases", provider, uid] => Ok(Self::Lease(provider.parse()?, uid.parse()?)),
            ["credentials", verb, provider, kind, uid] => {
                let (provider, kind) = (provider.parse()?, kind.parse()?);
                Ok(Self::Credentials(verb.parse()?, provider, kind, uid.parse()?))
            }
            _ => Err(Malformed::new("Subject", "text")),
        }
    }
}
