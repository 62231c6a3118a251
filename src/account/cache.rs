//! The process's cache of credits and models: one store for all clients, keyed by address and a digest of the key.
//! A value's age is held against the asker's own limit. Concurrent misses share one request, which belongs to none of
//! them: the first caller's abort does not fail the rest (D9), and that of the last one closes it (C1, C4). Failures are
//! never stored.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use moka::sync::Cache;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::account::Value;
use crate::error::Error;
use crate::runtime;
use crate::stats::{CacheCounters, STATS};

/// How long the last good value may stand in while the API fails.
const MODELS_STALE: Duration = Duration::from_secs(24 * 3600);
const CREDITS_STALE: Duration = Duration::from_secs(3600);
/// The part of its time after which a hit is refreshed behind the answer.
const REFRESH_AHEAD: f64 = 0.8;
/// Keys that are remembered; the oldest go first.
const CAPACITY: u64 = 10_000;

/// The process's cache.
pub static CACHE: LazyLock<ValueCache> = LazyLock::new(ValueCache::default);

/// What is cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `getCredits()`.
    Credits,
    /// `getModels()`.
    Models,
}

impl Kind {
    fn counters(self) -> &'static CacheCounters {
        match self {
            Self::Credits => &STATS.credits,
            Self::Models => &STATS.models,
        }
    }

    fn stale_for(self) -> Duration {
        match self {
            Self::Credits => CREDITS_STALE,
            Self::Models => MODELS_STALE,
        }
    }
}

/// Whose value it is. The key itself is not in here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// The API's address.
    pub base_url: Arc<str>,
    /// A digest of the API key.
    pub digest: [u8; 32],
}

/// A value and when it came.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// `None` when something has shown that it no longer holds.
    at: Option<Instant>,
    /// The number of the request that brought it.
    request: u64,
}

/// How a value was come by.
#[derive(Debug)]
pub enum Found {
    /// It was good, or has just been asked for.
    Good(Value),
    /// It is old: the refresh failed with this.
    Stale(Value, Error),
}

type Flight = Shared<BoxFuture<'static, Result<Value, Error>>>;

/// Where a request under way is found: by its key, and whether it is forced.
type Place = (Key, bool);

/// A request under way.
#[derive(Debug)]
struct UnderWay {
    number: u64,
    flight: Flight,
    task: AbortHandle,
    /// Who waits for it.
    waiters: usize,
    /// Whether it goes on when nobody waits: it was begun behind an answer.
    goes_on: bool,
}

/// A caller's wait for a request; the last one to leave ends it.
struct Wait {
    cache: &'static ValueCache,
    place: Place,
    number: u64,
    flight: Flight,
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.cache.leave(&self.place, self.number);
    }
}

/// How a caller came by its request.
enum Joined {
    /// It had come in by the time it was the caller's turn.
    Landed(Value),
    /// Another caller's.
    UnderWay(Wait),
    /// Its own.
    Started(Wait),
}

/// Values by key, and the requests for them that are under way.
#[derive(Debug)]
pub struct ValueCache {
    values: Cache<Key, Arc<Entry>>,
    flights: Mutex<HashMap<Place, UnderWay>>,
    requests: AtomicU64,
}

impl Default for ValueCache {
    fn default() -> Self {
        Self {
            values: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(MODELS_STALE)
                .build(),
            flights: Mutex::default(),
            requests: AtomicU64::new(0),
        }
    }
}

impl ValueCache {
    /// The value under `key`, whatever its age.
    pub fn last(&self, key: &Key) -> Option<Value> {
        self.values.get(key).map(|entry| entry.value.clone())
    }

    /// The value under `key` if it is younger than `ttl`, and the age from which it wants a refresh, if it has that.
    pub fn fresh(&self, key: &Key, ttl: Duration) -> Option<(Value, Option<Duration>)> {
        let entry = self.values.get(key)?;
        let age = entry.at?.elapsed();
        if age >= ttl {
            return None;
        }
        key.kind.counters().hits.add();
        let due_at = ttl.mul_f64(REFRESH_AHEAD);
        Some((entry.value.clone(), (age >= due_at).then_some(due_at)))
    }

    fn last_within(&self, key: &Key, age: Duration) -> Option<Value> {
        let entry = self.values.get(key)?;
        (entry.at?.elapsed() < age).then(|| entry.value.clone())
    }

    /// Makes a value old: something has shown that it no longer holds. What it tells beside its figures is kept.
    pub fn expire(&self, key: &Key) {
        if let Some(entry) = self.values.get(key) {
            let old = Entry {
                at: None,
                ..entry.as_ref().clone()
            };
            self.values.insert(key.clone(), Arc::new(old));
        }
    }

    /// The value if it is younger than `max_age`, by the request for it that is under way, or by a new one. Without
    /// `max_age` it is asked for in any case, and such calls share a request among themselves only: one from before
    /// the call would not do. Where the request fails for now, the last value stands in, unless `max_age` is zero.
    ///
    /// The request is joined or made by the call itself, not by the first poll: callers of one moment share one.
    pub fn ask<F>(
        &'static self,
        key: Key,
        max_age: Option<Duration>,
        fetch: F,
    ) -> impl Future<Output = Result<Found, Error>> + Send + use<F>
    where
        F: Future<Output = Result<Value, Error>> + Send + 'static,
    {
        let joined = self.join(&key, max_age, fetch, false);
        async move {
            let counters = key.kind.counters();
            let wait = match joined? {
                Joined::Landed(value) => {
                    counters.hits.add();
                    return Ok(Found::Good(value));
                }
                Joined::UnderWay(wait) => {
                    counters.coalesced.add();
                    wait
                }
                Joined::Started(wait) => {
                    counters.misses.add();
                    wait
                }
            };
            match wait.flight.clone().await {
                Ok(value) => Ok(Found::Good(value)),
                Err(error) => self.stand_in(&key, max_age, error),
            }
        }
    }

