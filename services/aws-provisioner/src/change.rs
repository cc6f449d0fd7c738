//! What differs from the strategy, and when it may be brought back. Pure.
//!
//! A harmless change is made at once. One that restarts is left to the resource's own maintenance window, or made at
//! once in a window that the claim opens. One that replaces or loses data needs such a window. Under `defaults: cro`
//! everything waits for the window, as it did in the Go operator.

use proto::{Defaults, Options};

/// What a change does to whoever uses the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nobody notices.
    Harmless,
    /// Connections break.
    Restart,
    /// Data or the endpoint may be lost.
    Replace,
}

/// One field that is not as desired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path in the strategy, such as `createStrategy.DBInstanceClass`.
    pub field: &'static str,
    /// What AWS has.
    pub from: String,
    /// What is desired.
    pub to: String,
    /// What it does.
    pub effect: Effect,
}

/// When a change is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// Sent now; AWS applies it in the resource's own maintenance window.
    InItsWindow,
    /// Not before the claim opens a window.
    Held,
}

/// What allows a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The claim's `spec.maintenanceWindow`.
    pub is_open: bool,
    /// The claim's `spec.applyImmediately`.
    pub immediately: bool,
    /// What the Go operator did, or better.
    pub defaults: Defaults,
}

impl Permission {
    /// Of a claim.
    pub fn new(options: &Options, defaults: Defaults) -> Self {
        let (is_open, immediately) = (options.maintenance_window, options.apply_immediately);
        Self { is_open, immediately, defaults }
    }

    /// When a change of this effect is made.
    pub fn when(self, effect: Effect) -> When {
        match (self.defaults, effect, self.is_open) {
            (Defaults::Cro, _, false) | (_, Effect::Replace, false) => When::Held,
            (_, Effect::Harmless, _) | (Defaults::Secure, _, true) => When::Now,
            (Defaults::Cro, _, true) if self.immediately => When::Now,
            (_, Effect::Restart, _) | (Defaults::Cro, Effect::Replace, true) => When::InItsWindow,
        }
    }
}

/// `createStrategy.DBInstanceClass from db.t3.small to db.t3.medium`, for people.
pub fn describe(changes: &[Change]) -> String {
    let texts = changes.iter().map(|it| format!("{} from {} to {}", it.field, it.from, it.to));
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_a_change_is_made() {
        use Defaults::{Cro, Secure};
        use Effect::{Harmless, Replace, Restart};
        let table = [
            (Secure, false, [When::Now, When::InItsWindow, When::Held]),
            (Secure, true, [When::Now, When::Now, When::Now]),
            (Cro, false, [When::Held, When::Held, When::Held]),
            (Cro, true, [When::Now, When::InItsWindow, When::InItsWindow]),
        ];
        for (defaults, is_open, expected) in table {
            let permission = Permission { is_open, immediately: false, defaults };
            let found = [Harmless, Restart, Replace].map(|effect| permission.when(effect));
            assert_eq!(found, expected, "{defaults:?} {is_open}");
        }
        let immediately = Permission { is_open: true, immediately: true, defaults: Cro };
        assert_eq!(immediately.when(Restart), When::Now);
    }

    #[test]
    fn a_change_is_told_with_both_values() {
        let change = Change {
            field: "createStrategy.DBInstanceClass",
            from: "db.t3.small".into(),
            to: "db.t3.medium".into(),
            effect: Effect::Restart,
        };
        let text = "createStrategy.DBInstanceClass from db.t3.small to db.t3.medium";
        assert_eq!(describe(&[change]), text);
    }
}
