//! How long the API server may take.

use std::time::Duration;

use crate::error::Error;

/// For one read.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// For one write.
pub(crate) const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// A call with a deadline. `operation` completes "failed to ...".
pub(crate) async fn in_time<T>(
    operation: &'static str,
    limit: Duration,
    call: impl Future<Output = kube::Result<T>>,
) -> Result<T, Error> {
    tokio::time::timeout(limit, call)
        .await
        .map_err(|_| Error::Timeout(operation))?
        .map_err(|source| Error::Kubernetes { operation, source: Box::new(source) })
}
