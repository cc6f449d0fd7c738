//! The life of a process: start, tasks that may not end unnoticed, drain.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use proto::Service;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::ProcessConfig;
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::{admin, telemetry};

/// How long the last traces may take to be sent.
const FLUSH: Duration = Duration::from_secs(2);

/// One running service.
pub struct Process {
    /// Its metrics.
    pub metrics: Metrics,
    /// What must be true before it is ready.
    pub readiness: Readiness,
    /// Cancelled when the process shall stop, by a task too: take nothing new, finish what is held.
    pub shutdown: CancellationToken,
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    drain: Duration,
    traces: Option<SdkTracerProvider>,
}

impl Process {
    /// Starts logging and the admin server.
    pub async fn start(service: Service, config: &ProcessConfig) -> anyhow::Result<Self> {
        let traces = telemetry::init(service, config)?;
        let mut process = Self::new(service, Duration::from_secs(config.drain_seconds));
        process.traces = Some(traces);
        let listener = TcpListener::bind(config.admin_address)
            .await
            .with_context(|| format!("failed to listen on {}", config.admin_address))?;
        let router = admin::router(process.metrics.clone(), process.readiness.clone());
        let stop = process.shutdown.clone().cancelled_owned();
        process.spawn("admin", async move {
            Ok(axum::serve(listener, router).with_graceful_shutdown(stop).await?)
        });
        tracing::info!(service.name = service.as_str(), "started");
        Ok(process)
    }

    /// A process without logs and admin server: several can live in one test.
    pub fn new(service: Service, drain: Duration) -> Self {
        Self {
            metrics: Metrics::new(service),
            readiness: Readiness::default(),
            shutdown: CancellationToken::new(),
            tasks: JoinSet::new(),
            drain,
            traces: None,
        }
    }

    /// Adds a task. When it ends before shutdown, the process ends with an error.
    pub fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    /// Runs until a signal, a shutdown or the end of a task; then drains. A second signal ends the drain.
    pub async fn run(mut self) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let ended = tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Ok(()),
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
            ended = self.tasks.join_next() => unexpected(ended),
        };
        tracing::info!("draining");
        self.shutdown.cancel();
        tokio::select! {
            () = join_all(&mut self.tasks) => tracing::info!("stopped"),
            () = tokio::time::sleep(self.drain) => tracing::warn!("drain took too long"),
            _ = terminate.recv() => tracing::warn!("second signal"),
            _ = interrupt.recv() => tracing::warn!("second signal"),
        }
        self.tasks.abort_all();
        if let Some(traces) = self.traces {
            // Waits for its exporter, which runs on this runtime.
            drop(tokio::task::spawn_blocking(move || traces.shutdown_with_timeout(FLUSH)).await);
        }
        ended
    }
}

type Ended = Result<(&'static str, anyhow::Result<()>), tokio::task::JoinError>;

fn unexpected(ended: Option<Ended>) -> anyhow::Result<()> {
    match ended {
        Some(Ok((name, Err(error)))) => Err(error.context(format!("task {name} failed"))),
        Some(Ok((name, Ok(())))) => Err(anyhow::anyhow!("task {name} ended")),
        Some(Err(error)) => Err(anyhow::anyhow!("a task panicked: {}", error.is_panic())),
        None => Err(anyhow::anyhow!("no task runs")),
    }
}

async fn join_all(tasks: &mut JoinSet<(&'static str, anyhow::Result<()>)>) {
    while let Some(ended) = tasks.join_next().await {
        if let Ok((name, Err(error))) = ended {
            tracing::warn!(task = name, error = format!("{error:#}"), "task failed in drain");
        }
    }
}

/// What `main` returns: prints the chain of causes once, on one line.
pub fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "failed");
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
