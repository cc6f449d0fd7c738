//! aws-provisioner: external resources on AWS, and nothing else.
//!
//! It owns every call to AWS and the records of what lives there. It never talks to the Kubernetes API, never stores
//! a secret (what AWS mints is handed, sealed, to secret-writer at once), and never touches a resource whose tags do
//! not say that it is ours.
//!
//! - [`provision`]: one turn of one claim, by kind; start reading here
//! - [`blobstorage`]: a bucket on S3 with its own IAM user: observe, plan, act
//! - [`postgres`]: a PostgreSQL instance on RDS, the same way; looked at in listings that all claims share
//! - [`redis`]: a replication group on ElastiCache, the same way
//! - [`smtp`]: an IAM user that may send mail, and its password
//! - [`snapshot`]: a snapshot of either, taken once
//! - [`user`]: the IAM user of a bucket or of mail, its policy and its key
//! - [`place`], [`naming`], [`tags`], [`policy`], [`strategy`]: pure: where, under which name, marked how, allowed
//!   what, and what the administrator asked for
//! - [`aws`]: one thin adapter per AWS service behind one gate: budget, metrics, classes of errors
//! - [`creation`], [`facts`]: what databases and caches share: made in the network, remembered in the record
//! - [`monitoring`]: what AWS knows of databases and caches, as metrics
//! - [`drift`]: gives settled claims a turn when something outside may have changed
//!
//! A product is a module like [`blobstorage`], an adapter beside [`aws::s3`], and one arm in [`provision`].

pub mod aws;
pub mod blobstorage;
pub mod change;
mod config;
pub mod creation;
pub mod drift;
mod error;
pub mod facts;
pub mod listing;
pub mod metrics;
pub mod monitoring;
pub mod naming;
pub mod network;
pub mod password;
pub mod place;
pub mod policy;
pub mod postgres;
pub mod provision;
pub mod redis;
mod renewal;
pub mod smtp;
pub mod snapshot;
pub mod strategy;
pub mod tags;
pub mod touched;
pub mod user;
pub mod version;
pub mod waiting;

use std::time::Duration;

use bus::{Bus, RecordFollower};
use proto::{Kind, Service};
use service::Process;
use worker::Worker;

pub use config::{Config, Simulated};
pub use error::Error;

use crate::aws::Aws;
use crate::drift::Drift;
use crate::metrics::Metrics;
use crate::monitoring::Monitoring;
use crate::provision::Provision;

/// Runs until a termination signal.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut process = Process::start(Service::AwsProvisioner, &config.process).await?;
    let metrics = Metrics::register(&process.metrics);
    let aws = Aws::new(config.aws()?, &metrics);
    let bus = Bus::connect(Service::AwsProvisioner, &config.bus, &mut process).await?;
    let records = RecordFollower::start(&bus, &config.grpc, &mut process);
    monitoring::vpc::register(&process.metrics, &records);
    let provision = Provision::new(aws.clone(), &config.simulated);
    let waker = Worker::start(&bus, &config.work, provision, &mut process)?;
    worker::resume(&records, &waker, &mut process);
    renewal::start(&aws, &records, &waker, &mut process);
    let period = Duration::from_secs(config.connection_check_seconds);
    worker::check_connections(&bus, &records, period, provider_name, &mut process);
    let period = Duration::from_secs(config.cloudwatch_period_seconds);
    let (of_bus, of_aws, of_records) = (bus.clone(), aws.clone(), records.clone());
    Monitoring { bus: of_bus, aws: of_aws, records: of_records, period }.start(&mut process);
    let drift = Drift { bus, aws, records, waker, metrics, config: config.drift() };
    let shutdown = process.shutdown.clone();
    process.spawn("drift", async move {
        drift.run(shutdown).await;
        Ok(())
    });
    process.run().await
}

/// As the status of a claim says it, for those that something can connect to.
fn provider_name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Postgres => Some("aws-rds"),
        Kind::Redis => Some("aws-elasticache"),
        _ => None,
    }
}
