//! The native half of a budget.

use std::sync::Arc;

use napi::bindgen_prelude::Either;
use napi_derive::napi;

use crate::account::budget::Budget;
use crate::error::invalid_option;

/// An `account::budget::Budget` for JavaScript. Requests name it by its id.
#[napi]
pub struct NativeBudget {
    budget: Arc<Budget>,
}

/// Creates a budget of `limit` USD. Returns the error as JSON text if that is no amount.
#[napi(catch_unwind)]
pub fn create_budget(limit: f64) -> Either<NativeBudget, String> {
    match Budget::new(limit) {
        Some(budget) => {
            budget.register();
            Either::A(NativeBudget { budget })
        }
        None => Either::B(invalid_option("maxCost", "an amount in USD, zero or more").to_json()),
    }
}

#[napi]
impl NativeBudget {
    /// Returns the number by which options and calls name the budget.
    #[napi(catch_unwind)]
    pub fn id(&self) -> u32 {
        self.budget.id()
    }

    /// Returns `{maxCost, spent, reserved, remaining}` in USD, as JSON text.
    #[napi(catch_unwind)]
    pub fn figures(&self) -> String {
        self.budget.to_json()
    }
}
