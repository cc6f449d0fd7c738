//! Versions of engines: numbers with dots. They change only when somebody names one. Pure.

/// Numbers with dots.
pub fn is_sound(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    version.len() <= 16 && version.split('.').all(is_number)
}

/// Whether what runs `found` is what `named` asks for.
pub fn satisfies(found: &str, named: &str) -> bool {
    let rest = found.strip_prefix(named);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The newest of these.
pub fn newest<'a>(versions: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    versions.max_by_key(|version| numbers(version))
}

/// Whether `named` is older than `found`: AWS does not go back.
pub fn is_older(named: &str, found: &str) -> bool {
    numbers(named) < numbers(found)
}

/// Whether the major versions differ.
pub fn is_major_change(one: &str, other: &str) -> bool {
    // Before 10 the first two numbers were the major version; nothing of that age is offered.
    numbers(one).first() != numbers(other).first()
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_a_major_one_stands_for_all_of_its_own() {
        assert!(satisfies("15.15", "15") && satisfies("15.15", "15.15"));
        assert!(!satisfies("15.15", "15.1") && !satisfies("15.15", "1"));
        assert!(is_older("9.6.24", "13.3") && is_older("13.9", "13.11"));
        assert!(!is_older("15.15", "15.15") && !is_older("16", "15.15"));
        assert!(is_major_change("13.11", "15.2") && !is_major_change("15.2", "15.15"));
    }

    #[test]
    fn w21_no_text_is_too_odd_for_a_version() {
        for odd in ["", ".", "15.", "15.x", "v15", "-1", "15.15.15.15.15.15.15"] {
            assert!(!is_sound(odd), "{odd}");
        }
        assert!(is_sound("15") && is_sound("9.6.24"));
        assert!(!is_older("99999999999999999999", "15"));
    }
}
