//! Ports of loopback that nobody listens on.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::Context as _;

/// Below what the kernel hands out to outgoing connections: a port of ours must still be free when its server is
/// started again.
const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port that no other call in this process has returned. Processes start at different places.
pub fn free_port() -> anyhow::Result<u16> {
    let start = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(COUNT))?;
    (0..COUNT)
        .map(|_| NEXT.fetch_add(1, Ordering::Relaxed))
        .map(|next| FIRST + (start.wrapping_add(next)) % COUNT)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no free port between 10000 and 30000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice_or_taken_from_somebody() {
        let first = free_port().unwrap();
        let taken = TcpListener::bind(("127.0.0.1", first.wrapping_add(1)));
        let second = free_port().unwrap();
        assert_ne!(first, second);
        if let Ok(taken) = taken {
            assert_ne!(second, taken.local_addr().unwrap().port());
        }
    }
}
