//! Logs, trace context, and traces for whoever collects them.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use proto::Service;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::{LogFormat, ProcessConfig};

/// kube logs the whole body of an answer that does not parse, as a warning: that body may be a Secret.
const BODIES: &str = "kube_client::client=error";

/// Starts logging to standard error, and sending of traces. Returns what is to be told of shutdown. A panic is logged by
/// its place only: its payload could hold a secret.
pub(crate) fn init(service: Service, config: &ProcessConfig) -> anyhow::Result<SdkTracerProvider> {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let filter = filter(&config.log_level)?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Human => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    let provider = traces(service, config.otlp_endpoint.as_deref())?;
    let tracer = provider.tracer(service.as_str());
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(panic.place = place, "panic");
    }));
    Ok(provider)
}

/// Spans have ids, so that log lines and messages belong together, even where nobody collects them.
fn traces(service: Service, endpoint: Option<&str>) -> anyhow::Result<SdkTracerProvider> {
    let resource = Resource::builder().with_service_name(service.as_str()).build();
    let provider = SdkTracerProvider::builder().with_resource(resource);
    let Some(endpoint) = endpoint.filter(|it| !it.is_empty()) else { return Ok(provider.build()) };
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build();
    Ok(provider.with_batch_exporter(exporter.context("OTEL_EXPORTER_OTLP_ENDPOINT")?).build())
}

/// What is logged. No level that is asked for lets bodies through.
fn filter(log_level: &str) -> anyhow::Result<EnvFilter> {
    Ok(EnvFilter::try_new(log_level)?.add_directive(BODIES.parse()?))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{Event, Subscriber};
    use tracing_subscriber::layer::{Context, Layer};

    use super::*;

    /// Targets of what is let through.
    #[derive(Clone, Default)]
    struct Logged(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Logged {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().push(event.metadata().target().to_owned());
        }
    }

    #[test]
    fn a_body_that_kube_cannot_parse_is_logged_at_no_level() {
        for level in ["info", "trace", "kube_client=debug", "kube_client::client=warn"] {
            let logged = Logged::default();
            let subscriber = tracing_subscriber::registry().with(filter(level).unwrap());
            tracing::subscriber::with_default(subscriber.with(logged.clone()), || {
                tracing::warn!(target: "kube_client::client", "a body");
                tracing::error!(target: "kube_client::client::builder", "failed");
            });
            assert_eq!(*logged.0.lock().unwrap(), ["kube_client::client::builder"], "{level}");
        }
    }
}
