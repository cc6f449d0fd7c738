//! Redis, by the contract of the Software Collections image.

use super::workload::Recipe;
use super::{Inputs, from_secret, resources, words};

/// Without a Secret there is no password: what an unset field means under the Go operator's defaults.
pub(super) fn recipe(inputs: &Inputs<'_>) -> Recipe {
    // The image reads the first, redis-cli in the probe the second.
    let variables = ["REDIS_PASSWORD", "REDISCLI_AUTH"];
    let env = inputs.secret.map(|secret| variables.map(|it| from_secret(it, secret, "password")));
    Recipe {
        image: inputs.workloads.redis_image.clone(),
        port_name: "redis",
        env: env.into_iter().flatten().collect(),
        data_path: "/var/lib/redis/data",
        scratch: &[],
        // The start script appends the password to /etc/redis/redis.conf, which is part of the image.
        read_only_root: false,
        // `-e`: an error reply (no password, still loading) is a failure.
        answers: words(&["redis-cli", "-e", "-h", "127.0.0.1", "ping"]),
        resources: resources(
            &[("cpu", "150m"), ("memory", "256Mi")],
            &[("cpu", "500m"), ("memory", "6Gi")],
        ),
    }
}
