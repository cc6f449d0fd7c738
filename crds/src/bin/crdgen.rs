//! Writes the manifests of all kinds; `crdgen --check` fails when a committed one differs.

use std::path::PathBuf;
use std::{env, fs};

use crds::{ClaimKind, GROUP, definition};

const HOW: &str = "cargo run -p crds --bin crdgen";

fn main() -> anyhow::Result<()> {
    let is_check = match env::args().nth(1).as_deref() {
        None => false,
        Some("--check") => true,
        Some(other) => anyhow::bail!("unknown argument {other}; run `{HOW}` or `{HOW} -- --check`"),
    };
    for kind in ClaimKind::ALL {
        let path = path(kind);
        let text = render(kind)?;
        if !is_check {
            fs::write(&path, text)?;
        } else if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            anyhow::bail!("{} differs from the Rust types; regenerate it: {HOW}", path.display());
        }
    }
    Ok(())
}

fn path(kind: ClaimKind) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests");
    PathBuf::from(folder).join(format!("{}.{GROUP}.yaml", kind.plural()))
}

fn render(kind: ClaimKind) -> anyhow::Result<String> {
    let yaml = serde_yaml::to_string(&definition(kind))?;
    Ok(format!("# Generated from the Rust types by `{HOW}`; do not edit.\n{yaml}"))
}
