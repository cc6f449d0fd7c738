//! One adapter per service, each behind its gate.

use aws_config::{Region, SdkConfig};

use super::budget::Budget;
use super::gate::Gate;
use super::operation::Service;
use super::{cloudwatch, ec2, elasticache, iam, rds, s3, ses};
use crate::metrics::Metrics;

/// Adapters for one region. Cheap to clone.
#[derive(Clone)]
pub struct Clients {
    /// Buckets of that region.
    pub s3: s3::S3,
    /// Users; they are global.
    pub iam: iam::Iam,
    /// Mail of that region.
    pub ses: ses::Ses,
    /// Databases of that region.
    pub rds: rds::Rds,
    /// Caches of that region.
    pub elasticache: elasticache::ElastiCache,
    /// Networks of that region.
    pub ec2: ec2::Ec2,
    /// Measurements of that region.
    pub cloudwatch: cloudwatch::CloudWatch,
}

/// The way to each service: its budget is this process's, whatever the credentials. Cheap to clone.
#[derive(Clone)]
pub(super) struct Gates {
    s3: Gate,
    iam: Gate,
    ses: Gate,
    pub(super) sts: Gate,
    rds: Gate,
    elasticache: Gate,
    ec2: Gate,
    cloudwatch: Gate,
}

impl Gates {
    pub(super) fn new(metrics: &Metrics) -> Self {
        let gate = |service, per_second, at_once| {
            Gate::of(service, Budget::new(per_second, at_once), metrics)
        };
        Self {
            s3: gate(Service::S3, 50, 200),
            iam: gate(Service::Iam, 15, 100),
            // SES itself takes no more.
            ses: gate(Service::Ses, 1, 10),
            sts: gate(Service::Sts, 10, 10),
            rds: gate(Service::Rds, 10, 100),
            elasticache: gate(Service::ElastiCache, 10, 100),
            ec2: gate(Service::Ec2, 10, 100),
            cloudwatch: gate(Service::CloudWatch, 10, 50),
        }
    }
}

macro_rules! client {
    ($sdk:ident, $config:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config).region($region.clone()).build(),
        )
    };
}

impl Clients {
    /// `path_style`: buckets are addressed by path, as emulators need it.
    pub(super) fn new(sdk: &SdkConfig, region: &str, path_style: bool, gates: &Gates) -> Self {
        let region = Region::new(region.to_owned());
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .region(region.clone())
            .force_path_style(path_style)
            .build();
        Self {
            s3: s3::S3::new(aws_sdk_s3::Client::from_conf(s3), gates.s3.clone()),
            iam: iam::Iam::new(client!(aws_sdk_iam, sdk, region), gates.iam.clone()),
            ses: ses::Ses::new(client!(aws_sdk_ses, sdk, region), gates.ses.clone()),
            rds: rds::Rds::new(client!(aws_sdk_rds, sdk, region), gates.rds.clone()),
            elasticache: elasticache::ElastiCache::new(
                client!(aws_sdk_elasticache, sdk, region),
                gates.elasticache.clone(),
            ),
            ec2: ec2::Ec2::new(client!(aws_sdk_ec2, sdk, region), gates.ec2.clone()),
            cloudwatch: cloudwatch::CloudWatch::new(
                client!(aws_sdk_cloudwatch, sdk, region),
                gates.cloudwatch.clone(),
            ),
        }
    }
}
