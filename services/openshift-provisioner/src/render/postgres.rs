//! Postgres, by the contract of the Software Collections image.

use super::workload::Recipe;
use super::{Inputs, from_secret, resources, words};
use crate::credentials::POSTGRES_USER;
use crate::naming::database_name;

/// The user of `POSTGRESQL_USER` owns its database and nothing else; nobody gets the superuser's password (W-32).
pub(super) fn recipe(inputs: &Inputs<'_>) -> Recipe {
    let variable = |variable, key| inputs.secret.map(|secret| from_secret(variable, secret, key));
    let env = [
        variable("POSTGRESQL_USER", "user"),
        variable("POSTGRESQL_PASSWORD", "password"),
        variable("POSTGRESQL_DATABASE", "database"),
    ];
    let database = database_name(&inputs.claim.name);
    Recipe {
        image: inputs.workloads.postgres_image.clone(),
        port_name: "postgresql",
        env: env.into_iter().flatten().collect(),
        data_path: "/var/lib/pgsql/data",
        // The start script writes a passwd file and settings into its home, sockets into /run/postgresql.
        scratch: &[
            ("home", "/var/lib/pgsql"),
            ("sockets", "/run/postgresql"),
            ("temporary", "/tmp"),
        ],
        read_only_root: true,
        // Over TCP, which is not served while the start script prepares the database. It needs no password.
        answers: words(&["pg_isready", "-h", "127.0.0.1", "-U", POSTGRES_USER, "-d", &database]),
        resources: resources(
            &[("cpu", "50m"), ("memory", "512Mi")],
            &[("cpu", "250m"), ("memory", "2Gi")],
        ),
    }
}
