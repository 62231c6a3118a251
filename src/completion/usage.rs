//! Reads the numbers of a `usage` object.

use super::chunk::integer;
use crate::json::{self, Object};

/// A parsed `usage` object.
#[derive(Debug)]
pub struct Usage<'a>(Object<'a>);

impl<'a> Usage<'a> {
    /// Parses `text`. Returns `None` if it is not a JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        Object::parse(text).map(Self)
    }

    /// Returns the cost that was charged to the account, in USD.
    pub fn cost(&self) -> Option<f64> {
        self.0.present("cost").and_then(json::figure)
    }

    /// Returns the total cost of the answer, in USD. If the account uses its own provider key (`is_byok`), it includes the
    /// provider's bill.
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

    /// Returns the number of generated tokens, reasoning included.
    pub fn completion_tokens(&self) -> Option<u64> {
        self.0.present("completion_tokens").and_then(integer)
    }

    /// Whether all counts and the cost are zero or absent. Some servers send numbers as strings.
    pub(super) fn is_zero(&self) -> bool {
        let is_zero = |value: &str| json::figure(value).is_none_or(|figure| figure == 0.0);
        ["prompt_tokens", "completion_tokens", "total_tokens", "cost"]
            .iter()
            .all(|name| self.0.present(name).is_none_or(is_zero))
    }
}
