//! What the services take from the machine.

use proto::Service;
use stack::Stack;

use crate::bench::Bench;
use crate::figure;

/// Linux counts in hundredths of a second, whatever its own clock.
const TICK_MILLISECONDS: u64 = 10;

/// Adds the resident memory of each service.
pub fn add_memory(bench: &mut Bench) -> anyhow::Result<()> {
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

/// Processor time of each service so far, ms.
pub fn processor_time(stack: &mut Stack) -> anyhow::Result<Vec<(Service, u64)>> {
    let mut times = Vec::new();
    for service in Service::ALL {
        let mut ticks = 0;
        for replica in stack.service(service).replicas() {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", replica.process().pid()))?;
            ticks += spent(&stat).unwrap_or_default();
        }
        times.push((service, ticks * TICK_MILLISECONDS));
    }
    Ok(times)
}

/// User and system ticks: the 14th and 15th field. The 2nd, a name in parentheses, may hold anything.
fn spent(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_found_behind_a_name_with_spaces() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 10 0 0 0 120 34 0 0 20 0 5 0 9";
        assert_eq!(spent(stat), Some(154));
        assert_eq!(spent("7 (a)"), None);
    }
}
