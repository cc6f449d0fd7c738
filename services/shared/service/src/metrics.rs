//! The registry behind `/metrics`.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use proto::Service;

/// How long something takes, s, in buckets.
pub type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

/// A registry that tasks share. Metrics are registered at start and live as long as the process.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<Registry>>);

impl Metrics {
    /// A registry with the build information of this service.
    pub fn new(service: Service) -> Self {
        let metrics = Self::default();
        let labels = vec![
            ("service", service.as_str()),
            ("version", env!("CARGO_PKG_VERSION")),
            ("rust_version", env!("CARGO_PKG_RUST_VERSION")),
        ];
        metrics
            .register(|registry| registry.register("build", "What runs here", Info::new(labels)));
        metrics
    }

    /// Registers metrics.
    pub fn register<T>(&self, register: impl FnOnce(&mut Registry) -> T) -> T {
        register(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The OpenMetrics text.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(text)
    }
}
