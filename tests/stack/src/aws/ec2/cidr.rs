//! Ranges of addresses, as far as peerings care.

use std::net::Ipv4Addr;

use crate::aws::xml::Element;

/// All IPv4 ranges of one side of a peering.
pub(crate) fn of(side: &Element) -> Vec<(u32, u32)> {
    let sets = side.items("cidrBlockSet").iter().map(|item| item.text_of("cidrBlock"));
    sets.chain([side.text_of("cidrBlock")]).filter_map(range).collect()
}

pub(crate) fn overlap(one: &[(u32, u32)], other: &[(u32, u32)]) -> bool {
    one.iter().any(|(from, to)| other.iter().any(|(begin, end)| from <= end && begin <= to))
}

/// First and last address.
fn range(cidr: &str) -> Option<(u32, u32)> {
    let (address, bits) = cidr.split_once('/')?;
    let (address, bits) = (u32::from(address.parse::<Ipv4Addr>().ok()?), bits.parse::<u32>().ok()?);
    let hosts = u32::MAX.checked_shr(bits).unwrap_or_default();
    Some((address & !hosts, address | hosts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_overlap_when_they_share_an_address() {
        let cases = [
            ("10.0.0.0/16", "10.0.255.0/24", true),
            ("10.0.0.0/16", "10.1.0.0/16", false),
            ("0.0.0.0/0", "10.1.0.0/32", true),
            ("10.1.0.0/32", "10.1.0.1/32", false),
        ];
        for (one, other, expected) in cases {
            let ranges = |cidr| range(cidr).into_iter().collect::<Vec<_>>();
            assert_eq!(overlap(&ranges(one), &ranges(other)), expected, "{one} {other}");
        }
        assert_eq!((range("10.0.0.0"), range("x/8"), range("10.0.0.0/x")), (None, None, None));
    }
}
