//! A separate cache for each test, and a fake API whose responses the test controls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use openrouter_native::account::cache::{Cache, Found};
use openrouter_native::account::{Account, ModelList};
use openrouter_native::error::{Error, ErrorKind};
use openrouter_native::secret::ApiKey;
use openrouter_native::stats::STATS;
use tokio::sync::oneshot;

pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);

pub type Value = Arc<ModelList>;

/// Returns an empty cache whose last value may be served for `stale_for` while the API fails.
pub fn cache_for(stale_for: Duration) -> &'static Cache<Value> {
    Box::leak(Box::new(Cache::new(stale_for, &STATS.models)))
}

pub fn cache() -> &'static Cache<Value> {
    cache_for(24 * HOUR)
}

pub fn account_at(base_url: &str, owner: u8) -> Account {
    Account::new(
        base_url,
        &ApiKey::choose([format!("key-{owner}").as_str()]).unwrap(),
    )
}

pub fn account(owner: u8) -> Account {
    account_at("https://h.example", owner)
}

pub fn own() -> Account {
    account(1)
}

pub fn value(number: usize) -> Value {
    ModelList::from_body(&format!(r#"{{"data":[{number}]}}"#)).unwrap()
}

pub fn number(value: &Value) -> usize {
    value.text.trim_matches(['[', ']']).parse().unwrap()
}

/// The number of the value and whether the value is stale, or the kind of the error.
pub fn found(result: Result<Found<Value>, Error>) -> Result<(usize, bool), ErrorKind> {
    match result {
        Ok(Found::Good(value)) => Ok((number(&value), false)),
        Ok(Found::Stale(value, _)) => Ok((number(&value), true)),
        Err(error) => Err(error.kind()),
    }
}

/// A fake API that counts its requests.
#[derive(Default, Clone)]
pub struct Api(pub Arc<AtomicUsize>);

pub type Fetch = Pin<Box<dyn Future<Output = Result<Value, Error>> + Send>>;

impl Api {
    pub fn answers(&self, number: usize) -> Fetch {
        self.gives(Ok(value(number)))
    }

    pub fn fails(&self, kind: ErrorKind) -> Fetch {
        self.gives(Err(Error::new(kind, "m")))
    }

    pub fn gives(&self, result: Result<Value, Error>) -> Fetch {
        let count = self.0.clone();
        Box::pin(async move {
            count.fetch_add(1, Ordering::SeqCst);
            result
        })
    }

    /// A request that stays in flight until the test sends its result through the returned sender.
    pub fn waits(&self) -> (Fetch, oneshot::Sender<Result<Value, Error>>) {
        let (answer, answered) = oneshot::channel();
        let count = self.0.clone();
        let fetch = Box::pin(async move {
            count.fetch_add(1, Ordering::SeqCst);
            answered.await.unwrap()
        });
        (fetch, answer)
    }

    pub fn requests(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A request that the cache must not make.
pub fn never() -> Fetch {
    Box::pin(async { panic!("the cache made a request that it must not make") })
}

/// Looks up the first account in `cache` and polls the lookup once, so that the caller already waits when this function
/// returns.
pub fn begin(
    cache: &'static Cache<Value>,
    max_age: Option<Duration>,
    fetch: Fetch,
) -> impl Future<Output = Result<(usize, bool), ErrorKind>> {
    let mut asking = Box::pin(cache.get(own(), max_age, fetch));
    let first = asking.as_mut().now_or_never();
    async move {
        match first {
            Some(result) => found(result),
            None => found(asking.await),
        }
    }
}
