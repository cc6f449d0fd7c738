//! What the services hold in memory.

use proto::Service;

use crate::bench::Bench;
use crate::figure;

/// Looks at each service once.
pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    for service in Service::ALL {
        let mut bytes = 0;
        for replica in bench.stack.service(service).replicas() {
            bytes = replica.process().resident_bytes()?.max(bytes);
        }
        #[allow(clippy::cast_precision_loss, reason = "no process is that large")]
        let megabytes = bytes as f64 / 1e6;
        bench.report.add(figure::MEMORY, service.as_str(), megabytes);
    }
    Ok(())
}
