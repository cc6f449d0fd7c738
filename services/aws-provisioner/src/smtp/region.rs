//! Where SES has an SMTP endpoint.

/// Regions with one (<https://docs.aws.amazon.com/general/latest/gr/ses.html>, November 2026). A region that is
/// missing here is tried all the same.
const KNOWN: &[&str] = &[
    "af-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Whether SES is known to have an SMTP endpoint there.
pub(super) fn is_known(region: &str) -> bool {
    KNOWN.contains(&region)
}

/// Where mail is handed in.
pub(super) fn host(region: &str) -> String {
    format!("email-smtp.{region}.amazonaws.com")
}
