//! Certificates that are renewed while the service runs.

use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use crate::Process;
use crate::config::TlsConfig;

/// A volume of a Secret shows a change after about a minute.
const PERIOD: Duration = Duration::from_secs(30);
const FILES: [&str; 3] = ["ca.crt", "tls.crt", "tls.key"];

impl TlsConfig {
    /// Ends the process in good order when its certificate is another: every connection uses what was read at start, and
    /// whoever supervises the process starts it anew.
    pub fn end_when_renewed(&self, process: &mut Process) {
        self.end_when_renewed_within(PERIOD, process);
    }

    fn end_when_renewed_within(&self, period: Duration, process: &mut Process) {
        let Some(folder) = self.grpc_tls_dir.clone() else { return };
        let (used, shutdown) = (read(&folder), process.shutdown.clone());
        process.spawn("certificates", async move {
            // What cannot be read just now is no other certificate.
            while read(&folder).is_none_or(|there| Some(there) == used) {
                tokio::select! {
                    () = sleep(period) => {}
                    () = shutdown.cancelled() => return Ok(()),
                }
            }
            tracing::info!("the certificate was renewed");
            shutdown.cancel();
            Ok(())
        });
    }
}

fn read(folder: &Path) -> Option<Vec<Vec<u8>>> {
    FILES.iter().map(|file| std::fs::read(folder.join(file)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use proto::Service;

    use super::*;

    #[tokio::test]
    async fn a_process_whose_certificate_is_renewed_ends_in_good_order() {
        let folder = tempfile::tempdir().unwrap();
        for file in FILES {
            std::fs::write(folder.path().join(file), "old").unwrap();
        }
        let tls = TlsConfig { grpc_tls_dir: Some(folder.path().to_owned()), grpc_plaintext: false };
        let mut process = Process::new(Service::Watcher, Duration::from_secs(5));
        tls.end_when_renewed_within(Duration::from_millis(10), &mut process);
        let running = tokio::spawn(process.run());
        sleep(Duration::from_millis(50)).await;
        assert!(!running.is_finished());
        std::fs::write(folder.path().join("tls.crt"), "new").unwrap();
        running.await.unwrap().unwrap();
    }
}
