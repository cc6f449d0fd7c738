//! W3C trace context (<https://www.w3.org/TR/trace-context/>) in and out of headers.

use std::collections::HashMap;

use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The headers that carry the context of `span`.
pub fn inject(span: &Span) -> HashMap<String, String> {
    let mut headers = HashMap::new();
    opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&span.context(), &mut headers);
    });
    headers
}

/// Makes `span` a child of the context that these headers carry, if they carry one.
#[allow(clippy::implicit_hasher, reason = "headers are collected for this call")]
pub fn continue_from(span: &Span, headers: &HashMap<String, String>) {
    let parent =
        opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(headers));
    // Fails only when tracing is not initialised, as in tests.
    let _ = span.set_parent(parent);
}
