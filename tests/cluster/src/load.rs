//! Claims that are made while something else happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crds::ClaimKind;
use stack::{Claim, Tenant};
use tokio::task::JoinHandle;

const PERIOD: Duration = Duration::from_millis(300);

/// Somebody who makes claims of all kinds that take no pods, one after the other.
pub struct Load {
    tenant: Tenant,
    is_over: Arc<AtomicBool>,
    maker: JoinHandle<anyhow::Result<Vec<Claim>>>,
}

impl Load {
    /// Begins.
    pub fn start(tenant: &Tenant) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let maker = tokio::spawn(make(tenant.clone(), is_over.clone()));
        Self { tenant: tenant.clone(), is_over, maker }
    }

    /// Makes no more, waits until all are complete and have a Secret, and says how many there were.
    pub async fn finish(self) -> anyhow::Result<usize> {
        self.is_over.store(true, Ordering::Relaxed);
        let claims = self.maker.await??;
        for claim in &claims {
            self.tenant.until_complete(claim).await?;
            let secret = self.tenant.secret(&format!("{}-sec", claim.name)).await?;
            anyhow::ensure!(secret.is_some(), "{} is complete and has no Secret", claim.name);
        }
        Ok(claims.len())
    }
}

async fn make(tenant: Tenant, is_over: Arc<AtomicBool>) -> anyhow::Result<Vec<Claim>> {
    let mut claims = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let name = format!("load-{}", claims.len());
        let claim = match claims.len() % 4 {
            0 => Claim::placeholder(&name),
            1 => Claim::mail(&name),
            2 => Claim::bucket(&name),
            _ => Claim::new(ClaimKind::SmtpCredentialSet, &name, "managed"),
        };
        tenant.create(&claim).await?;
        claims.push(claim);
        tokio::time::sleep(PERIOD).await;
    }
    Ok(claims)
}
