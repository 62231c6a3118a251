//! A cache of its own for each test, and an API whose requests are in the test's hands.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use openrouter_native::account::cache::{Found, Key, Kind, ValueCache};
use openrouter_native::account::{ModelList, Value};
use openrouter_native::error::{Error, ErrorKind};
use tokio::sync::oneshot;

pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);

pub fn cache() -> &'static ValueCache {
    Box::leak(Box::new(ValueCache::default()))
}

pub fn key(kind: Kind, owner: u8) -> Key {
    Key {
        kind,
        base_url: "https://h.example".into(),
        digest: [owner; 32],
    }
}

pub fn models() -> Key {
    key(Kind::Models, 1)
}

pub fn value(number: usize) -> Value {
    Value::Models(ModelList::from_body(&format!(r#"{{"data":[{number}]}}"#)).unwrap())
}

pub fn number(value: &Value) -> usize {
    match value {
        Value::Models(list) => list.text.trim_matches(['[', ']']).parse().unwrap(),
        Value::Credits(_) => panic!("credits"),
    }
}

/// What was found: its number, and whether it was old.
pub fn found(result: Result<Found, Error>) -> Result<(usize, bool), ErrorKind> {
    match result {
        Ok(Found::Good(value)) => Ok((number(&value), false)),
        Ok(Found::Stale(value, _)) => Ok((number(&value), true)),
        Err(error) => Err(error.kind()),
    }
}

/// An API that counts its requests.
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

    /// A request that is under way until the test says what comes of it.
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

/// A request that must not be made.
pub fn never() -> Fetch {
    Box::pin(async { panic!("asked again") })
}

/// Asks, as far as that goes without an answer.
pub fn begin(
    cache: &'static ValueCache,
    max_age: Option<Duration>,
    fetch: Fetch,
) -> impl Future<Output = Result<(usize, bool), ErrorKind>> {
    let mut asking = Box::pin(cache.ask(models(), max_age, fetch));
    let first = asking.as_mut().now_or_never();
    async move {
        match first {
            Some(result) => found(result),
            None => found(asking.await),
        }
    }
}
