//! Credits and models: what the API answers and what is made of it.

pub mod cache;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use crate::error::{Error, ErrorKind};
use crate::json::{self, Fields, Object};

/// A cached value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Credits.
    Credits(Arc<Credits>),
    /// Models.
    Models(Arc<ModelList>),
}

impl Value {
    /// Whether it may be kept. A list without models is returned and forgotten: it is more likely a fault of the
    /// moment than the truth, and takes no good list's place (D2).
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Credits(_) => true,
            Self::Models(list) => {
                let rest = list.text.strip_prefix('[').map(str::trim_start);
                rest != Some("]")
            }
        }
    }
}

/// Where credits were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditSource {
    /// `GET /credits`: the account's own figures, for management keys.
    Account,
    /// `GET /key`: the key's limit and use, for any key (D1).
    Key,
}

/// What is left, spent and allowed, in USD. A balance that nobody knows is `None`, never zero.
#[derive(Debug)]
pub struct Credits {
    balance: Option<f64>,
    usage: f64,
    total: Option<f64>,
    source: CreditSource,
    /// What finished requests have cost since the figures were read.
    spent: Mutex<f64>,
}

/// What an answer of `GET /credits` is worth.
#[derive(Debug)]
pub enum AccountReading {
    /// Real figures.
    Known(Credits),
    /// Nothing known, or zeros, which an inference key may be given instead of a refusal: `GET /key` tells (D1).
    Zeros(Credits),
}

impl Credits {
    /// Reads `GET /credits`.
    pub fn from_account(body: &str) -> Result<AccountReading, Error> {
        let data = data(body)?.and_then(Object::parse).unwrap_or_default();
        let (total, usage) = (data.number("total_credits"), data.number("total_usage"));
        // An account that says nothing at all has nothing.
        let total = total.or(usage.is_none().then_some(0.0));
        let usage = usage.unwrap_or(0.0);
        let balance = total.map(|total| total - usage);
        let credits = Self::new(balance, usage, total, CreditSource::Account);
        Ok(match total {
            Some(total) if total != 0.0 || usage != 0.0 => AccountReading::Known(credits),
            _ => AccountReading::Zeros(credits),
        })
    }

    /// Reads `GET /key`; whether the key is a management key comes with it.
    pub fn from_key(body: &str) -> Result<(Self, bool), Error> {
        let data = data(body)?
            .and_then(Object::parse)
            .ok_or_else(|| unreadable("GET /key", "no data object"))?;
        let credits = Self::new(
            data.number("limit_remaining"),
            data.number("usage").unwrap_or(0.0),
            data.number("limit"),
            CreditSource::Key,
        );
        Ok((credits, data.get("is_management_key") == Some("true")))
    }

    fn new(balance: Option<f64>, usage: f64, total: Option<f64>, source: CreditSource) -> Self {
        Self {
            balance,
            usage,
            total,
            source,
            spent: Mutex::new(0.0),
        }
    }

    /// Where they were read.
    pub fn source(&self) -> CreditSource {
        self.source
    }

    /// Takes the cost of a finished request off the balance.
    pub fn spend(&self, cost: f64) {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += cost;
    }

    /// As `getCredits()` shows them, with `source`.
    pub fn to_json(&self) -> String {
        let spent = *self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let money = |value: Option<f64>| {
            Some(value.map_or_else(|| "null".into(), |usd| json::number_text(cents(usd))))
        };
        let mut fields = Fields::new();
        fields.raw("balance", money(self.balance.map(|balance| balance - spent)));
        fields.text("currency", Some("USD"));
        fields.raw("usage", money(Some(self.usage + spent)));
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

/// Rounds off what only binary fractions add: prices have at most 12 decimals. There is no debt of nothing (`-0`).
fn cents(value: f64) -> f64 {
    (value * 1e12).round() / 1e12 + 0.0
}

/// The list of models as JSON text. Keys that are given the same list share one copy, by its version.
#[derive(Debug)]
pub struct ModelList {
    /// Tells lists apart; equal lists have equal versions while one of them lives.
    pub version: u32,
    /// The `data` array.
    pub text: String,
}

/// The lists that the cache holds: another key is mostly given the same one.
static LISTS: LazyLock<Mutex<Vec<Weak<ModelList>>>> = LazyLock::new(Mutex::default);
static VERSIONS: AtomicU32 = AtomicU32::new(1);

impl ModelList {
    /// Reads `GET /models`.
    pub fn from_body(body: &str) -> Result<Arc<Self>, Error> {
        let text = match data(body)? {
            None => "[]",
            Some(text) if text.starts_with('[') => text,
            Some(_) => return Err(unreadable("GET /models", "data that is no list")),
        };
        let mut lists = lists();
        if let Some(list) = find(&lists, |list| list.text == text) {
            return Ok(list);
        }
        lists.retain(|list| list.strong_count() > 0);
        let list = Arc::new(Self {
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
            text: text.to_owned(),
        });
        lists.push(Arc::downgrade(&list));
        Ok(list)
    }

    /// The list of `version`, while the cache holds it.
    pub fn of_version(version: u32) -> Option<Arc<Self>> {
        find(&lists(), |list| list.version == version)
    }
}

fn lists() -> MutexGuard<'static, Vec<Weak<ModelList>>> {
    LISTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(lists: &[Weak<ModelList>], is_it: impl Fn(&ModelList) -> bool) -> Option<Arc<ModelList>> {
    lists.iter().filter_map(Weak::upgrade).find(|list| is_it(list))
}

/// The `data` of an answer; `None` where it is `null` or absent.
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

/// The `data` of `GET /generation`.
pub fn generation(body: &str) -> Result<String, Error> {
    data(body)?
        .filter(|data| json::is_valid(data))
        .map(str::to_owned)
        .ok_or_else(|| unreadable("GET /generation", "no data"))
}

/// Whether it is known what a generation cost. Where nothing is said of it there is nothing to wait for.
pub fn is_priced(generation: &str) -> bool {
    Object::parse(generation).is_none_or(|fields| fields.get("total_cost") != Some("null"))
}
