//! Ranges of addresses: which are free for a VPC, and how it is split. Interval arithmetic, pure.

use ipnet::{IpNet, Ipv4Net};

use super::problem::Problem;

/// AWS takes `/16` to `/28`; below `/26` two subnets would have too few addresses for databases.
const LARGEST: u8 = 16;
const SMALLEST: u8 = 26;
/// AWS takes no smaller subnet.
const SMALLEST_SUBNET: u8 = 28;
/// What a VPC gets that nobody chose a range for.
const DEFAULT: u8 = 26;

/// A range that a VPC must not overlap, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The range.
    pub range: IpNet,
    /// Whose, for people.
    pub owner: &'static str,
}

impl Taken {
    /// Reads a range.
    pub fn read(text: &str, owner: &'static str) -> Result<Self, Problem> {
        let range = text.parse().map_err(|_| Problem::NoRange { text: text.to_owned(), owner })?;
        Ok(Self { range, owner })
    }
}

/// Whether two ranges have an address in common. Ranges of different families have none.
pub fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.network() <= other.broadcast()
        && other.network() <= one.broadcast()
        && one.addr().is_ipv4() == other.addr().is_ipv4()
}

/// The range that an administrator has chosen, if it can be used.
pub fn chosen(text: &str, taken: &[Taken]) -> Result<Ipv4Net, Problem> {
    let range: Ipv4Net = text.parse().map_err(|_| Problem::NotIpv4 { text: text.to_owned() })?;
    let range = range.trunc();
    if !(LARGEST..=SMALLEST).contains(&range.prefix_len()) {
        return Err(Problem::OutOfRange { range });
    }
    match taken.iter().find(|it| overlap(&it.range, &range.into())) {
        Some(taken) => Err(Problem::Overlap { range, taken: taken.range, owner: taken.owner }),
        None => Ok(range),
    }
}

/// A free range: the first of those that the Go operator tried, else the first anywhere in the private networks.
pub fn choose(taken: &[Taken]) -> Result<Ipv4Net, Problem> {
    let ranges: Vec<IpNet> = taken.iter().map(|it| it.range).collect();
    let is_free = |range: &Ipv4Net| !ranges.iter().any(|it| overlap(it, &(*range).into()));
    let usual = (0..=255).map(|it| [10, it, 0, 0]).chain((16..=31).map(|it| [172, it, 0, 0]));
    let mut usual = usual.map(|octets| net(octets, DEFAULT));
    let anywhere = || {
        let private = [net([10, 0, 0, 0], 8), net([172, 16, 0, 0], 12), net([192, 168, 0, 0], 16)];
        private.into_iter().find_map(|private| first_free(private, DEFAULT, &ranges))
    };
    usual.find(is_free).or_else(anywhere).ok_or(Problem::NoFreeRange)
}

/// The first range of this size inside another one that overlaps none of those that are taken.
pub fn first_free(within: Ipv4Net, prefix: u8, taken: &[IpNet]) -> Option<Ipv4Net> {
    let mut taken: Vec<(u64, u64)> = taken.iter().filter_map(interval).collect();
    taken.sort_unstable();
    let size = 1_u64 << (32 - u32::from(prefix));
    let (mut start, end) = bounds(within);
    for (from, to) in taken {
        if start + size <= from {
            break;
        }
        if to >= start {
            start = (to + 1).next_multiple_of(size);
        }
    }
    let address = u32::try_from(start).ok().filter(|_| start + size - 1 <= end)?;
    Ipv4Net::new(address.into(), prefix).ok()
}

/// How long the prefix of each of so many subnets of equal size is; more than `/28` has none.
pub fn subnet_prefix(vpc: Ipv4Net, count: usize) -> Option<u8> {
    let bits = u8::try_from(count.next_power_of_two().trailing_zeros()).ok()?;
    Some(vpc.prefix_len() + bits).filter(|prefix| *prefix <= SMALLEST_SUBNET)
}

fn net(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(octets.into(), prefix)
}

fn bounds(range: Ipv4Net) -> (u64, u64) {
    (u32::from(range.network()).into(), u32::from(range.broadcast()).into())
}

fn interval(range: &IpNet) -> Option<(u64, u64)> {
    match range {
        IpNet::V4(range) => Some(bounds(*range)),
        IpNet::V6(_) => None,
    }
}

#[cfg(test)]
mod tests;
