//! What the provisioners share: from a delivery to turns to a settled record.
//!
//! A [`Provisioner`] observes, plans and acts: one [turn](Provisioner::turn). The [`Worker`] does the rest, the same
//! for every provider: it pulls, takes the lease of the uid, loads the record, asks before each turn whether the item
//! is still current, stores what the turn found, publishes the connection, and settles. The rule: settled means ack,
//! not settled means nak with a delay.
//!
//! A delivery is not the only reason for a turn: a [`Waker`] gives a claim one at once, for example after a watch
//! event on an object of its own. What a wake leaves unfinished is [resumed](resume) by whoever starts.

mod config;
mod disposition;
mod failure;
mod labels;
mod metrics;
mod publish;
mod reach;
mod turns;
mod unsettled;
mod wake;
mod work;
mod worker;

pub use config::{NotServed, WorkConfig};
pub use failure::{Failure, TurnError};
pub use labels::labels;
pub use reach::check_connections;
pub use turns::{Provisioner, Step};
pub use unsettled::resume;
pub use wake::Waker;
pub use work::{ABSENCE_PROOF, Call, Interrupted, Outcome, Work};
pub use worker::Worker;
