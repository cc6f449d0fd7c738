//! Credentials that an administrator mounts as files: a role to assume (the Secret `sts-credentials`, or what OpenShift's
//! Cloud Credential Operator gives a cluster with STS), or a key (what it mints elsewhere). Without a folder for them the
//! SDK's standard chain counts; with one it proves at most who may assume that role: claims would be pinned to the account
//! of a node for life.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result, SharedCredentialsProvider, future,
};
use aws_sdk_sts::Client;
use secrecy::{ExposeSecret as _, SecretString};

use super::gate::Gate;
use super::operations::sts as api;
use super::sts;

/// The Go operator's: cloud trails are searched for it.
const SESSION: &str = "Red-Hat-cloud-resources-operator";
const PROVIDER: &str = "Mounted";

/// What is mounted.
#[derive(Clone, Debug)]
pub(crate) enum Mounted {
    /// There is no folder for it.
    Nowhere,
    /// Nothing of use, yet.
    Nothing,
    /// Something that we may not read.
    Unreadable(ErrorKind),
    /// Assume this role.
    Role(String),
    /// Use this key.
    Key(String, SecretString),
}

impl Mounted {
    /// Reads the folder: file names are the Secrets' keys.
    pub(super) fn read(folder: Option<&Path>) -> Self {
        let Some(folder) = folder else { return Self::Nowhere };
        Self::find(folder).unwrap_or_else(Self::Unreadable)
    }

    fn find(folder: &Path) -> std::result::Result<Self, ErrorKind> {
        let profile = value(folder, "credentials")?;
        let role = value(folder, "role_arn")?.or_else(|| role_of(&profile?));
        let key = (value(folder, "aws_access_key_id")?, value(folder, "aws_secret_access_key")?);
        Ok(match (role, key) {
            (Some(role), _) => Self::Role(role),
            (None, (Some(id), Some(secret))) => Self::Key(id, secret.into()),
            _ => Self::Nothing,
        })
    }

    /// The same configuration with these credentials. `token_file`: who we are for the role; without that file, the
    /// chain says it.
    pub(super) fn apply(&self, sdk: SdkConfig, token_file: &Path, gate: &Gate) -> SdkConfig {
        let provider = match self {
            Self::Nowhere => return sdk,
            Self::Nothing | Self::Unreadable(_) => SharedCredentialsProvider::new(Nothing),
            Self::Key(id, secret) => SharedCredentialsProvider::new(Credentials::new(
                id,
                secret.expose_secret(),
                None,
                None,
                PROVIDER,
            )),
            Self::Role(arn) => SharedCredentialsProvider::new(Role {
                client: sts::client(&sdk, sdk.region().map_or_else(|| home(arn), AsRef::as_ref)),
                gate: gate.clone(),
                arn: arn.clone(),
                token_file: token_file.to_owned(),
            }),
        };
        sdk.into_builder().credentials_provider(provider).build()
    }
}

impl PartialEq for Mounted {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nowhere, Self::Nowhere) | (Self::Nothing, Self::Nothing) => true,
            (Self::Unreadable(one), Self::Unreadable(other)) => one == other,
            (Self::Role(one), Self::Role(other)) => one == other,
            (Self::Key(one, secret), Self::Key(other, other_secret)) => {
                one == other && secret.expose_secret() == other_secret.expose_secret()
            }
            _ => false,
        }
    }
}

/// What a file holds, unless that is nothing.
fn value(folder: &Path, key: &str) -> std::result::Result<Option<String>, ErrorKind> {
    match fs::read_to_string(folder.join(key)) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.kind()),
    }
}

/// The role of a profile, as the SDKs write it: `role_arn = <ARN>` on a line.
fn role_of(profile: &str) -> Option<String> {
    let lines = profile.lines().filter_map(|line| line.split_once('='));
    let mut roles = lines.filter(|(key, _)| key.trim() == "role_arn");
    roles.next().map(|(_, arn)| arn.trim().to_owned())
}

/// A region of the role's partition, for who has named none.
fn home(arn: &str) -> &'static str {
    match arn.split(':').nth(1) {
        Some("aws-us-gov") => "us-gov-west-1",
        Some("aws-cn") => "cn-north-1",
        _ => "us-east-1",
    }
}

/// Nothing is mounted yet.
#[derive(Debug)]
struct Nothing;

impl ProvideCredentials for Nothing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded_no_source()))
    }
}

/// Assumes a role, anew before its session ends.
struct Role {
    client: Client,
    gate: Gate,
    arn: String,
    token_file: PathBuf,
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role").field("arn", &self.arn).finish_non_exhaustive()
    }
}

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl Role {
    async fn assume(&self) -> Result {
        // The file is replaced before its token expires.
        let found = if let Ok(token) = fs::read_to_string(&self.token_file) {
            let request = self.client.assume_role_with_web_identity().role_arn(&self.arn);
            let request = request.role_session_name(SESSION).web_identity_token(token.trim());
            let answer = self.gate.call(api::ASSUME_ROLE_WITH_WEB_IDENTITY, request.send());
            answer.await.map_err(CredentialsError::provider_error)?.credentials
        } else {
            let request = self.client.assume_role().role_arn(&self.arn);
            let answer =
                self.gate.call(api::ASSUME_ROLE, request.role_session_name(SESSION).send());
            answer.await.map_err(CredentialsError::provider_error)?.credentials
        };
        let found = found.ok_or_else(|| CredentialsError::unhandled("STS gave no credentials"))?;
        let expires = SystemTime::try_from(found.expiration).ok();
        let (id, secret) = (found.access_key_id, found.secret_access_key);
        Ok(Credentials::new(id, secret, Some(found.session_token), expires, PROVIDER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_a_role_or_a_whole_key_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let read = || Mounted::read(Some(folder.path()));
        let write = |key: &str, text: &str| fs::write(folder.path().join(key), text).unwrap();
        assert_eq!(Mounted::read(None), Mounted::Nowhere);
        let file = folder.path().join("a-file");
        fs::write(&file, "").unwrap();
        assert!(matches!(Mounted::read(Some(&file)), Mounted::Unreadable(_)));
        assert_eq!(read(), Mounted::Nothing);
        write("aws_access_key_id", "AK\n");
        assert_eq!(read(), Mounted::Nothing);
        write("aws_secret_access_key", "secret");
        assert_eq!(read(), Mounted::Key("AK".into(), "secret".to_owned().into()));
        assert!(!format!("{:?}", read()).contains("secret"));
        // As OpenShift mints it: a key twice, or a role.
        write("credentials", "[default]\naws_access_key_id = AK\naws_secret_access_key = secret\n");
        assert_eq!(read(), Mounted::Key("AK".into(), "secret".to_owned().into()));
        write("credentials", "[default]\nsts_regional_endpoints = regional\nrole_arn = arn:p\n");
        assert_eq!(read(), Mounted::Role("arn:p".into()));
        write("role_arn", "arn:aws:iam::1:role/r\n");
        assert_eq!(read(), Mounted::Role("arn:aws:iam::1:role/r".into()));
    }
}
