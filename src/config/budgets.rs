//! The options `maxCost`, `budget` and `reserve`.

use std::sync::Arc;

use serde_json::Value;

use super::options::{Options, wrong};
use crate::account::budget::Budget;
use crate::account::reserve::Payment;
use crate::error::Error;

/// Returns the budgets that all requests of a client or a `fetch` share. JavaScript passes `Budget` objects by their ids.
pub(super) fn resolve(options: &Options) -> Result<Payment, Error> {
    let shared = match options.get("budget") {
        Value::Null => Vec::new(),
        ids => ids
            .as_array()
            .and_then(|ids| ids.iter().map(budget_of).collect::<Option<Vec<_>>>())
            .ok_or_else(|| wrong("budget"))?,
    };
    let own = match options.get("maxCost") {
        Value::Null => None,
        limit => Some(
            limit
                .as_f64()
                .and_then(Budget::new)
                .ok_or_else(|| wrong("maxCost"))?,
        ),
    };
    let reserve = match options.get("reserve") {
        Value::Null => None,
        usd => Some(amount(usd).ok_or_else(|| wrong("reserve"))?),
    };
    Ok(Payment {
        budgets: shared.into_iter().chain(own).collect(),
        reserve,
    })
}

/// Reads an amount in USD.
pub fn amount(value: &Value) -> Option<f64> {
    value.as_f64().filter(|usd| *usd >= 0.0 && usd.is_finite())
}

fn budget_of(id: &Value) -> Option<Arc<Budget>> {
    Budget::of_id(id.as_u64()?.try_into().ok()?)
}
