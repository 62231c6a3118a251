//! Reserves the most that a chat can cost in budgets, from the prices of its models.

use std::sync::Arc;

use bytes::Bytes;

use super::ModelList;
use super::budget::{self, Budget, Hold};
use super::estimate::{self, Request};
use crate::error::Error;
use crate::json::Object;
use crate::runtime;

/// The fewest tokens to which an answer is limited because no more are left in a budget. Shorter answers are paid for, and
/// rarely useful: a reasoning model says nothing with them.
const LEAST_TOKENS: u64 = 256;

/// Reserves the most that a chat with `body` can cost in all `budgets`. Returns the body to send: if it does not limit the
/// length of the answer, and the budgets do not cover the longest one, it gets the limit that they cover.
///
/// # Errors
/// `budget_exceeded` if the budgets do not cover the request, or if its cost has no known limit.
pub async fn reserve(
    budgets: &[Arc<Budget>],
    list: Arc<ModelList>,
    models: Vec<String>,
    body: &Bytes,
) -> Result<(Hold, Bytes), Error> {
    let size = body.len() + list.unread();
    let (budgets, body) = (budgets.to_vec(), body.clone());
    let work = move || {
        let text = std::str::from_utf8(&body).unwrap_or_default();
        let request = Request::of(text);
        let prices: Vec<_> = models.iter().map(|id| estimate::prices_of(&list, id)).collect();
        let Some(bound) = request.bound_of(prices.iter().copied()) else {
            let unpriced = models.iter().zip(&prices);
            let unpriced = unpriced.filter(|(_, prices)| request.bound(**prices).is_none());
            return Err(budget::unpriced(
                &unpriced.map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
            ));
        };
        let refused = match Hold::reserve(&budgets, bound) {
            Ok(hold) => return Ok((hold, body)),
            Err(error) => error,
        };
        let rest = budgets.iter().map(|budget| budget.remaining()).min().unwrap_or(0);
        let tokens = request
            .affordable(&prices, rest)
            .filter(|tokens| *tokens >= LEAST_TOKENS);
        let Some(tokens) = tokens.filter(|_| !request.limits_tokens()) else {
            return Err(refused);
        };
        let Some(bound) = request.limited_to(tokens).bound_of(prices) else {
            return Err(refused);
        };
        let hold = Hold::reserve(&budgets, bound)?;
        let limit = tokens.to_string();
        let mut limited = Object::parse(text).unwrap_or_default();
        limited.set("max_completion_tokens", &limit);
        Ok((hold, limited.to_json().into()))
    };
    runtime::off_thread_if_large(size, work).await?
}
