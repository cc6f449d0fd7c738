use proptest::prelude::*;
use proto::ErrorClass;

use super::*;

fn taken(ranges: &[&str]) -> Vec<Taken> {
    ranges.iter().map(|it| Taken::read(it, "the cluster").unwrap()).collect()
}

fn range() -> impl Strategy<Value = Ipv4Net> {
    (any::<u32>(), 8_u8..=30)
        .prop_map(|(address, prefix)| Ipv4Net::new(address.into(), prefix).unwrap().trunc())
}

/// Ranges in and around one network, so that they meet.
fn near() -> impl Strategy<Value = Ipv4Net> {
    (0_u32..1 << 13, 19_u8..=30).prop_map(|(offset, prefix)| {
        Ipv4Net::new((0x0a00_0000 + offset).into(), prefix).unwrap().trunc()
    })
}

#[test]
fn w55_every_range_of_pods_services_and_machines_counts_of_both_families() {
    let table: [(&[&str], &str); 5] = [
        (&[], "10.0.0.0/26"),
        (&["10.0.0.0/16", "fd01::/48"], "10.1.0.0/26"),
        // The IPv6 entries of a dual-stack cluster hide nothing.
        (&["10.0.0.0/14", "fd01::/48", "10.4.0.0/16", "fd02::/112"], "10.5.0.0/26"),
        (&["10.0.0.0/8", "172.16.0.0/15"], "172.18.0.0/26"),
        (&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/25"], "192.168.0.128/26"),
    ];
    for (ranges, expected) in table {
        assert_eq!(choose(&taken(ranges)).unwrap().to_string(), expected, "{ranges:?}");
    }
    let all = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    assert_eq!(choose(&taken(&all)), Err(Problem::NoFreeRange));
}

#[test]
fn a_range_that_cannot_be_used_is_refused_with_a_stable_text() {
    let taken = taken(&["10.128.0.0/14", "fd01::/48"]);
    let table = [
        (
            "10.0.0.0/15",
            "10.0.0.0/15 is out of range, block sizes must be between `/16` and `/26`, please update `_network` strategy",
        ),
        (
            "10.0.0.0/27",
            "10.0.0.0/27 is out of range, block sizes must be between `/16` and `/26`, please update `_network` strategy",
        ),
        (
            "10.130.0.0/16",
            "createStrategy.CidrBlock 10.130.0.0/16 overlaps with 10.128.0.0/14 of the cluster: choose another, or none",
        ),
        ("fd00::/64", "createStrategy.CidrBlock \"fd00::/64\" is no range of IPv4 addresses"),
        ("ten", "createStrategy.CidrBlock \"ten\" is no range of IPv4 addresses"),
    ];
    for (text, expected) in table {
        let problem = chosen(text, &taken).unwrap_err();
        assert_eq!(
            (problem.to_string().as_str(), problem.class()),
            (expected, ErrorClass::Invalid)
        );
    }
    assert_eq!(chosen("10.1.2.3/24", &taken).unwrap().to_string(), "10.1.2.0/24");
}

#[test]
fn a_vpc_has_room_for_subnets_of_equal_size() {
    let prefix = |vpc: &str, count| subnet_prefix(vpc.parse().unwrap(), count);
    let table = [
        ("10.0.0.0/26", 2, Some(27)),
        ("10.0.0.0/24", 3, Some(26)),
        ("10.0.0.0/26", 4, Some(28)),
        ("10.0.0.0/26", 5, None),
    ];
    for (vpc, count, expected) in table {
        assert_eq!(prefix(vpc, count), expected, "{vpc} {count}");
    }
}

proptest! {
    #[test]
    fn two_ranges_overlap_if_one_holds_the_other(one in range(), other in range()) {
        let contains = one.contains(&other) || other.contains(&one);
        prop_assert_eq!(overlap(&one.into(), &other.into()), contains);
    }

    #[test]
    fn a_chosen_range_overlaps_nothing(ranges in prop::collection::vec(range(), 0..200)) {
        let taken: Vec<_> =
            ranges.iter().map(|it| Taken { range: (*it).into(), owner: "x" }).collect();
        if let Ok(found) = choose(&taken) {
            prop_assert!(!ranges.iter().any(|it| overlap(&(*it).into(), &found.into())));
            prop_assert_eq!(found, found.trunc());
        }
    }

    #[test]
    fn w45_a_free_range_is_found_exactly_if_there_is_one(
        ranges in prop::collection::vec(near(), 0..40),
    ) {
        let within: Ipv4Net = "10.0.0.0/20".parse().unwrap();
        let taken: Vec<IpNet> = ranges.iter().map(|it| (*it).into()).collect();
        let one_by_one = within.subnets(26).unwrap().find(|it| {
            !taken.iter().any(|taken| overlap(taken, &(*it).into()))
        });
        prop_assert_eq!(first_free(within, 26, &taken), one_by_one);
    }

    #[test]
    fn subnets_lie_in_their_vpc_and_apart(prefix in 16_u8..=26, count in 2_usize..=4) {
        let vpc = Ipv4Net::new([10, 1, 0, 0].into(), prefix).unwrap().trunc();
        let size = subnet_prefix(vpc, count).unwrap();
        let mut taken: Vec<IpNet> = Vec::new();
        for _ in 0..count {
            let subnet = first_free(vpc, size, &taken).unwrap();
            prop_assert!(vpc.contains(&subnet));
            prop_assert!(!taken.iter().any(|it| overlap(it, &subnet.into())));
            taken.push(subnet.into());
        }
    }
}
