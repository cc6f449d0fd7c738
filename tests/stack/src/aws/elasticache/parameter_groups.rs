//! Parameter groups.

use std::collections::BTreeMap;

use super::group::Group;
use super::subnet_groups::{SUBNET_GROUP, missing_subnet_group};
use super::{ElastiCache, account, place};
use crate::aws::ask::Ask;
use crate::aws::catalog;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

const PARAMETER_GROUP: &str = "CacheParameterGroupName";

/// A parameter group of the account's own.
pub(super) struct ParameterGroup {
    family: String,
    description: String,
    parameters: BTreeMap<String, String>,
}

fn missing_parameter_group(name: &str) -> Refusal {
    Refusal::new(
        404,
        "CacheParameterGroupNotFound",
        format!("CacheParameterGroup {name} not found."),
    )
}

/// Parameter groups that every account has.
fn is_default(name: &str) -> bool {
    let family = name.strip_prefix("default.").map(|it| it.trim_end_matches(".cluster.on"));
    family.is_some_and(|family| catalog::CACHE.iter().any(|row| row.3 == family))
}

impl ElastiCache {
    /// Whether the groups that a replication group names exist.
    pub(super) fn check_groups(&self, group: &Group) -> Result<(), Refusal> {
        let name = group.value(SUBNET_GROUP);
        if !name.is_empty() && name != "default" && !self.subnet_groups.contains_key(name) {
            return Err(missing_subnet_group(name));
        }
        let waiting =
            group.pending.get(PARAMETER_GROUP).or_else(|| group.applying.get(PARAMETER_GROUP));
        let name = waiting.map_or(group.value(PARAMETER_GROUP), String::as_str);
        if !name.is_empty() && !is_default(name) && !self.parameter_groups.contains_key(name) {
            return Err(missing_parameter_group(name));
        }
        Ok(())
    }

    pub(super) fn create_parameter_group(&mut self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let name = ask.query.id(PARAMETER_GROUP).unwrap_or_default();
        let family = ask.query.get("CacheParameterGroupFamily").unwrap_or_default().to_owned();
        if self.parameter_groups.contains_key(&name) {
            let message = format!("Parameter group {name} already exists");
            return Err(Refusal::new(400, "CacheParameterGroupAlreadyExists", message));
        }
        if !catalog::CACHE.iter().any(|row| row.3 == family) {
            return Err(Refusal::value(format!("CacheParameterGroupFamily {family} is not valid")));
        }
        let description = ask.query.get("Description").unwrap_or_default().to_owned();
        let parameters = BTreeMap::new();
        self.parameter_groups
            .insert(name.clone(), ParameterGroup { family, description, parameters });
        let arn = place(ask, &[], "").arn("parametergroup", &name);
        self.tags.insert(arn, ask.query.tags().into_iter().collect());
        Ok(self.parameter_group(account(ask), ask.region, &name))
    }

    pub(super) fn describe_parameter_groups(&self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let names: Vec<String> = match ask.query.id(PARAMETER_GROUP) {
            Some(name) => {
                self.parameters_of(&name)?;
                vec![name]
            }
            None => self.parameter_groups.keys().cloned().collect(),
        };
        let shown = names.iter().map(|name| self.parameter_group(account(ask), ask.region, name));
        Ok(Element::tree("CacheParameterGroups", shown))
    }

    fn parameter_group(&self, account: &str, region: &str, name: &str) -> Element {
        let own = self.parameter_groups.get(name);
        let family = own.map_or(name.trim_start_matches("default."), |group| &group.family);
        Element::tree(
            "CacheParameterGroup",
            [
                Element::leaf(PARAMETER_GROUP, name),
                Element::leaf("CacheParameterGroupFamily", family),
                Element::leaf(
                    "Description",
                    own.map_or("Default parameter group", |group| &group.description),
                ),
                Element::leaf("IsGlobal", false),
                Element::leaf(
                    "ARN",
                    format!("arn:aws:elasticache:{region}:{account}:parametergroup:{name}"),
                ),
            ],
        )
    }

    pub(super) fn modify_parameter_group(&mut self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let name = ask.query.id(PARAMETER_GROUP).unwrap_or_default();
        let group =
            self.parameter_groups.get_mut(&name).ok_or_else(|| missing_parameter_group(&name))?;
        for (key, parameter) in ask.query.pairs().filter(|(key, _)| key.ends_with(".ParameterName"))
        {
            let value = ask.query.get(&key.replace(".ParameterName", ".ParameterValue"));
            group.parameters.insert(parameter.to_owned(), value.unwrap_or_default().to_owned());
        }
        Ok(Element::leaf(PARAMETER_GROUP, name))
    }

    pub(super) fn describe_parameters(&self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let name = ask.query.id(PARAMETER_GROUP).unwrap_or_default();
        let parameter = |(name, value): (&String, &String)| {
            Element::tree(
                "Parameter",
                [
                    Element::leaf("ParameterName", name),
                    Element::leaf("ParameterValue", value),
                    Element::leaf("Source", "user"),
                    Element::leaf("IsModifiable", true),
                ],
            )
        };
        let own = self.parameters_of(&name)?;
        Ok(Element::tree("Parameters", own.into_iter().flatten().map(parameter)))
    }

    fn parameters_of(&self, name: &str) -> Result<Option<&BTreeMap<String, String>>, Refusal> {
        match self.parameter_groups.get(name) {
            Some(group) => Ok(Some(&group.parameters)),
            None if is_default(name) => Ok(None),
            None => Err(missing_parameter_group(name)),
        }
    }

    pub(super) fn delete_parameter_group(
        &mut self,
        ask: &Ask<'_>,
    ) -> Result<Vec<Element>, Refusal> {
        let name = ask.query.id(PARAMETER_GROUP).unwrap_or_default();
        if self.groups.values().any(|group| group.value(PARAMETER_GROUP) == name) {
            let message = format!("One or more cache clusters use {name}");
            return Err(Refusal::new(400, "InvalidCacheParameterGroupState", message));
        }
        self.parameter_groups.remove(&name).ok_or_else(|| missing_parameter_group(&name))?;
        self.tags.remove(&place(ask, &[], "").arn("parametergroup", &name));
        Ok(Vec::new())
    }
}
