//! Starts the real things on loopback: a Kubernetes control plane, nats-server, doubles of AWS, and the four services.
//!
//! - [`Site`]: what stacks share; [`ControlPlane`] (etcd, kube-apiserver, controller manager, scheduler, kwok), [`Doubles`]
//! - [`Stack`]: what one test has for itself: a [`Tenant`]'s namespace, a nats-server, an AWS account, the four services
//! - [`Claim`]: what users write
//! - [`Proxy`]: AWS as it is, before [`Moto`] and [`LocalStack`]: states, faults, and a log of calls
//! - [`Buckets`]: what a provisioner of `ObjectBucketClaim`s does, step by step
//! - [`Postgres`] and [`Redis`]: real servers to stand behind the endpoints that AWS names
//! - [`Alone`]: AWS without the rest, for docker-compose
//! - [`Prometheus`]: what scrapes the services, and evaluates rules
//!
//! Everything listens on free ports, logs to files in one folder, and ends with the process that started it, even by
//! `kill -9`.

mod access;
mod alone;
mod apiserver;
mod audit;
mod away;
mod aws;
mod buckets;
mod cco;
mod chart;
mod child;
mod claim;
mod cluster_vpc;
mod control_plane;
mod controller_manager;
mod doubles;
mod etcd;
mod folder;
mod kubeconfig;
mod kwok;
mod localstack;
mod moto;
mod nats;
mod objects;
mod person;
mod pki;
mod port;
mod postgres;
mod prometheus;
mod proxy;
mod redis;
mod scheduler;
mod services;
mod site;
#[allow(clippy::module_inception, reason = "the stack is what the crate is about")]
mod stack;
mod steps;
mod tenant;
mod tools;
mod volumes;
mod wait;

pub use access::Scope;
pub use alone::Alone;
pub use audit::ApiCall;
pub use away::Away;
pub use aws::{LifeCycle, Login, Maintenance, Update};
pub use buckets::Buckets;
pub use cco::Cco;
pub use chart::{CHART, helm, render};
pub use child::{Child, Spawn};
pub use claim::Claim;
pub use control_plane::ControlPlane;
pub use doubles::Doubles;
pub use folder::{Folder, target};
pub use kubeconfig::Kubeconfig;
pub use localstack::LocalStack;
pub use moto::Moto;
pub use nats::Nats;
pub use objects::{read, read_file, read_folder};
pub use port::free_port;
pub use postgres::{Login as PostgresLogin, Postgres};
pub use prometheus::{Prometheus, test_rules};
pub use proxy::{Call, Fault, Proxy};
pub use redis::Redis;
pub use services::{Replica, Services};
pub use site::Site;
pub use stack::{Place, Stack};
pub use steps::Steps;
pub use tenant::{Tenant, Values, condition};
pub use tools::{binaries, localstack_tools, moto_tools, repository, servers, tools};
pub use volumes::PROVISIONER as VOLUME_PROVISIONER;
pub use wait::{PATIENCE, eventually};
