//! Credits: reads `GET /credits` and `GET /key`, and keeps the balance current with the cost of each request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::cache::Cacheable;
use super::{data, unreadable};
use crate::error::Error;
use crate::json::{self, Object, ObjectWriter};

/// How long the last known credits may be served while the API fails.
pub(super) const STALE_FOR: Duration = Duration::from_secs(3600);

/// Which endpoint the figures were read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditSource {
    /// `GET /credits`: the figures of the account. It serves management keys only.
    Account,
    /// `GET /key`: the limit and usage of the key itself. It serves any key.
    Key,
}

/// Balance, usage and total in USD. A balance that the API does not report is `None`, never zero.
#[derive(Debug)]
pub struct Credits {
    balance: Option<f64>,
    usage: Option<f64>,
    total: Option<f64>,
    source: CreditSource,
    /// The cost of the requests that have finished since the figures were read.
    spent: Mutex<f64>,
}

/// The figures in the body of `GET /credits`.
#[derive(Debug)]
pub enum AccountFigures {
    /// Real figures.
    Known(Credits),
    /// Zeros or no figures. Some deployments send them to an inference key instead of a 403, so `GET /key` has to be read
    /// too.
    Zeros(Credits),
}

impl Credits {
    /// Reads the body of `GET /credits`.
    pub fn from_account(body: &str) -> Result<AccountFigures, Error> {
        let data = data(body)?.and_then(Object::parse).unwrap_or_default();
        let (total, usage) = (figure(&data, "total_credits"), figure(&data, "total_usage"));
        let is_absent = |name| data.present(name).is_none();
        // With neither figure the account has nothing; with usage alone the total is unknown.
        let has_nothing = is_absent("total_credits") && is_absent("total_usage");
        let total = total.or(has_nothing.then_some(0.0));
        let usage = usage.or(is_absent("total_usage").then_some(0.0));
        let balance = total.zip(usage).map(|(total, usage)| total - usage);
        let credits = Self::new(balance, usage, total, CreditSource::Account);
        Ok(match (total, usage) {
            (Some(total), Some(usage)) if total != 0.0 || usage != 0.0 => AccountFigures::Known(credits),
            _ => AccountFigures::Zeros(credits),
        })
    }

    /// Reads the body of `GET /key`. The flag says whether the key is a management key.
    pub fn from_key(body: &str) -> Result<(Self, bool), Error> {
        let data = data(body)?
            .and_then(Object::parse)
            .ok_or_else(|| unreadable("GET /key", "no data object"))?;
        // A key without a limit of its own may be held to a budget of its workspace or organisation.
        let budget = data
            .object("effective_budget")
            .filter(|_| data.present("limit").is_none());
        let (balance, total) = match &budget {
            Some(budget) => (figure(budget, "remaining_usd"), figure(budget, "limit_usd")),
            None => (figure(&data, "limit_remaining"), figure(&data, "limit")),
        };
        let credits = Self::new(balance, figure(&data, "usage"), total, CreditSource::Key);
        Ok((credits, data.get("is_management_key") == Some("true")))
    }

    fn new(balance: Option<f64>, usage: Option<f64>, total: Option<f64>, source: CreditSource) -> Self {
        Self {
            balance,
            usage,
            total,
            source,
            spent: Mutex::new(0.0),
        }
    }

    /// Returns which endpoint the figures were read from.
    pub fn source(&self) -> CreditSource {
        self.source
    }

    /// Subtracts the cost of a finished request from the balance.
    pub fn spend(&self, cost: f64) {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += cost;
    }

    /// Returns the JSON text of the object that `getCredits()` resolves to, with its `source`.
    pub fn to_json(&self) -> String {
        let spent = *self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let money = |value: Option<f64>| {
            Some(value.map_or_else(|| "null".into(), |usd| json::number_text(rounded(usd))))
        };
        let mut fields = ObjectWriter::new();
        fields.raw("balance", money(self.balance.map(|balance| balance - spent)));
        fields.text("currency", Some("USD"));
        fields.raw("usage", money(self.usage.map(|usage| usage + spent)));
        fields.raw("total", money(self.total));
        fields.text(
            "source",
            Some(match self.source {
                CreditSource::Account => "credits",
                CreditSource::Key => "key",
            }),
        );
        fields.finish()
    }
}

impl Cacheable for Arc<Credits> {
    type Kept = Self;

    fn keep(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn of_kept(kept: &Self) -> Option<Self> {
        Some(kept.clone())
    }
}

/// Returns a number, which some servers send as a string. `None` if there is none that can be read, which is not zero.
fn figure(data: &Object<'_>, name: &str) -> Option<f64> {
    data.present(name).and_then(json::figure)
}

/// Rounds to 12 decimals, the most that prices have, to remove the error of binary fractions. Adding `0.0` turns `-0` into
/// `0`.
fn rounded(usd: f64) -> f64 {
    (usd * 1e12).round() / 1e12 + 0.0
}
