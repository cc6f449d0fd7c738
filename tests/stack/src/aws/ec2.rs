use super::ask::Ask;
use super::refusal::Refusal;
use super::xml::Element;
use std::time::Instant;
#[derive(Default)]
pub(crate) struct Ec2;
pub(crate) fn takes_away(action: &str) -> bool {
    ["DeleteSubnet", "DeleteSecurityGroup"].contains(&action)
}
impl Ec2 {
    pub(crate) async fn answer(
        &mut self,
        ask: &Ask<'_>,
        _used: &[String],
        _now: Instant,
    ) -> Result<Element, Refusal> {
        ask.forward().await
    }
}
