//! Traces reach a collector, and one claim's are one trace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use proto::Service;
use stack::{Claim, PATIENCE, Stack, eventually};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// Which services have spans in each trace.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<BTreeMap<Vec<u8>, BTreeSet<String>>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for spans in request.into_inner().resource_spans {
            let service = service_name(&spans);
            for span in spans.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                let mut traces = self.0.lock().unwrap();
                traces.entry(span.trace_id).or_default().insert(service.clone());
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn service_name(spans: &ResourceSpans) -> String {
    let attributes = &spans.resource.as_ref().unwrap().attributes;
    let name = attributes.iter().find(|it| it.key == "service.name").unwrap();
    let text = name.value.as_ref().unwrap().value.as_ref().unwrap();
    match text {
        opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue(text) => text.clone(),
        other => unreachable!("{other:?}"),
    }
}

async fn collector() -> (Collector, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let collector = Collector::default();
    let server = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(collector.clone()))
        .serve_with_incoming(TcpListenerStream::new(listener));
    tokio::spawn(server);
    (collector, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_leads_from_the_watcher_to_the_provisioner_to_secret_writer() {
    let (collector, url) = collector().await;
    let mut stack = Stack::prepare("traces").await.unwrap();
    for service in Service::ALL {
        stack.service(service).set("OTEL_EXPORTER_OTLP_ENDPOINT", &url);
    }
    stack.start_services().await.unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();

    let path = ["openshift-provisioner", "secret-writer", "watcher"].map(str::to_owned);
    let path = BTreeSet::from(path);
    eventually("one trace of three services", PATIENCE, async || {
        let traces = collector.0.lock().unwrap();
        Ok(traces.values().any(|services| services.is_superset(&path)).then_some(()))
    })
    .await
    .unwrap();
}