    /// The last value in the place of one that could not be had, where it may be: see [`ValueCache::ask`].
    pub fn stand_in(&self, key: &Key, max_age: Option<Duration>, error: Error) -> Result<Found, Error> {
        let may_be_old = max_age.is_some_and(|age| !age.is_zero()) && error.kind().is_transient();
        let last = self.last_within(key, key.kind.stale_for());
        match last.filter(|_| may_be_old) {
            Some(value) => {
                key.kind.counters().stale_served.add();
                Ok(Found::Stale(value, error))
            }
            None => Err(error),
        }
    }

    /// Takes the cost of a finished request off the balance under `key`.
    pub fn spend(&self, key: &Key, cost: f64) {
        if let Some(Value::Credits(credits)) = self.last(key) {
            credits.spend(cost);
        }
    }

    /// Refreshes a value that is older than `max_age` behind the caller's back, unless that goes on already; whether
    /// it does so now.
    pub fn refresh<F>(&'static self, key: &Key, max_age: Duration, fetch: F) -> bool
    where
        F: Future<Output = Result<Value, Error>> + Send + 'static,
    {
        let started = matches!(self.join(key, Some(max_age), fetch, true), Ok(Joined::Started(_)));
        if started {
            key.kind.counters().background_refreshes.add();
        }
        started
    }

    /// Forgets the values of one API key (by its digest), or all. A request that is under way does not bring its
    /// value back.
    pub fn clear(&self, digest: Option<[u8; 32]>) {
        let concerned = |key: &Key| digest.is_none_or(|digest| key.digest == digest);
        self.flights().retain(|(key, _), _| !concerned(key));
        for (key, _) in self.values.iter().filter(|(key, _)| concerned(key)) {
            self.values.invalidate(key.as_ref());
        }
    }

    /// `goes_on`: whether the request is to end in any case, for who comes later.
    fn join<F>(
        &'static self,
        key: &Key,
        max_age: Option<Duration>,
        fetch: F,
        goes_on: bool,
    ) -> Result<Joined, Error>
    where
        F: Future<Output = Result<Value, Error>> + Send + 'static,
    {
        let runtime = runtime::handle()?;
        let forced = max_age.is_none();
        let mut flights = self.flights();
        let mut place = (key.clone(), forced);
        if !flights.contains_key(&place) {
            place.1 = true;
        }
        if let Some(under_way) = flights.get_mut(&place) {
            under_way.goes_on |= goes_on;
            return Ok(Joined::UnderWay(self.wait(place, under_way)));
        }
        place.1 = forced;
        // Looked at again under the lock: a flight may have landed since the caller found nothing.
        if let Some(value) = max_age.and_then(|age| self.last_within(key, age)) {
            return Ok(Joined::Landed(value));
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let own_place = place.clone();
        let task = runtime.spawn(async move {
            let result = std::panic::AssertUnwindSafe(fetch)
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Error::crashed()));
            self.land(&own_place, number, &result);
            result
        });
        let mut under_way = UnderWay {
            number,
            task: task.abort_handle(),
            flight: task
                .map(|joined| joined.unwrap_or_else(|_| Err(Error::crashed())))
                .boxed()
                .shared(),
            waiters: 0,
            goes_on,
        };
        let wait = self.wait(place.clone(), &mut under_way);
        flights.insert(place, under_way);
        Ok(Joined::Started(wait))
    }

    fn wait(&'static self, place: Place, under_way: &mut UnderWay) -> Wait {
        under_way.waiters += 1;
        Wait {
            cache: self,
            place,
            number: under_way.number,
            flight: under_way.flight.clone(),
        }
    }

    /// One waiter less; a request that nobody waits for any more is closed.
    fn leave(&self, place: &Place, number: u64) {
        let mut flights = self.flights();
        let Some(under_way) = flights.get_mut(place).filter(|one| one.number == number) else {
            return;
        };
        under_way.waiters -= 1;
        if under_way.waiters == 0 && !under_way.goes_on {
            under_way.task.abort();
            flights.remove(place);
        }
    }

    /// Stores what a request brought, unless it was cleared away meanwhile, or a later one came in before it.
    fn land(&self, place: &Place, number: u64, result: &Result<Value, Error>) {
        let mut flights = self.flights();
        if flights.get(place).is_none_or(|own| own.number != number) {
            return;
        }
        flights.remove(place);
        let key = &place.0;
        if let Ok(value) = result
            && value.is_lasting()
            && self.values.get(key).is_none_or(|entry| entry.request < number)
        {
            let entry = Entry {
                value: value.clone(),
                at: Some(Instant::now()),
                request: number,
            };
            self.values.insert(key.clone(), Arc::new(entry));
        }
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Place, UnderWay>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
