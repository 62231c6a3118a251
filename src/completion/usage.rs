//! The figures of a `usage` object.

use super::chunk::integer;
use crate::json::Object;

/// A `usage` object that was read.
#[derive(Debug)]
pub struct Usage<'a>(Object<'a>);

impl<'a> Usage<'a> {
    /// Reads `text`; `None` where it is no JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        Object::parse(text).map(Self)
    }

    /// What was charged to the account, in USD.
    pub fn cost(&self) -> Option<f64> {
        self.0.number("cost")
    }

    /// What the answer costs altogether, in USD. With a provider key of your own (`is_byok`) the provider's bill is added.
    pub fn total_cost(&self) -> Option<f64> {
        let cost = self.cost()?;
        if self.0.get("is_byok") != Some("true") {
            return Some(cost);
        }
        let upstream = self
            .0
            .object("cost_details")
            .and_then(|details| details.number("upstream_inference_cost"));
        Some(cost + upstream.unwrap_or(0.0))
    }

    /// How many tokens were generated, reasoning included.
    pub fn completion_tokens(&self) -> Option<u64> {
        self.0.present("completion_tokens").and_then(integer)
    }

    /// Whether it counts nothing.
    pub(super) fn is_zero(&self) -> bool {
        ["prompt_tokens", "completion_tokens", "total_tokens", "cost"]
            .iter()
            .all(|name| self.0.number(name).is_none_or(|count| count == 0.0))
    }
}
