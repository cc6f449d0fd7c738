//! Parameters of the query protocol: `Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16`.

use std::fmt::Display;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Parameters in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a form; `None` when it asks for no action.
    pub(crate) fn parse(form: &str) -> Option<Self> {
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
        };
        let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        let query =
            Self { pairs: pairs.map(|(key, value)| (decode(key), decode(value))).collect() };
        query.get("Action").is_some().then_some(query)
    }

    /// A query for another action, in the same version of the API.
    pub(crate) fn action_of(&self, action: &str) -> Self {
        Self::new(action, self.get("Version").unwrap_or_default())
    }

    /// A query without parameters.
    pub(crate) fn new(action: &str, version: &str) -> Self {
        let pairs = [("Action", action), ("Version", version)];
        Self { pairs: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec() }
    }

    /// The same with a parameter added, or changed.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: impl Display) -> Self {
        self.set(key, value);
        self
    }

    pub(crate) fn set(&mut self, key: &str, value: impl Display) {
        self.remove(key);
        self.pairs.push((key.to_owned(), value.to_string()));
    }

    /// Removes a parameter and what lies below it.
    pub(crate) fn remove(&mut self, key: &str) {
        self.pairs.retain(|(known, _)| below(known, key).is_none());
    }

    /// The form that it was read from.
    pub(crate) fn form(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = self.pairs.iter().map(|(key, value)| format!("{key}={}", encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    pub(crate) fn action(&self) -> &str {
        self.get("Action").unwrap_or_default()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// An identifier of RDS or ElastiCache: stored in lower case.
    pub(crate) fn id(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_lowercase)
    }

    pub(crate) fn is_true(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Values of a list: `SubnetIds.SubnetIdentifier.1`, `SubnetIds.member.1` or `SubnetId.1`.
    pub(crate) fn list(&self, key: &str) -> Vec<&str> {
        let is_item = |rest: &str| rest.rsplit('.').next().is_some_and(is_number);
        let items = self.pairs.iter().filter(|(known, _)| below(known, key).is_some_and(is_item));
        items.map(|(_, value)| value.as_str()).collect()
    }

    /// `Tags.Tag.1.Key` with its `Value`.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        let keys =
            self.pairs.iter().filter(|(key, _)| key.starts_with("Tags.") && key.ends_with(".Key"));
        let tag = |(key, name): &(String, String)| {
            let value = self.get(&format!("{}.Value", key.trim_end_matches(".Key")));
            (name.clone(), value.unwrap_or_default().to_owned())
        };
        keys.map(tag).collect()
    }

    /// Filters with their values: `Filters.Filter.1.Name`, `Filter.1.Name`.
    pub(crate) fn filters(&self) -> Vec<(&str, Vec<&str>)> {
        let is_name = |key: &str| key.starts_with("Filter") && key.ends_with(".Name");
        let names = self.pairs().filter(|(key, _)| is_name(key));
        let values = |key: &str| {
            let prefix = key.trim_end_matches(".Name");
            [self.list(&format!("{prefix}.Value")), self.list(&format!("{prefix}.Values"))].concat()
        };
        names.map(|(key, name)| (name, values(key))).collect()
    }

    /// Values of the filter of this name.
    pub(crate) fn filter(&self, name: &str) -> Option<Vec<&str>> {
        self.filters().into_iter().find(|(known, _)| *known == name).map(|(_, values)| values)
    }
}

/// What follows a key: `1` of `VpcId.1` below `VpcId`, nothing of `VpcId` itself.
fn below<'a>(known: &'a str, key: &str) -> Option<&'a str> {
    let rest = known.strip_prefix(key)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_lists_tags_and_filters_are_read() {
        let form = "Action=A&Version=1&Name=a+b%2Fc&S.Id.1=x&S.Id.2=y&V.1=z&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v\
                    &Filter.1.Name=n&Filter.1.Value.1=p&Filters.Filter.2.Name=m&Filters.Filter.2.Values.Value.1=q";
        let query = Query::parse(form).unwrap();
        assert_eq!((query.action(), query.get("Name")), ("A", Some("a b/c")));
        assert_eq!(
            (query.list("S"), query.list("V"), query.list("W")),
            (vec!["x", "y"], vec!["z"], vec![])
        );
        assert_eq!(query.tags(), [("k".to_owned(), "v".to_owned())]);
        assert_eq!((query.filter("n"), query.filter("m")), (Some(vec!["p"]), Some(vec!["q"])));
        assert_eq!(Query::parse(&query.form()), Some(query));
        assert_eq!(Query::parse("a=b"), None);
    }

    #[test]
    fn a_parameter_is_replaced_and_removed_with_what_is_below() {
        let mut query =
            Query::new("A", "1").with("N", 1).with("N", 2).with("S.Id.1", "x").with("SS", 3);
        assert_eq!(query.get("N"), Some("2"));
        query.remove("S");
        assert_eq!((query.get("S.Id.1"), query.get("SS")), (None, Some("3")));
    }
}
