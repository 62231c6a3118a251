//! Reserves the most that a request can cost in budgets, from the prices of its models.

use std::sync::Arc;

use bytes::Bytes;

use super::budget::{Budget, Hold};
use super::estimate::{Request, Shape, TokenPrice};
use super::prices::ModelPrices;
use super::refusals;
use crate::error::Error;
use crate::json::{self, Object};
use crate::request::privacy;
use crate::request::rules::CostLimits;
use crate::runtime;

/// The fewest tokens to which an answer is limited because no more are left in a budget. Shorter answers are paid for, and
/// rarely useful: a reasoning model says nothing with them.
const LEAST_TOKENS: u64 = 256;

/// What pays for a request.
#[derive(Debug, Clone, Default)]
pub struct Payment {
    /// The budgets, all of which must cover it.
    pub budgets: Vec<Arc<Budget>>,
    /// What is reserved, in USD, if nothing is known of what the request can cost.
    pub reserve: Option<f64>,
}

/// A model with its prices, as far as they are known.
pub type Priced = (String, Option<Arc<ModelPrices>>);

impl Payment {
    /// Returns this payment for a request with limits of its own.
    pub fn limited_by(&self, own: CostLimits) -> Self {
        let mut payment = self.clone();
        payment.budgets.extend(own.max_cost.and_then(Budget::new));
        payment.reserve = own.reserve.or(payment.reserve);
        payment
    }

    /// Reserves the most that a request with `body` can cost with any of `models`. Returns the body to send: with the highest
    /// price that was reckoned with as `provider.max_price`, so that no provider is dearer; and if it does not limit the
    /// length of the answer, and the budgets do not cover the longest one, with the limit that they cover.
    ///
    /// # Errors
    /// `budget_exceeded` if the budgets do not cover the request, or if its cost has no known limit.
    pub async fn reserve(
        &self,
        shape: Shape,
        models: Vec<Priced>,
        body: &Bytes,
    ) -> Result<(Hold, Bytes), Error> {
        let (payment, body, size) = (self.clone(), body.clone(), body.len());
        let work = move || payment.reserve_now(shape, &models, body);
        runtime::off_thread_if_large(size, work).await?
    }

    /// Reserves what the caller has said, for a request of whose cost nothing is known.
    pub fn reserve_unknown(&self) -> Result<Hold, Error> {
        match self.reserve {
            Some(usd) => Hold::reserve_usd(&self.budgets, usd),
            None => Err(refusals::uncovered()),
        }
    }

    fn reserve_now(&self, shape: Shape, models: &[Priced], body: Bytes) -> Result<(Hold, Bytes), Error> {
        let text = std::str::from_utf8(&body).unwrap_or_default();
        let request = Request::of(shape, text);
        let is_unpriced = |(id, prices): &&Priced| match request.bound(prices.as_deref()) {
            None => true,
            // Some endpoints are paid by what the list has no price for.
            Some(bound) => bound.cost == 0 && !shape.writes() && !id.ends_with(":free"),
        };
        let unpriced: Vec<&str> = models
            .iter()
            .filter(is_unpriced)
            .map(|(id, _)| id.as_str())
            .collect();
        let dearest = ModelPrices::dearest(models.iter().map(|(_, prices)| prices.as_deref()));
        let bound = request
            .bound(dearest.as_ref())
            .filter(|_| unpriced.is_empty() && !models.is_empty());
        let Some(bound) = bound else {
            return match self.reserve {
                Some(_) => Ok((self.reserve_unknown()?, body)),
                None => Err(refusals::unpriced(&unpriced, shape.writes())),
            };
        };
        let refused = match Hold::reserve(&self.budgets, bound) {
            Ok(hold) => return Ok((hold, limited(text, shape, bound.token, None).unwrap_or(body))),
            Err(error) => error,
        };
        let rest = self
            .budgets
            .iter()
            .map(|budget| budget.remaining())
            .min()
            .unwrap_or(0);
        let tokens = request
            .affordable(dearest.as_ref(), rest)
            .filter(|tokens| *tokens >= LEAST_TOKENS && shape.writes());
        let Some(tokens) = tokens.filter(|_| !request.limits_tokens()) else {
            return Err(refused);
        };
        let Some(bound) = request.limited_to(tokens).bound(dearest.as_ref()) else {
            return Err(refused);
        };
        let hold = Hold::reserve(&self.budgets, bound)?;
        Ok((
            hold,
            limited(text, shape, bound.token, Some(tokens)).unwrap_or(body),
        ))
    }

