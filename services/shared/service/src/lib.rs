//! What every service does the same way, so that knowing one is knowing four.
//!
//! - [`Process`]: telemetry, admin server, tasks that may not end unnoticed, shutdown with drain
//! - [`config`]: clap groups to flatten
//! - [`gauges`]: gauges whose series are found as a whole
//! - [`metrics`] and [`Readiness`]: what `/metrics`, `/live` and `/ready` answer
//! - [`trace`]: W3C trace context into and out of headers
//! - [`status`]: the gRPC status server over a [`status::StatusSource`], and a client that resumes by itself

mod admin;
pub mod config;
pub mod gauges;
pub mod metrics;
mod process;
mod readiness;
mod renewal;
pub mod status;
mod telemetry;
pub mod trace;

pub use process::{Process, exit_code};
pub use readiness::{Gate, Readiness};
pub use tokio_util::sync::CancellationToken;
