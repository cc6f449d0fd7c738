//! One version for all that is installed together.

use stack::repository;

/// The images of ours that a file names, each with its tag.
fn images(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join(file)).unwrap();
    let names = text.split("cloud-resource-operator/").skip(1);
    let ours = names.filter_map(|rest| rest.split_whitespace().next());
    let ours = ours.filter(|name| name.contains(':') && !name.contains('/'));
    // These have the versions of what is in them.
    let ours = ours.filter(|name| !name.starts_with("moto:") && !name.starts_with("localstack:"));
    ours.map(ToOwned::to_owned).collect()
}

#[test]
fn programs_chart_and_images_have_one_version() {
    let version = env!("CARGO_PKG_VERSION");
    let chart = repository().join(stack::CHART).join("Chart.yaml");
    let chart = std::fs::read_to_string(chart).unwrap();
    for field in ["version", "appVersion"] {
        assert!(chart.contains(&format!("\n{field}: {version}\n")), "{chart}");
    }
    for file in ["docker-compose.yml", "deploy/compose/local.env", "Makefile"] {
        let images = images(file);
        assert!(!images.is_empty(), "{file}");
        for image in images {
            assert!(image.ends_with(&format!(":{version}")), "{file}: {image}");
        }
    }
}
