use super::ask::Ask;
use super::refusal::Refusal;
use super::xml::Element;
use std::time::Instant;
#[derive(Default)]
pub(crate) struct ElastiCache;
impl ElastiCache {
    pub(crate) async fn answer(
        &mut self,
        ask: &Ask<'_>,
        _now: Instant,
    ) -> Result<Element, Refusal> {
        ask.forward().await
    }
    pub(crate) fn used(&mut self, _ask: &Ask<'_>, _now: Instant) -> Vec<String> {
        vec![]
    }
}
