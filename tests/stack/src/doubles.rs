//! What stands for AWS: moto, and LocalStack where a run asks for it.

use std::path::Path;

use crate::localstack::LocalStack;
use crate::moto::Moto;

/// Names the double that serves what both have.
const VARIABLE: &str = "AWS_DOUBLE";

/// The servers behind a [`Proxy`](crate::Proxy).
pub struct Doubles {
    /// Serves all but what is LocalStack's.
    pub moto: Moto,
    /// Serves S3, IAM, STS and SES.
    pub localstack: Option<LocalStack>,
}

impl Doubles {
    /// Starts moto, and LocalStack when `$AWS_DOUBLE` is `localstack`.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let localstack = match std::env::var_os(VARIABLE) {
            Some(name) if name == "localstack" => Some(LocalStack::start(folder).await?),
            Some(name) if name != "moto" => {
                anyhow::bail!("{VARIABLE} is moto or localstack, not {}", name.display())
            }
            _ => None,
        };
        Ok(Self { moto: Moto::start(folder).await?, localstack })
    }
}
