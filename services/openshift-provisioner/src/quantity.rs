//! Kubernetes quantities, so that `1Gi` and `1024Mi` are the same.

/// Units of a billionth: the smallest that Kubernetes knows.
const NANO: i128 = 1_000_000_000;

/// An amount, in billionths of its unit; `None` when the text is no quantity.
pub fn parse(text: &str) -> Option<i128> {
    let number_end = text
        .find(|it: char| !(it.is_ascii_digit() || matches!(it, '.' | '+' | '-')))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(number_end);
    let (factor, divisor) = scale(suffix)?;
    let (digits, places) = decimal(number)?;
    let exact = digits.checked_mul(factor)?.checked_mul(NANO)?;
    exact.checked_div(divisor.checked_mul(10_i128.checked_pow(places)?)?)
}

/// Whether both texts say the same amount; texts that are no quantities are compared as texts.
pub fn same(one: &str, other: &str) -> bool {
    match (parse(one), parse(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// `-1.25` is -125 and 2.
fn decimal(number: &str) -> Option<(i128, u32)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let unsigned = fraction.bytes().all(|it| it.is_ascii_digit());
    let digits = format!("{whole}{fraction}").parse().ok().filter(|_| unsigned)?;
    Some((digits, u32::try_from(fraction.len()).ok()?))
}

/// Factor and divisor of a suffix.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let binary = |power: u32| (1_i128 << (10 * power), 1);
    let thousands = |power: u32| (1000_i128.pow(power), 1);
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, NANO),
        "u" => (1, 1_000_000),
        "m" => (1, 1000),
        "k" => thousands(1),
        "M" => thousands(2),
        "G" => thousands(3),
        "T" => thousands(4),
        "P" => thousands(5),
        "E" => thousands(6),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
            if exponent < 0 { (1, power) } else { (power, 1) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_amount_can_be_written_in_many_ways() {
        let table = [
            ("1Gi", "1024Mi"),
            ("1", "1000m"),
            ("0.25", "250m"),
            ("1e3", "1k"),
            ("1E3", "1000"),
            ("1.5Gi", "1536Mi"),
            ("8Ei", "8192Pi"),
            ("+1", "1"),
            ("100n", "0.1u"),
            ("12e-1", "1200m"),
        ];
        for (one, other) in table {
            assert!(same(one, other), "{one} {other} {:?} {:?}", parse(one), parse(other));
        }
        assert!(!same("1Gi", "1G"));
        assert!(parse("2Gi") > parse("1.9Gi"));
    }

    #[test]
    fn what_is_no_quantity_is_compared_as_text() {
        for text in ["", "Gi", "1 Gi", "1gi", "1.2.3", "--1", "1e", "1.-5", "9e99"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(same("abc", "abc") && !same("abc", "1"));
    }
}
