//! The errors of budgets.

use super::estimate::{Bound, dollars};
use crate::error::{Error, ErrorKind};

/// The error for a request that a budget of `limit` nanodollars does not cover, of which the sums (spent, reserved) are gone.
pub(super) fn exceeded(limit: u64, (spent, reserved): (u64, u64), bound: Bound) -> Error {
    let usd = |nano: u64| dollars(nano).to_string();
    let (what, advice) = match bound.output_tokens {
        0 => (String::new(), "Send less at a time"),
        u64::MAX => (" by its reserve".to_owned(), "Lower reserve"),
        tokens => (format!(" for an answer of {tokens} tokens"), "Lower max_tokens"),
    };
    Error::new(
        ErrorKind::BudgetExceeded,
        format!(
            "The budget of {} USD does not cover this request, which may cost up to {} USD{what}: {} USD are spent, and {} USD \
             are reserved for other requests. Nothing was sent. {advice}, wait for the other requests, or raise maxCost.",
            usd(limit),
            usd(bound.cost),
            usd(spent),
            usd(reserved),
        ),
    )
}

/// The error for a request whose cost has no known limit, so that nothing can be reserved for it. `writes` says whether a
/// language model writes the answer.
pub fn unpriced(models: &[&str], writes: bool) -> Error {
    let models = match models {
        [] => "the default model of the account".to_owned(),
        models => models.join(", "),
    };
    let advice = match writes {
        true => {
            "Set provider.max_price { prompt, completion } (USD per million tokens) and max_tokens, or reserve (USD), the most \
             that it may cost."
        }
        false => "Set reserve, the most that it may cost in USD.",
    };
    Error::new(
        ErrorKind::BudgetExceeded,
        format!(
            "A budget (maxCost) must know what a request may cost at most, and that is not known for {models}. Nothing was \
             sent. {advice}",
        ),
    )
}

/// The error for a request of which nothing tells what it may cost.
pub fn uncovered() -> Error {
    Error::new(
        ErrorKind::BudgetExceeded,
        "A budget (maxCost) must know what a request may cost at most, and nothing tells that of this one. Nothing was sent. Set \
         reserve, the most that it may cost in USD, or send it with a client or a fetch that has no budget.",
    )
}

/// The error for an answer that goes on past the tokens that were reserved for it.
pub fn passed() -> Error {
    Error::new(
        ErrorKind::BudgetExceeded,
        "The answer was stopped, because it went on past max_tokens and would have passed its budget. error.partial has what came.",
    )
}
