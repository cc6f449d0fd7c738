//! Prepares a cluster.

use anyhow::Context as _;
use kube::Client;

use crate::definitions;
use crate::secrets::Secrets;

/// Flags of `setup install`, each with an environment variable of the same name.
#[derive(Clone, Debug, clap::Args)]
pub struct InstallConfig {
    /// The operator's namespace, where the Secrets are made
    #[arg(long, env = "NAMESPACE", default_value = "cloud-resource-operator")]
    pub namespace: String,
    /// Whether the definitions of the kinds are applied
    #[arg(long, env = "CRDS", value_enum, default_value = "apply")]
    pub crds: Definitions,
    /// Apply definitions over newer ones: fields that only those know are dropped from stored objects
    #[arg(long, env = "ALLOW_DOWNGRADE")]
    pub allow_downgrade: bool,
    /// Who makes the certificates: `none` leaves them to cert-manager
    #[arg(long, env = "CERTIFICATES", value_enum, default_value = "make")]
    pub certificates: Certificates,
}

/// What becomes of the definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Definitions {
    /// They are applied.
    Apply,
    /// Somebody else installs them.
    None,
}

/// What becomes of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Certificates {
    /// Missing ones are made.
    Make,
    /// Somebody else makes them.
    None,
}

/// Applies the definitions, and makes keys and certificates that are missing, through the kubeconfig or in the pod's cluster.
pub async fn install(config: &InstallConfig) -> anyhow::Result<()> {
    let client = Client::try_default().await.context("failed to find the Kubernetes API")?;
    install_with(client, config).await
}

/// The same through this client.
pub async fn install_with(client: Client, config: &InstallConfig) -> anyhow::Result<()> {
    if config.crds == Definitions::Apply {
        definitions::apply(&client, config.allow_downgrade).await?;
    }
    let secrets = Secrets::new(client, &config.namespace);
    secrets.make_keys().await?;
    if config.certificates == Certificates::Make {
        secrets.make_certificates().await?;
    }
    Ok(())
}
