//! The life of a peering: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>

use std::time::Instant;

use crate::aws::controls::LifeCycle;
use crate::aws::phases::Phases;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

/// What it goes through, and where that leads.
#[derive(Clone, Debug)]
pub(crate) struct Peering {
    phases: Phases,
    then: &'static str,
}

impl Peering {
    /// One that was just asked for. VPCs that overlap cannot be peered; AWS says so later.
    pub(crate) fn created(now: Instant, life: &LifeCycle, overlaps: bool) -> Self {
        let phases = Phases::start(now, &[("initiating-request", life.peering)]);
        Self { phases, then: if overlaps { "failed" } else { "pending-acceptance" } }
    }

    pub(crate) fn status(&self, now: Instant) -> &'static str {
        self.phases.status(now).unwrap_or(self.then)
    }

    pub(crate) fn accept(&mut self, now: Instant, life: &LifeCycle) -> Result<(), Refusal> {
        self.go(
            now,
            &["pending-acceptance"],
            Phases::start(now, &[("provisioning", life.peering)]),
            "active",
        )
    }

    pub(crate) fn reject(&mut self, now: Instant) -> Result<(), Refusal> {
        self.go(now, &["pending-acceptance"], Phases::default(), "rejected")
    }

    pub(crate) fn delete(&mut self, now: Instant, life: &LifeCycle) -> Result<(), Refusal> {
        let phases = Phases::start(now, &[("deleting", life.peering)]);
        self.go(now, &["pending-acceptance", "active"], phases, "deleted")
    }

    /// Nobody accepted it within 7 days.
    pub(crate) fn expire(&mut self, now: Instant) {
        let _ = self.go(now, &["pending-acceptance"], Phases::default(), "expired");
    }

    fn go(
        &mut self,
        now: Instant,
        from: &[&str],
        phases: Phases,
        then: &'static str,
    ) -> Result<(), Refusal> {
        let status = self.status(now);
        if !from.contains(&status) {
            let message = format!("Invalid state transition of a peering that is {status}");
            return Err(Refusal::new(400, "InvalidStateTransition", message));
        }
        *self = Self { phases, then };
        Ok(())
    }
}

/// Whether it connects, or may yet.
pub(crate) fn lives(status: &str) -> bool {
    ["initiating-request", "pending-acceptance", "provisioning", "active"].contains(&status)
}

/// Shows a status.
pub(crate) fn render(status: &str, node: &mut Element) {
    let words = [Element::leaf("code", status), Element::leaf("message", status)];
    node.set(Element::tree("status", words));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_peering_is_initiated_waits_is_accepted_and_deleted() {
        let (now, life) = (Instant::now(), LifeCycle::each(SECOND));
        let mut peering = Peering::created(now, &life, false);
        assert_eq!(peering.status(now), "initiating-request");
        assert_eq!(peering.accept(now, &life).unwrap_err().code, "InvalidStateTransition");
        assert_eq!(peering.status(now + SECOND), "pending-acceptance");
        peering.accept(now + SECOND, &life).unwrap();
        assert_eq!(peering.status(now + SECOND), "provisioning");
        assert_eq!(peering.status(now + SECOND * 2), "active");
        peering.expire(now + SECOND * 2);
        peering.delete(now + SECOND * 2, &life).unwrap();
        assert_eq!(peering.status(now + SECOND * 2), "deleting");
        assert_eq!(peering.status(now + SECOND * 3), "deleted");
        assert!(!lives(peering.status(now + SECOND * 3)));
    }

    #[test]
    fn what_is_over_is_neither_accepted_nor_deleted() {
        let (now, life) = (Instant::now(), LifeCycle::default());
        let failed = Peering::created(now, &life, true);
        let mut expired = Peering::created(now, &life, false);
        let mut rejected = expired.clone();
        expired.expire(now);
        rejected.reject(now).unwrap();
        for (mut peering, status) in
            [(failed, "failed"), (expired, "expired"), (rejected, "rejected")]
        {
            assert_eq!(peering.status(now), status);
            assert!(
                peering.accept(now, &life).is_err() && peering.delete(now, &life).is_err(),
                "{status}"
            );
        }
    }
}
