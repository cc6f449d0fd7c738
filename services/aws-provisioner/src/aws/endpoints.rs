//! The endpoints of local mode: nothing can reach the real AWS.

use std::env;

use aws_config::SdkConfig;
use aws_types::origin::Origin;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The same configuration with this endpoint for every service that has none of its own in the environment. What a profile
/// says of endpoints does not count.
pub(super) fn only(endpoint: &str, sdk: SdkConfig) -> SdkConfig {
    let mut sdk = sdk.into_builder().endpoint_url(endpoint).service_config(Environment);
    // Of a lower rank than a service's own.
    sdk.insert_origin("endpoint_url", Origin::shared_config());
    sdk.build()
}

/// `AWS_ENDPOINT_URL_<SERVICE>` (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
#[derive(Debug)]
struct Environment;

impl LoadServiceConfig for Environment {
    #[allow(
        clippy::disallowed_methods,
        reason = "the SDK names these variables, one for each service"
    )]
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        env::var(format!("{}_{service}", key.env())).ok().filter(|value| !value.is_empty())
    }
}
