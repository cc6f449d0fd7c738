//! Every call to AWS goes through here: budget, metrics, class of the error.

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::budget::Budget;
use super::error::{Error, Kind};
use super::operation::{Operation, Service};
use crate::metrics::{Call, Metrics};

/// The way to one service of AWS. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    budget: Arc<Budget>,
    metrics: Metrics,
}

impl Gate {
    /// A gate with its own budget.
    pub fn new(budget: Budget, metrics: Metrics) -> Self {
        Self { budget: Arc::new(budget), metrics }
    }

    /// The same, whose budget is shown as that of a service.
    pub fn of(service: Service, budget: Budget, metrics: &Metrics) -> Self {
        let gate = Self::new(budget, metrics.clone());
        metrics.budgets.show(service.as_str(), gate.budget.clone());
        gate
    }

    /// Sends a request when the budget allows. The SDK's futures are large: they live on the heap.
    pub fn call<'a, T, E>(
        &'a self,
        operation: Operation,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> impl Future<Output = Result<T, Error>> + Send + 'a
    where
        T: Send + 'a,
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let request = Box::pin(request);
        async move {
            let result = match self.budget.wait().await {
                Ok(waited) => {
                    self.metrics.waited(operation.service.as_str(), waited);
                    request.await.map_err(|error| Error::read(operation, &error))
                }
                Err(_) => Err(Error { operation, kind: Kind::Budget, code: "Budget".to_owned() }),
            };
            match &result {
                Err(Error { kind: Kind::Throttled, operation: by, .. })
                    if by.service == operation.service =>
                {
                    self.budget.pause(Instant::now());
                }
                Err(Error { kind: Kind::Throttled | Kind::Budget, .. }) => {}
                _ => self.budget.resume(),
            }
            self.count(operation, &result);
            result
        }
    }

    fn count<T>(&self, operation: Operation, result: &Result<T, Error>) {
        let outcome = result.as_ref().map_or_else(|error| error.kind.as_str(), |_| "ok");
        let (service, name) = (operation.service.as_str(), operation.name);
        let call = Call { service, operation: name, outcome };
        self.metrics.calls.get_or_create(&call).inc();
        if let Err(error) = result {
            // The code is all that may be logged: texts of AWS can echo parameters.
            tracing::debug!(
                aws.service = service,
                aws.operation = name,
                aws.code = error.code,
                outcome,
                "call failed"
            );
        }
    }
}
