//! Versions of the engine. They change only when somebody names one. Pure.

pub use crate::version::{is_major_change, is_older, is_sound, newest, satisfies};

use super::problem::Problem;

/// What a new instance gets when nobody names a version.
const DEFAULT: &str = "15.15";
const DEFAULT_MAJOR: &str = "15";

/// The version of a new instance. `offered` is `None` when AWS may not be asked. AWS takes a major version alone for
/// its default of that one.
pub fn of_new(
    named: Option<&str>,
    offered: Option<&[String]>,
    region: &str,
) -> Result<String, Problem> {
    match (named, offered) {
        (Some(version), None) => Ok(version.to_owned()),
        (None, None) => Ok(DEFAULT_MAJOR.to_owned()),
        (Some(version), Some(offered)) => check(version, offered, region),
        (None, Some(offered)) if is_offered(DEFAULT, offered) => Ok(DEFAULT.to_owned()),
        (None, Some(offered)) => check(DEFAULT_MAJOR, offered, region),
    }
}

/// The version, if AWS offers it.
pub fn check(version: &str, offered: &[String], region: &str) -> Result<String, Problem> {
    if is_offered(version, offered) {
        return Ok(version.to_owned());
    }
    let (version, region) = (version.to_owned(), region.to_owned());
    Err(Problem::UnknownVersion { version, region, offered: offered.join(", ") })
}

fn is_offered(version: &str, offered: &[String]) -> bool {
    offered.iter().any(|offered| satisfies(offered, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(versions: &[&str]) -> Vec<String> {
        versions.iter().map(|&it| it.to_owned()).collect()
    }

    #[test]
    fn w68_a_version_is_taken_as_named_or_refused_with_those_that_exist() {
        let all = offered(&["13.20", "15.14", "15.15", "16.3"]);
        let of_new = |named, offered: &[String]| of_new(named, Some(offered), "eu-west-1");
        assert_eq!(of_new(Some("13.20"), &all).unwrap(), "13.20");
        assert_eq!(of_new(Some("16"), &all).unwrap(), "16");
        for ended in ["13.13", "1", "15.1", "12"] {
            let text = of_new(Some(ended), &all).unwrap_err().to_string();
            let exist = "is not offered in eu-west-1; these are: 13.20, 15.14, 15.15, 16.3";
            assert!(text.ends_with(exist), "{text}");
        }
    }

    #[test]
    fn a_new_instance_gets_the_usual_version_or_awss_default_of_its_major_one() {
        let of_new = |offered: Option<&[String]>| of_new(None, offered, "eu-west-1");
        assert_eq!(of_new(Some(&offered(&["15.14", "15.15"]))).unwrap(), "15.15");
        assert_eq!(of_new(Some(&offered(&["15.17", "15.18"]))).unwrap(), "15");
        assert_eq!(of_new(None).unwrap(), "15");
        assert!(of_new(Some(&offered(&["17.1"]))).is_err());
    }
}
