//! Pages of listings.

use super::query::Query;
use super::refusal::Refusal;
use super::xml::Element;

/// How a service pages.
struct Words {
    token: &'static str,
    next: &'static str,
    size: &'static str,
    default: usize,
    allowed: std::ops::RangeInclusive<usize>,
}

fn words(service: &str) -> Words {
    let (marker, token) = (("Marker", "Marker"), ("NextToken", "nextToken"));
    let ((token, next), size, default, allowed) = match service {
        "ec2" => (token, "MaxResults", usize::MAX, 5..=1000),
        "iam" => (marker, "MaxItems", 100, 1..=1000),
        _ => (marker, "MaxRecords", 100, 20..=100),
    };
    Words { token, next, size, default, allowed }
}

/// Listings that come in one piece.
const WHOLE: [&str; 5] = [
    "ListTagsForResource",
    "DescribeAvailabilityZones",
    "DescribeRegions",
    "DescribeAccountAttributes",
    "DescribeVpcAttribute",
];

/// Whether this operation pages.
pub(crate) fn pages(action: &str) -> bool {
    (action.starts_with("Describe") || action.starts_with("List")) && !WHOLE.contains(&action)
}

/// The same query without a page.
pub(crate) fn whole(service: &str, query: &Query) -> Query {
    let (mut query, words) = (query.clone(), words(service));
    query.remove(words.token);
    query.remove(words.size);
    query
}

/// The query for the page after this answer.
pub(crate) fn after(service: &str, query: &Query, answer: &Element) -> Option<Query> {
    let words = words(service);
    let next = answer.find(words.next).filter(|next| !next.text.is_empty())?;
    Some(query.clone().with(words.token, &next.text))
}

/// The list in an answer.
pub(crate) fn list<'a>(service: &str, answer: &'a mut Element) -> Option<&'a mut Element> {
    page_of(service, answer)?.children.iter_mut().find(|child| !is_word(&child.name))
}

fn page_of<'a>(service: &str, answer: &'a mut Element) -> Option<&'a mut Element> {
    if service == "ec2" { Some(answer) } else { answer.children.first_mut() }
}

fn is_word(name: &str) -> bool {
    ["Marker", "nextToken", "requestId", "IsTruncated", "ResponseMetadata"].contains(&name)
}

/// Leaves of the whole answer the page that is asked for, of at most `forced` items.
pub(crate) fn cut(
    service: &str,
    query: &Query,
    forced: Option<usize>,
    answer: &mut Element,
) -> Result<(), Refusal> {
    let words = words(service);
    let size = size(&words, query)?.min(forced.unwrap_or(usize::MAX)).max(1);
    let start = start(&words, query)?;
    let Some(list) = list(service, answer) else { return Ok(()) };
    let count = list.children.len();
    list.children = list.children.drain(..).skip(start).take(size).collect();
    let end = start.saturating_add(size);
    let Some(page) = page_of(service, answer) else { return Ok(()) };
    page.remove(words.next);
    if service == "iam" {
        page.set(Element::leaf("IsTruncated", end < count));
    }
    if end < count {
        page.children.push(Element::leaf(words.next, format!("{TOKEN}{end}")));
    }
    Ok(())
}

const TOKEN: &str = "page-from-";

fn start(words: &Words, query: &Query) -> Result<usize, Refusal> {
    let Some(token) = query.get(words.token).filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    let start = token.strip_prefix(TOKEN).and_then(|start| start.parse().ok());
    start.ok_or_else(|| Refusal::value(format!("{} is not valid", words.token)))
}

fn size(words: &Words, query: &Query) -> Result<usize, Refusal> {
    let Some(size) = query.get(words.size) else { return Ok(words.default) };
    let size: Option<usize> = size.parse().ok();
    size.filter(|size| words.allowed.contains(size))
        .ok_or_else(|| Refusal::value(format!("{} must be within {:?}", words.size, words.allowed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(count: usize) -> Element {
        let items = (0..count).map(|number| Element::leaf("DBInstance", number));
        Element::tree("R", [Element::tree("Result", [Element::tree("DBInstances", items)])])
    }

    #[test]
    fn the_pages_together_are_the_whole() {
        let mut query = Query::new("DescribeDBInstances", "1");
        let mut sizes = Vec::new();
        loop {
            let mut page = answer(250);
            cut("rds", &query, None, &mut page).unwrap();
            sizes.push(page.items("DBInstances").len());
            let Some(next) = after("rds", &query, &page) else { break };
            query = next;
        }
        assert_eq!(sizes, [100, 100, 50]);
    }

    #[test]
    fn a_page_can_be_forced_small_and_asked_for_within_limits() {
        let query = Query::new("DescribeDBInstances", "1");
        let items = |query: &Query, forced| {
            let mut page = answer(30);
            cut("rds", query, forced, &mut page).map(|()| page.items("DBInstances").len())
        };
        assert_eq!(items(&query, Some(2)), Ok(2));
        assert_eq!(items(&query.clone().with("MaxRecords", 20), None), Ok(20));
        for wrong in
            [("MaxRecords", "5"), ("MaxRecords", "101"), ("MaxRecords", "x"), ("Marker", "x")]
        {
            assert!(items(&query.clone().with(wrong.0, wrong.1), None).is_err(), "{wrong:?}");
        }
    }
}
