//! Credentials that an administrator mounts as files: a role to assume (the Secret `sts-credentials`), or a key (the
//! Secret that OpenShift's Cloud Credential Operator mints; where it knows a role, that Secret holds a profile). Without them the SDK's standard chain counts.

use std::fmt;
use std::fs;
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

/// The Go operator's: cloud trails are searched for it.
const SESSION: &str = "Red-Hat-cloud-resources-operator";
const PROVIDER: &str = "Mounted";

/// What is mounted.
#[derive(Clone, Debug)]
pub(crate) enum Mounted {
    /// Nothing of use.
    Nothing,
    /// Assume this role.
    Role(String),
    /// Use this key.
    Key(String, SecretString),
}

impl Mounted {
    /// Reads the folder: file names are the Secrets' keys.
    pub(super) fn read(folder: Option<&Path>) -> Self {
        let value = |key: &str| {
            let text = fs::read_to_string(folder?.join(key)).ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let role = value("role_arn").or_else(|| role_of(&value("credentials")?));
        match (role, value("aws_access_key_id"), value("aws_secret_access_key")) {
            (Some(role), ..) => Self::Role(role),
            (None, Some(id), Some(secret)) => Self::Key(id, secret.into()),
            _ => Self::Nothing,
        }
    }

    /// The same configuration with these credentials. `token_file`: who we are for the role; without that file, the
    /// chain says it.
    pub(super) fn apply(&self, sdk: SdkConfig, token_file: &Path) -> SdkConfig {
        let provider = match self {
            Self::Nothing => return sdk,
            Self::Key(id, secret) => SharedCredentialsProvider::new(Credentials::new(
                id,
                secret.expose_secret(),
                None,
                None,
                PROVIDER,
            )),
            Self::Role(arn) => SharedCredentialsProvider::new(Role {
                client: super::sts::client(&sdk, sdk.region().map_or("us-east-1", AsRef::as_ref)),
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
            (Self::Nothing, Self::Nothing) => true,
            (Self::Role(one), Self::Role(other)) => one == other,
            (Self::Key(one, secret), Self::Key(other, other_secret)) => {
                one == other && secret.expose_secret() == other_secret.expose_secret()
            }
            _ => false,
        }
    }
}

/// The role of a profile; a key in a profile is beside it as well.
fn role_of(profile: &str) -> Option<String> {
    let settings = profile.lines().filter_map(|line| line.split_once('='));
    let mut roles = settings.filter(|(name, _)| name.trim() == "role_arn");
    roles.next().map(|(_, role)| role.trim().to_owned())
}

/// Assumes a role, anew before its session ends.
struct Role {
    client: Client,
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
            request.send().await.map_err(CredentialsError::provider_error)?.credentials
        } else {
            let request = self.client.assume_role().role_arn(&self.arn);
            let request = request.role_session_name(SESSION);
            request.send().await.map_err(CredentialsError::provider_error)?.credentials
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
        assert_eq!(Mounted::read(None), Mounted::Nothing);
        assert_eq!(read(), Mounted::Nothing);
        write("aws_access_key_id", "AK\n");
        assert_eq!(read(), Mounted::Nothing);
        write("aws_secret_access_key", "secret");
        assert_eq!(read(), Mounted::Key("AK".into(), "secret".to_owned().into()));
        assert!(!format!("{:?}", read()).contains("secret"));
        // As OpenShift mints it: a key twice, or a role.
        write("credentials", "[default]\naws_access_key_id = AK\naws_secret_access_key = secret\n");
        assert_eq!(read(), Mounted::Key("AK".into(), "secret".to_owned().into()));
        write(
            "credentials",
            "[default]\nrole_arn = arn:aws:iam::1:role/p\nweb_identity_token_file = /t\n",
        );
        assert_eq!(read(), Mounted::Role("arn:aws:iam::1:role/p".into()));
        write("role_arn", "arn:aws:iam::1:role/r\n");
        assert_eq!(read(), Mounted::Role("arn:aws:iam::1:role/r".into()));
    }
}
