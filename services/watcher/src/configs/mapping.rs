//! From a claim's type and kind to a provider. Pure.

use crds::{ClaimKind, conditions::reasons, names::MAPPING_CONFIG};
use k8s_openapi::api::core::v1::ConfigMap;
use proto::Provider;
use serde_json::{Map, Value};

use crate::reconcile::problem::Problem;
use crate::reconcile::provider::Served;

/// Types that exist while no ConfigMap was ever seen, and who serves all their kinds.
const BUILT_IN: [(&str, Provider); 4] = [
    ("aws", Provider::Aws),
    ("managed", Provider::Aws),
    ("openshift", Provider::Openshift),
    ("workshop", Provider::Openshift),
];

/// The provider of a type and kind; `None` stands for a ConfigMap that was never there.
pub(crate) fn provider(
    config: Option<&ConfigMap>,
    deployment_type: &str,
    kind: ClaimKind,
) -> Result<Served, Problem> {
    let Some(config) = config else { return built_in(deployment_type) };
    let data = config.data.clone().unwrap_or_default();
    let Some(text) = data.get(deployment_type) else {
        let known: Vec<&str> = data.keys().map(String::as_str).collect();
        return Err(unsupported_type(deployment_type, &known));
    };
    let place = format!("ConfigMap {MAPPING_CONFIG}, key {deployment_type}");
    if text.trim().is_empty() {
        return Err(Problem::config(&place, "it is empty"));
    }
    let entry: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| Problem::config(&place, &error.to_string()))?;
    // The Go operator's JSON reader does not mind case.
    let value = entry.iter().find(|(key, _)| key.eq_ignore_ascii_case(kind.mapping_key()));
    match value.and_then(|(_, value)| value.as_str()).filter(|text| !text.is_empty()) {
        Some(provider) => named(&place, provider),
        None => Err(Problem::new(
            reasons::UNSUPPORTED_TYPE,
            format!(
                "unsupported deployment type: {place} names no provider for {}",
                kind.mapping_key()
            ),
        )),
    }
}

fn named(place: &str, provider: &str) -> Result<Served, Problem> {
    match provider {
        "gcp" => Ok(Served::Elsewhere(provider.to_owned())),
        other => other.parse().map(Served::By).map_err(|_| {
            Problem::new(
                reasons::UNSUPPORTED_PROVIDER,
                format!("{place} names the provider {other:?}; there are aws and openshift"),
            )
        }),
    }
}

fn built_in(deployment_type: &str) -> Result<Served, Problem> {
    let found = BUILT_IN.iter().find(|(name, _)| *name == deployment_type);
    found
        .map(|(_, provider)| Served::By(*provider))
        .ok_or_else(|| unsupported_type(deployment_type, &BUILT_IN.map(|(name, _)| name)))
}

fn unsupported_type(deployment_type: &str, known: &[&str]) -> Problem {
    let known = match known {
        [] => " no types".to_owned(),
        known => format!(": {}", known.join(", ")),
    };
    let message = format!(
        "unsupported deployment type: spec.type is {deployment_type:?}, and ConfigMap {MAPPING_CONFIG} has{known}"
    );
    Problem::new(reasons::UNSUPPORTED_TYPE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> ConfigMap {
        let data = [("managed".to_owned(), text.to_owned())].into();
        ConfigMap { data: Some(data), ..ConfigMap::default() }
    }

    fn reason(result: Result<Served, Problem>) -> (&'static str, String) {
        let problem = result.unwrap_err();
        (problem.reason, problem.message)
    }

    #[test]
    fn the_entry_of_the_type_names_the_provider() {
        let config = config(r#"{"Postgres": "aws", "redis": "openshift", "blobstorage": "gcp"}"#);
        let provider = |kind| provider(Some(&config), "managed", kind).unwrap();
        assert_eq!(provider(ClaimKind::Postgres), Served::By(Provider::Aws));
        assert_eq!(provider(ClaimKind::Redis), Served::By(Provider::Openshift));
        assert_eq!(provider(ClaimKind::BlobStorage), Served::Elsewhere("gcp".into()));
        assert_eq!(provider(ClaimKind::PostgresSnapshot), Served::By(Provider::Aws));
    }

    #[test]
    fn without_a_config_map_the_built_in_types_exist() {
        let served = |text| provider(None, text, ClaimKind::Redis);
        assert_eq!(served("workshop").unwrap(), Served::By(Provider::Openshift));
        assert_eq!(served("managed").unwrap(), Served::By(Provider::Aws));
        let (reason, message) = reason(served("other"));
        assert_eq!(reason, reasons::UNSUPPORTED_TYPE);
        assert!(message.contains("aws, managed, openshift, workshop"), "{message}");
    }

    #[test]
    fn a_config_map_without_types_says_so() {
        let (_, message) = reason(provider(Some(&ConfigMap::default()), "x", ClaimKind::Redis));
        assert!(message.ends_with("has no types"), "{message}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let table = [
            ("managed", "{oops", reasons::WAITING_FOR_CONFIG, "key managed"),
            ("managed", " ", reasons::WAITING_FOR_CONFIG, "key managed: it is empty"),
            ("managed", "[]", reasons::WAITING_FOR_CONFIG, "key managed"),
            ("managed", "{}", reasons::UNSUPPORTED_TYPE, "names no provider for redis"),
            ("managed", r#"{"redis": ""}"#, reasons::UNSUPPORTED_TYPE, "names no provider"),
            ("managed", r#"{"redis": "azure"}"#, reasons::UNSUPPORTED_PROVIDER, "azure"),
            ("other", "{}", reasons::UNSUPPORTED_TYPE, "has: managed"),
        ];
        for (deployment_type, text, expected, part) in table {
            let config = config(text);
            let (reason, message) =
                reason(provider(Some(&config), deployment_type, ClaimKind::Redis));
            assert_eq!(reason, expected, "{text}");
            assert!(message.contains(part), "{message}");
        }
    }
}
