//! Claims that are made while something else happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crds::ClaimKind;
use stack::{Claim, Tenant, eventually};
use tokio::task::JoinHandle;

const PERIOD: Duration = Duration::from_millis(300);

/// Somebody who makes claims of all kinds that take no pods, one after the other.
pub struct Load {
    tenant: Tenant,
    shared: Arc<Progress>,
    maker: JoinHandle<anyhow::Result<Vec<Claim>>>,
}

#[derive(Default)]
struct Progress {
    made: AtomicUsize,
    is_over: AtomicBool,
}

impl Load {
    /// Begins.
    pub fn start(tenant: &Tenant) -> Self {
        let shared = Arc::<Progress>::default();
        let maker = tokio::spawn(make(tenant.clone(), shared.clone()));
        Self { tenant: tenant.clone(), shared, maker }
    }

    /// Waits until so many were made.
    pub async fn until_made(&self, count: usize) -> anyhow::Result<()> {
        eventually(&format!("{count} claims are made"), self.tenant.patience, async || {
            Ok((self.shared.made.load(Ordering::Relaxed) >= count).then_some(()))
        })
        .await
    }

    /// Makes no more, and waits until all are complete and have a Secret.
    pub async fn finish(self) -> anyhow::Result<()> {
        self.shared.is_over.store(true, Ordering::Relaxed);
        let claims = self.maker.await??;
        for claim in &claims {
            self.tenant.until_complete(claim).await?;
            let secret = self.tenant.secret(&format!("{}-sec", claim.name)).await?;
            anyhow::ensure!(secret.is_some(), "{} is complete and has no Secret", claim.name);
        }
        Ok(())
    }
}

async fn make(tenant: Tenant, shared: Arc<Progress>) -> anyhow::Result<Vec<Claim>> {
    let mut claims = Vec::new();
    while !shared.is_over.load(Ordering::Relaxed) {
        let name = format!("load-{}", claims.len());
        let claim = match claims.len() % 4 {
            0 => Claim::placeholder(&name),
            1 => Claim::mail(&name),
            2 => Claim::bucket(&name),
            _ => Claim::new(ClaimKind::SmtpCredentialSet, &name, "managed"),
        };
        tenant.create(&claim).await?;
        claims.push(claim);
        shared.made.store(claims.len(), Ordering::Relaxed);
        tokio::time::sleep(PERIOD).await;
    }
    Ok(claims)
}
