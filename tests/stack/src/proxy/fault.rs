//! What goes wrong on the way to AWS.

use std::collections::BTreeMap;
use std::time::Duration;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Never forwarded; answered with this HTTP status and error code, such as 403 `AccessDenied`.
    Answered(u16, &'static str),
    /// Never forwarded; answered as this service asks for fewer calls.
    Throttled,
    /// Never forwarded; the connection ends without an answer.
    RequestLost,
    /// Forwarded, but the answer is lost on its way back: 500.
    AnswerLost,
    /// Forwarded, but the connection ends without an answer.
    AnswerCut,
    /// Forwarded, and nobody hears of it before the answer is released.
    AnswerHeld,
    /// Forwarded after this time.
    Delayed(Duration),
}

/// Faults that wait for their calls.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) is_down: bool,
    planned: Vec<Planned>,
    /// Percent of a service's calls that are throttled, and how many percents are saved up.
    storms: BTreeMap<String, (u32, u32)>,
}

struct Planned {
    operation: String,
    times: usize,
    fault: Fault,
}

impl Faults {
    pub(super) fn plan(&mut self, operation: &str, times: usize, fault: Fault) {
        self.planned.push(Planned { operation: operation.to_owned(), times, fault });
    }

    pub(super) fn storm(&mut self, service: &str, percent: u32) {
        self.storms.insert(service.to_owned(), (percent.min(100), 0));
    }

    /// The fault that this call meets, if any; a plan is used up by it.
    pub(super) fn next(&mut self, service: &str, operation: &str) -> Option<Fault> {
        if self.is_down {
            return Some(Fault::Answered(503, "ServiceUnavailable"));
        }
        self.planned.retain(|planned| planned.times > 0);
        let meets = |it: &&mut Planned| it.operation.is_empty() || it.operation == operation;
        if let Some(met) = self.planned.iter_mut().find(meets) {
            met.times -= 1;
            return Some(met.fault);
        }
        let (percent, saved) = self.storms.get_mut(service)?;
        *saved += *percent;
        (*saved >= 100).then(|| *saved -= 100).map(|()| Fault::Throttled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_meets_its_own_operation_and_is_used_up() {
        let mut faults = Faults::default();
        faults.plan("DeleteUser", 2, Fault::AnswerLost);
        assert_eq!(faults.next("iam", "DeleteUserPolicy"), None);
        assert_eq!(faults.next("iam", "DeleteUser"), Some(Fault::AnswerLost));
        assert_eq!(faults.next("iam", "DeleteUser"), Some(Fault::AnswerLost));
        assert_eq!(faults.next("iam", "DeleteUser"), None);
    }

    #[test]
    fn a_storm_throttles_its_share_of_one_service() {
        let mut faults = Faults::default();
        faults.storm("rds", 80);
        let mut count = |service| (0..100).filter(|_| faults.next(service, "D").is_some()).count();
        assert_eq!((count("rds"), count("ec2")), (80, 0));
        faults.storm("rds", 0);
        assert_eq!(faults.next("rds", "D"), None);
    }
}
