//! Writes the reference of settings from the code; `docgen --check` fails when the committed page differs.

mod settings;
mod strategies;

use std::{env, fs};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../configuration.md");

fn main() -> anyhow::Result<()> {
    match env::args().nth(1).as_deref() {
        None => Ok(fs::write(PAGE, page())?),
        Some("--check") if fs::read_to_string(PAGE).is_ok_and(|there| there == page()) => Ok(()),
        Some("--check") => {
            anyhow::bail!("docs/configuration.md differs from the code; run `make generate`")
        }
        Some(other) => anyhow::bail!("unknown argument {other}"),
    }
}

fn page() -> String {
    let parts = [
        include_str!("introduction.md"),
        &settings::of_services(),
        include_str!("config_maps.md"),
        &strategies::on_aws(),
        include_str!("in_cluster.md"),
    ];
    parts.join("\n")
}
