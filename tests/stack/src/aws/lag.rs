//! Reads that do not see yet what was just made. EC2 and IAM are eventually consistent, RDS and ElastiCache a little:
//! <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>

use super::controls::{Controls, Hidden};
use super::kinds;
use super::query::Query;
use super::refusal::Refusal;
use super::xml::Element;

/// Whether the call names something that it cannot see yet.
pub(crate) fn unseen(controls: &mut Controls, service: &str, query: &Query) -> Option<Refusal> {
    // A filter that names it finds nothing instead.
    let names = |id: &str| {
        let named = query.pairs().filter(|(key, _)| !key.starts_with("Filter"));
        named.into_iter().any(|(_, value)| value.eq_ignore_ascii_case(id))
    };
    let is_met = |hidden: &&mut Hidden| {
        hidden.kind.service == service && query.action() != hidden.kind.create && names(&hidden.id)
    };
    let hidden = controls.hidden.iter_mut().find(is_met)?;
    hidden.reads -= 1;
    let (status, code) = hidden.kind.missing;
    let refusal = Refusal::new(status, code, format!("{} does not exist", hidden.id));
    controls.hidden.retain(|hidden| hidden.reads > 0);
    Some(refusal)
}

/// Removes from a listing what it does not see yet.
pub(crate) fn hide(controls: &mut Controls, query: &Query, answer: &mut Element) {
    for hidden in controls.hidden.iter_mut().filter(|it| it.kind.list == query.action()) {
        let Some(list) = find_mut(answer, hidden.kind.items) else { continue };
        let before = list.children.len();
        list.children.retain(|item| !item.text_of(hidden.kind.id).eq_ignore_ascii_case(&hidden.id));
        hidden.reads -= usize::from(list.children.len() < before);
    }
    controls.hidden.retain(|hidden| hidden.reads > 0);
}

/// Hides what was made now, if the test asked for that.
pub(crate) fn begin(controls: &mut Controls, query: &Query, answer: &Element) {
    let planned = controls.lags.iter().position(|(create, _)| create == query.action());
    let Some((planned, kind)) = planned.zip(kinds::made_by(query.action())) else { return };
    let Some(id) = answer.find(kind.id) else { return };
    let (_, reads) = controls.lags.remove(planned);
    controls.hidden.push(Hidden { kind, id: id.text.clone(), reads });
}

pub(crate) fn find_mut<'a>(element: &'a mut Element, name: &str) -> Option<&'a mut Element> {
    if element.name == name {
        return Some(element);
    }
    element.children.iter_mut().find_map(|child| find_mut(child, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_not_seen_by_the_next_reads_and_then_is() {
        let mut controls = Controls { lags: vec![("CreateVpc".into(), 3)], ..Controls::default() };
        let made = Element::tree("R", [Element::tree("vpc", [Element::leaf("vpcId", "vpc-1")])]);
        begin(&mut controls, &Query::new("CreateVpc", "1"), &made);
        begin(&mut controls, &Query::new("CreateVpc", "1"), &made);
        assert_eq!(controls.hidden.len(), 1);
        let list = Query::new("DescribeVpcs", "1");
        let listed = |controls: &mut Controls| {
            let item = |id| Element::tree("item", [Element::leaf("vpcId", id)]);
            let mut answer =
                Element::tree("R", [Element::tree("vpcSet", [item("vpc-1"), item("vpc-2")])]);
            hide(controls, &list, &mut answer);
            answer.items("vpcSet").len()
        };
        let subnet = Query::new("CreateSubnet", "1").with("VpcId", "vpc-1");
        let other = Query::new("CreateSubnet", "1").with("VpcId", "vpc-2");
        assert_eq!(listed(&mut controls), 1);
        assert_eq!(unseen(&mut controls, "ec2", &other), None);
        assert_eq!(unseen(&mut controls, "ec2", &subnet).unwrap().code, "InvalidVpcID.NotFound");
        assert_eq!(listed(&mut controls), 1);
        assert_eq!(unseen(&mut controls, "ec2", &subnet), None);
        assert_eq!(listed(&mut controls), 2);
    }
}
