//! What each service is told by its environment. Nothing of the caller's environment is passed on, so that no
//! service can reach a real AWS account or another cluster.

use proto::Service;

use crate::access::Scope;
use crate::nats::Nats;
use crate::port::free_port;
use crate::stack::Stack;

/// Where the first replica of each service serves statuses.
pub(crate) struct Ports(Vec<(Service, u16)>);

impl Ports {
    pub(crate) fn free() -> anyhow::Result<Self> {
        Service::ALL
            .into_iter()
            .map(|service| Ok((service, free_port()?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn of(&self, service: Service) -> u16 {
        let found = self.0.iter().find(|(known, _)| *known == service);
        found.expect("every service has a port").1
    }

    fn url(&self, service: Service) -> String {
        format!("https://127.0.0.1:{}", self.of(service))
    }

    /// What tells the watcher where the others are.
    pub(crate) fn urls(&self) -> [(String, String); 3] {
        [Service::AwsProvisioner, Service::OpenshiftProvisioner, Service::SecretWriter].map(|it| {
            let name = it.as_str().replace('-', "_").to_uppercase();
            (format!("{name}_URL"), self.url(it))
        })
    }
}

/// What every service is told of keys and the bus.
pub(crate) fn keys_and_bus(nats: &Nats, service: Service) -> [(String, String); 3] {
    let keys = nats.keys(service).to_string_lossy().into_owned();
    [("NATS_URL", nats.url()), ("KEYS_DIR", keys.clone()), ("GRPC_TLS_DIR", keys)]
        .map(|(name, value)| (name.to_owned(), value))
}

pub(super) fn of(
    stack: &Stack,
    service: Service,
    scope: Scope,
    ports: &Ports,
) -> Vec<(String, String)> {
    let watched = match scope {
        Scope::Cluster => String::new(),
        Scope::Namespace => stack.namespace.clone(),
    };
    let mut variables = Vec::new();
    match service {
        Service::Watcher => {
            variables.extend(watcher(stack));
            variables.push(("WATCH_NAMESPACE", watched));
        }
        Service::OpenshiftProvisioner => {
            variables.extend([("WATCH_NAMESPACE", watched), ("SIMULATED", "true".to_owned())]);
        }
        Service::SecretWriter => variables.push(("WATCH_NAMESPACE", watched)),
        Service::AwsProvisioner => variables.extend(aws(stack)),
    }
    let mut all = Vec::from(keys_and_bus(&stack.nats, service));
    if service == Service::Watcher {
        all.extend(ports.urls());
    }
    all.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
    all
}

fn watcher(stack: &Stack) -> [(&'static str, String); 3] {
    [
        ("OPERATOR_NAMESPACE", stack.namespace.clone()),
        ("CLUSTER_ID", cluster_id(&stack.namespace)),
        ("CLUSTER_REGION", REGION.to_owned()),
    ]
}

/// Where everything on AWS is.
pub(crate) const REGION: &str = "eu-west-1";

/// The id of the cluster as this stack's operator sees it.
pub(super) fn cluster_id(namespace: &str) -> String {
    format!("local-{namespace}")
}

fn aws(stack: &Stack) -> [(&'static str, String); 7] {
    [
        ("AWS_ENDPOINT_URL", stack.aws.url()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("REQUIRE_ENDPOINT", "true".to_owned()),
        ("SIMULATED", "true".to_owned()),
    ]
}
