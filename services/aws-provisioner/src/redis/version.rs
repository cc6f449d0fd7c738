//! Versions of the engine. They change only when somebody names one. Pure.

use crate::aws::elasticache::Version;
use crate::version::{newest, satisfies};

use super::problem::Problem;

/// What a new group gets when nobody names a version.
fn usual(engine: &str) -> &'static str {
    if engine == "valkey" { "7.2" } else { "7.1" }
}

/// The version of a new group. `offered` is `None` when AWS may not be asked.
pub fn of_new(
    engine: &str,
    named: Option<&str>,
    offered: Option<&[Version]>,
    region: &str,
) -> Result<String, Problem> {
    let (usual, major) = (usual(engine), "7");
    match (named, offered) {
        (named, None) => Ok(named.unwrap_or(usual).to_owned()),
        (Some(named), Some(offered)) => check(engine, named, offered, region),
        (None, Some(offered)) => {
            check(engine, usual, offered, region).or_else(|_| check(engine, major, offered, region))
        }
    }
}

/// The newest version that AWS offers and that is what was named; AWS itself knows no major version alone.
pub fn check(
    engine: &str,
    named: &str,
    offered: &[Version],
    region: &str,
) -> Result<String, Problem> {
    let of_engine = offered.iter().filter(|it| it.engine == engine).map(|it| it.version.as_str());
    let versions: Vec<&str> = of_engine.collect();
    // AWS offers 7.1 and tells 7.1.0 of a group that has it.
    let fits = |version: &&str| satisfies(version, named) || format!("{version}.0") == named;
    match newest(versions.iter().copied().filter(fits)) {
        Some(version) => Ok(version.to_owned()),
        None => Err(Problem::UnknownVersion {
            engine: engine.to_owned(),
            version: named.to_owned(),
            region: region.to_owned(),
            offered: versions.join(", "),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Vec<Version> {
        let all = [
            ("memcached", "1.6.22"),
            ("redis", "5.0.6"),
            ("redis", "6.2"),
            ("redis", "7.0"),
            ("redis", "7.10"),
            ("redis", "7.1"),
            ("valkey", "7.2"),
            ("valkey", "8.0"),
        ];
        all.map(|(engine, version)| Version { engine: engine.into(), version: version.into() })
            .into()
    }

    #[test]
    fn w68_a_version_is_taken_as_named_or_refused_with_those_that_exist() {
        let of_new = |engine, named| of_new(engine, Some(named), Some(&offered()), "eu-west-1");
        let table = [
            ("redis", "5.0.6", "5.0.6"),
            ("redis", "7", "7.10"),
            ("redis", "7.1.0", "7.1"),
            ("valkey", "8", "8.0"),
        ];
        for (engine, named, expected) in table {
            assert_eq!(of_new(engine, named).unwrap(), expected);
        }
        for (engine, unknown) in
            [("redis", "8.0"), ("redis", "7.1.5"), ("redis", "1"), ("valkey", "7.1")]
        {
            let text = of_new(engine, unknown).unwrap_err().to_string();
            assert!(text.contains(&format!("{engine} {unknown} is not offered")), "{text}");
        }
        let text = of_new("redis", "4.0.10").unwrap_err().to_string();
        assert!(text.ends_with("these are: 5.0.6, 6.2, 7.0, 7.10, 7.1"), "{text}");
    }

    #[test]
    fn a_new_group_gets_the_usual_version_of_its_engine() {
        let of_new = |engine, offered: Option<&[Version]>| of_new(engine, None, offered, "r");
        assert_eq!(of_new("redis", Some(&offered())).unwrap(), "7.1");
        assert_eq!(of_new("valkey", Some(&offered())).unwrap(), "7.2");
        assert_eq!(of_new("redis", None).unwrap(), "7.1");
        let later = [Version { engine: "redis".into(), version: "7.3".into() }];
        assert_eq!(of_new("redis", Some(&later)).unwrap(), "7.3");
        assert!(of_new("valkey", Some(&later)).is_err());
    }
}
