//! The operations of AWS that we call.

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Buckets and objects.
    S3,
    /// Users, their keys and policies.
    Iam,
    /// Mail.
    Ses,
    /// Who we are.
    Sts,
    /// Databases.
    Rds,
    /// Caches.
    ElastiCache,
    /// Networks.
    Ec2,
    /// Measurements.
    CloudWatch,
}

impl Service {
    /// The text of metrics and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Iam => "iam",
            Self::Ses => "ses",
            Self::Sts => "sts",
            Self::Rds => "rds",
            Self::ElastiCache => "elasticache",
            Self::Ec2 => "ec2",
            Self::CloudWatch => "cloudwatch",
        }
    }
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its service.
    pub service: Service,
    /// Its name in the API.
    pub name: &'static str,
    /// What an IAM policy calls it, without the service.
    pub actions: &'static [&'static str],
}

impl Operation {
    /// What an IAM policy must allow, such as `s3:PutBucketTagging`.
    pub fn allowed_by(&self) -> impl Iterator<Item = String> + use<> {
        let service = self.service.as_str();
        self.actions.iter().map(move |action| format!("{service}:{action}"))
    }
}
