//! From kind and tier to a strategy. Pure. The provisioner checks the strategy's own fields.

use crds::conditions::reasons;
use k8s_openapi::api::core::v1::ConfigMap;
use proto::Strategy;
use serde_json::{Map, Value};

use crate::reconcile::problem::Problem;

/// Tiers that exist while no ConfigMap was ever seen.
const BUILT_IN: [&str; 2] = ["development", "production"];
/// The Go operator's key of the network.
const NETWORK: &str = "_network";
const EMPTY: &str = r#"{"createStrategy":{},"deleteStrategy":{},"region":"","strategy":{}}"#;

/// The strategy of a tier; `None` stands for a ConfigMap that was never there.
pub(crate) fn of_tier(
    name: &str,
    config: Option<&ConfigMap>,
    key: &str,
    tier: &str,
) -> Result<Strategy, Problem> {
    let Some(config) = config else { return built_in(name, tier) };
    let place = format!("ConfigMap {name}, key {key}");
    let text = text_of(config, key);
    if text.is_empty() {
        return Err(Problem::config(&place, "the key is missing or empty"));
    }
    let tiers: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| Problem::config(&place, &error.to_string()))?;
    match tiers.get(tier) {
        Some(value @ Value::Object(_)) => {
            Ok(Strategy { tier: tier.to_owned(), json: canonical(value) })
        }
        Some(_) => Err(Problem::config(&format!("{place}, tier {tier}"), "it is not an object")),
        None => Err(unsupported_tier(&place, tier, tiers.keys().map(String::as_str))),
    }
}

/// The strategy of the network; where nothing is written for the tier, an empty one.
pub(crate) fn of_network(
    name: &str,
    config: Option<&ConfigMap>,
    tier: &str,
) -> Result<Strategy, Problem> {
    let empty = || Strategy { tier: tier.to_owned(), json: EMPTY.to_owned() };
    if config.is_none_or(|config| text_of(config, NETWORK).is_empty()) {
        return Ok(empty());
    }
    match of_tier(name, config, NETWORK, tier) {
        Err(problem) if problem.reason == reasons::UNSUPPORTED_TIER => Ok(empty()),
        found => found,
    }
}

fn text_of<'a>(config: &'a ConfigMap, key: &str) -> &'a str {
    config.data.as_ref().and_then(|data| data.get(key)).map_or("", |text| text.trim())
}

/// Equal values have equal texts, whatever the order of their keys.
fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

fn built_in(name: &str, tier: &str) -> Result<Strategy, Problem> {
    if BUILT_IN.contains(&tier) {
        return Ok(Strategy { tier: tier.to_owned(), json: EMPTY.to_owned() });
    }
    Err(unsupported_tier(&format!("ConfigMap {name}"), tier, BUILT_IN.into_iter()))
}

fn unsupported_tier<'a>(place: &str, tier: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let known = known.collect::<Vec<_>>().join(", ");
    let message = format!("spec.tier is {tier:?}, and {place} has: {known}");
    Problem::new(reasons::UNSUPPORTED_TIER, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, tier: &str) -> Result<Strategy, Problem> {
        let data = [("redis".to_owned(), text.to_owned())].into();
        let config = ConfigMap { data: Some(data), ..ConfigMap::default() };
        of_tier("strategies", Some(&config), "redis", tier)
    }

    #[test]
    fn nobody_has_to_write_a_strategy_for_the_network() {
        let of = |data: &[(&str, &str)]| {
            let data = data.iter().map(|(key, it)| ((*key).to_owned(), (*it).to_owned())).collect();
            let config = ConfigMap { data: Some(data), ..ConfigMap::default() };
            of_network("strategies", Some(&config), "gold").map(|it| it.json)
        };
        let written = r#"{"gold": {"createStrategy": {"CidrBlock": "10.1.0.0/26"}}}"#;
        assert_eq!(of_network("strategies", None, "gold").unwrap().json, EMPTY);
        assert_eq!(of(&[]).unwrap(), EMPTY);
        assert_eq!(of(&[("_network", r#"{"silver": {}}"#)]).unwrap(), EMPTY);
        assert!(of(&[("_network", written)]).unwrap().contains("10.1.0.0/26"));
        assert_eq!(of(&[("_network", "{")]).unwrap_err().reason, reasons::WAITING_FOR_CONFIG);
    }

    #[test]
    fn equal_strategies_are_equal_whatever_their_layout() {
        let compact = of(r#"{"gold":{"region":"x","createStrategy":{"A":1,"B":2}}}"#, "gold");
        let spaced = of(
            "{ \"gold\": {\n \"createStrategy\": {\"B\": 2, \"A\": 1}, \"region\": \"x\"} }",
            "gold",
        );
        assert_eq!(compact.unwrap().json, spaced.unwrap().json);
    }

    #[test]
    fn without_a_config_map_the_built_in_tiers_exist() {
        let built_in = |tier| of_tier("strategies", None, "redis", tier);
        assert_eq!(built_in("production").unwrap().tier, "production");
        assert_eq!(built_in("gold").unwrap_err().reason, reasons::UNSUPPORTED_TIER);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let table = [
            ("", reasons::WAITING_FOR_CONFIG, "missing or empty"),
            ("{oops", reasons::WAITING_FOR_CONFIG, "line 1 column 2"),
            (r#"{"gold": 1}"#, reasons::WAITING_FOR_CONFIG, "tier gold"),
            (r#"{"silver": {}}"#, reasons::UNSUPPORTED_TIER, "has: silver"),
        ];
        for (text, reason, part) in table {
            let problem = of(text, "gold").unwrap_err();
            assert_eq!(problem.reason, reason, "{text}");
            assert!(problem.message.contains(part), "{}", problem.message);
        }
    }
}