    /// Whether budgets pay for requests.
    pub fn is_empty(&self) -> bool {
        self.budgets.is_empty()
    }
}

/// Writes the limits that a reservation reckons with into a body. Returns `None` if it stays as it is.
fn limited(body: &str, shape: Shape, price: TokenPrice, tokens: Option<u64>) -> Option<Bytes> {
    let mut fields = privacy::parameters(body.as_bytes())?;
    let provider = provider_within(&fields, shape, price);
    let tokens = tokens.map(|tokens| tokens.to_string());
    if provider.is_none() && tokens.is_none() {
        return None;
    }
    if let Some(provider) = &provider {
        fields.set("provider", provider);
    }
    if let (Some(name), Some(tokens)) = (shape.limit_field(), &tokens) {
        fields.set(name, tokens);
    }
    Some(fields.to_json().into())
}

/// Returns the field `provider` with `price` as `max_price`, where that has no lower one.
fn provider_within(body: &Object<'_>, shape: Shape, price: TokenPrice) -> Option<String> {
    // `provider` in a request replaces that of a preset, with all its limits.
    if !shape.takes_max_price() || privacy::preset_in(body).is_some() {
        return None;
    }
    let mut provider = match body.present("provider") {
        None => Object::default(),
        Some(text) => Object::parse(text)?,
    };
    let mut limits = provider.object("max_price").unwrap_or_default();
    let named = [
        ("prompt", price.prompt, true),
        ("completion", price.completion, shape.writes()),
    ];
    let named =
        named.map(|(name, price, is_paid)| (name, price, is_paid, json::quoted(&usd_per_million(price))));
    for (name, price, is_paid, text) in &named {
        let own = limits.present(name).and_then(json::figure);
        if *is_paid && own.is_none_or(|usd| usd * 1e6 > *price as f64) {
            limits.set(*name, text);
        }
    }
    let limits = limits.to_json();
    provider.set("max_price", &limits);
    Some(provider.to_json())
}

/// Returns a price in picodollars per token in USD per million tokens, exactly.
fn usd_per_million(price: u64) -> String {
    const UNIT: u64 = 1_000_000;
    let text = format!("{}.{:06}", price / UNIT, price % UNIT);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_that_was_reckoned_with_is_the_highest_that_a_provider_may_take() {
        let price = TokenPrice {
            prompt: 1_250_000,
            completion: 10_000_000,
        };
        let sent = |body: &str| {
            limited(body, Shape::Chat, price, None).map(|body| String::from_utf8(body.to_vec()).unwrap())
        };
        assert_eq!(
            sent(r#"{"model":"a/b"}"#).unwrap(),
            r#"{"model":"a/b","provider":{"max_price":{"prompt":"1.25","completion":"10"}}}"#
        );
        // A lower limit of the caller stays, and a higher one does not.
        assert_eq!(
            sent(r#"{"provider":{"only":["x"],"max_price":{"prompt":1,"completion":"99","image":2}}}"#)
                .unwrap(),
            r#"{"provider":{"only":["x"],"max_price":{"prompt":1,"completion":"10","image":2}}}"#
        );
        assert_eq!(sent(r#"{"model":"a/b@preset/x"}"#), None);
        assert_eq!(limited("{}", Shape::Speech, price, None), None);
        let embeddings = limited("{}", Shape::Embeddings, price, None).unwrap();
        assert_eq!(embeddings, r#"{"provider":{"max_price":{"prompt":"1.25"}}}"#);
    }

    #[test]
    fn prices_per_million_tokens_are_exact() {
        for (price, text) in [
            (0, "0"),
            (37_500, "0.0375"),
            (1_000_000, "1"),
            (1, "0.000001"),
            (20_000_000, "20"),
        ] {
            assert_eq!(usd_per_million(price), text);
        }
    }
}
