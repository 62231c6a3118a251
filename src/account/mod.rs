//! The account behind an API key: credits, models with their prices, generations, and the process-wide caches of the first
//! two; and the budgets that limit what is spent.

pub mod budget;
pub mod cache;
pub mod credits;
pub mod estimate;
pub mod generation;
pub mod kept;
pub mod models;
pub mod prices;
pub mod refusals;
pub mod reserve;
pub mod served;
pub mod unknown_model;

use std::sync::{Arc, LazyLock};

use crate::error::{Error, ErrorKind};
use crate::json::Object;
use crate::secret::ApiKey;
use crate::stats::STATS;

use cache::Cache;
pub use credits::{AccountFigures, CreditSource, Credits};
pub use models::ModelList;

/// The credits of each account.
pub static CREDITS: LazyLock<Cache<Arc<Credits>>> =
    LazyLock::new(|| Cache::new(credits::STALE_FOR, &STATS.credits));
/// The models of each account.
pub static MODELS: LazyLock<Cache<Arc<ModelList>>> =
    LazyLock::new(|| Cache::new(models::STALE_FOR, &STATS.models));

/// The most that one request can cost, in USD. A higher cost is an error of the server.
const MAX_COST: f64 = 10_000.0;

/// Identifies an account in the caches: the API's address and a digest of the key. The key itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account {
    base_url: Arc<str>,
    digest: [u8; 32],
}

impl Account {
    /// Creates the cache key for the account of `key` at `base_url`.
    pub fn new(base_url: &str, key: &ApiKey) -> Self {
        Self {
            base_url: base_url.into(),
            digest: key.digest(),
        }
    }

    /// Returns the cache key of this account for what is read at `path`.
    pub fn at(&self, path: &str) -> Self {
        Self {
            base_url: format!("{}{path}", self.base_url).into(),
            digest: self.digest,
        }
    }

    /// Returns the base URL of the API.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the digest of the key.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Subtracts the cost of a finished request, in USD, from the cached balance. A cost that cannot be true is not taken.
    pub fn spend(&self, cost: f64) {
        if !(0.0..=MAX_COST).contains(&cost) {
            return;
        }
        if let Some(credits) = CREDITS.last(self) {
            credits.spend(cost);
        }
    }

    /// Marks the cached balance as wrong, after the API has refused a request for lack of credits.
    pub fn expire_balance(&self) {
        CREDITS.expire(self);
    }
}

/// Removes the cached values of the key with `digest`, or of all keys.
pub fn clear(digest: Option<[u8; 32]>) {
    let concerned = |account: &Account| digest.is_none_or(|digest| account.digest == digest);
    CREDITS.clear(concerned);
    MODELS.clear(concerned);
    served::SERVED.clear(concerned);
    // Accounts share lists, so that one is forgotten only when no account uses it any more.
    let used = MODELS.values();
    models::forget_unless(|list| used.iter().any(|one| Arc::ptr_eq(one, list)));
}

/// Returns the field `data` of a response body; `None` if it is `null` or absent.
fn data(body: &str) -> Result<Option<&str>, Error> {
    if body.trim().is_empty() {
        return Err(Error::empty_response());
    }
    Object::parse(body)
        .map(|body| body.present("data"))
        .ok_or_else(|| unreadable("OpenRouter", "a body that is not a JSON object"))
}

fn unreadable(who: &str, what: &str) -> Error {
    Error::new(
        ErrorKind::MalformedResponse,
        format!("{who} answered with {what}. Check baseURL."),
    )
}
