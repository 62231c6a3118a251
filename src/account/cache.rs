//! A process-wide cache of one kind of value, keyed by account. All clients share it.
//!
//! The age of a value is compared with the limit of the caller that asks. Concurrent misses share one request. The request
//! runs on the network thread and belongs to no caller: when the first caller aborts, the others still get their value; when
//! the last one aborts, the request is closed. Failures are never stored.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::Account;
use super::kept::Kept;
use crate::error::Error;
use crate::runtime;
use crate::stats::CacheCounters;

/// The part of its lifetime after which a hit is refreshed in the background.
const REFRESH_AHEAD: f64 = 0.8;
/// After a failed refresh in the background, hits do not start another one for this time.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

/// A value that can be cached.
pub trait Cacheable: Clone + Send + Sync + 'static {
    /// The form in which the value is stored for later callers.
    type Kept: Clone + Send + Sync + 'static;

    /// Returns the form to store; `None` if the value may not be stored.
    fn keep(&self) -> Option<Self::Kept>;

    /// Returns the value that was stored; `None` if it was dropped to save memory.
    fn of_kept(kept: &Self::Kept) -> Option<Self>;
}

/// A value and when it was read.
#[derive(Debug)]
struct Entry<V: Cacheable> {
    value: V::Kept,
    /// When the value was read; `None` once it is known to be wrong.
    read_at: Option<Instant>,
    /// The number of the request that read the value.
    request: u64,
    /// When the last request for a newer value failed.
    refresh_failed_at: Option<Instant>,
}

/// A value, and where it comes from.
#[derive(Debug)]
pub enum Found<V> {
    /// A value of the API, or a cached value that is young enough.
    Good(V),
    /// A cached value that is too old, because the request for a new one failed with this error.
    Stale(V, Error),
}

type SharedRequest<V> = Shared<BoxFuture<'static, Result<V, Error>>>;

/// Identifies a request in flight: its account, and whether it was forced.
type Place = (Account, bool);

/// A request in flight. The counts of its waiters change under the lock of [`Cache::in_flight`] only.
struct Flight<V: Clone> {
    number: u64,
    result: SharedRequest<V>,
    task: AbortHandle,
    /// How many callers wait for the request.
    waiters: AtomicUsize,
    /// Whether the request continues without waiters, as a background refresh does.
    is_detached: AtomicBool,
}

/// One caller's wait for a request. Dropping the last one closes the request.
struct Wait<V: Cacheable> {
    cache: &'static Cache<V>,
    place: Place,
    flight: Arc<Flight<V>>,
}

impl<V: Cacheable> Wait<V> {
    /// To be called under the lock of [`Cache::in_flight`].
    fn for_flight(cache: &'static Cache<V>, place: Place, flight: &Arc<Flight<V>>) -> Self {
        flight.waiters.fetch_add(1, Ordering::Relaxed);
        Self {
            cache,
            place,
            flight: flight.clone(),
        }
    }
}

impl<V: Cacheable> Drop for Wait<V> {
    fn drop(&mut self) {
        let mut in_flight = self.cache.lock();
        let is_last = self.flight.waiters.fetch_sub(1, Ordering::Relaxed) == 1;
        if !is_last || self.flight.is_detached.load(Ordering::Relaxed) {
            return;
        }
        // Also after `clear`, which forgets the request but does not close it, because its callers still wait for it.
        self.flight.task.abort();
        if is_in(&in_flight, &self.place, self.flight.number) {
            in_flight.remove(&self.place);
        }
    }
}

type InFlight<V> = HashMap<Place, Arc<Flight<V>>>;

/// Whether the request with this number is in flight, and was not forgotten by [`Cache::clear`].
fn is_in<V: Clone>(in_flight: &InFlight<V>, place: &Place, number: u64) -> bool {
    in_flight.get(place).is_some_and(|flight| flight.number == number)
}

/// How a caller gets its value.
enum Joined<V: Cacheable> {
    /// The value was stored after the caller had looked for it in the cache.
    Stored(V),
    /// The caller waits for the request of another caller.
    Coalesced(Wait<V>),
    /// The caller has started a request.
    Started(Wait<V>),
}

/// A cache of one kind of value. See the module.
pub struct Cache<V: Cacheable> {
    /// The values, each as an [`Entry`].
    values: Kept,
    in_flight: Mutex<InFlight<V>>,
    requests: AtomicU64,
    stale_for: Duration,
    counters: &'static CacheCounters,
}

impl<V: Cacheable> Cache<V> {
    /// Creates an empty cache. `stale_for` is how long the last value may be served while the API fails.
    pub fn new(stale_for: Duration, counters: &'static CacheCounters) -> Self {
        Self {
            values: Kept::default(),
            in_flight: Mutex::default(),
            requests: AtomicU64::new(0),
            stale_for,
            counters,
        }
    }

    /// Returns how long the last value may be served while the API fails.
    pub fn stale_for(&self) -> Duration {
        self.stale_for
    }

    /// Returns the value of `account`, whatever its age.
    pub fn last(&self, account: &Account) -> Option<V> {
        V::of_kept(&self.entry(account)?.value)
    }

    /// Returns the value of `account` if it is younger than `ttl`. If it is due for a refresh, the duration is the age at
    /// which it became due.
    pub fn unexpired(&self, account: &Account, ttl: Duration) -> Option<(V, Option<Duration>)> {
        let entry = self.entry(account)?;
        let age = entry.read_at?.elapsed();
        if age >= ttl {
            return None;
        }
        let value = V::of_kept(&entry.value)?;
        self.counters.hits.add();
        let due_at = ttl.mul_f64(REFRESH_AHEAD);
        let has_failed = entry
            .refresh_failed_at
            .is_some_and(|at| at.elapsed() < REFRESH_PAUSE);
        let is_due = age >= due_at && !has_failed;
        Some((value, is_due.then_some(due_at)))
    }

    fn entry(&self, account: &Account) -> Option<Arc<Entry<V>>> {
        self.values.get(account)
    }

    fn younger_than(&self, account: &Account, age: Duration) -> Option<V> {
        let entry = self.entry(account)?;
        V::of_kept(&entry.value).filter(|_| entry.read_at.is_some_and(|at| at.elapsed() < age))
    }

    /// Marks the value as wrong, so that no caller is served with it. [`Cache::last`] still returns it.
    pub fn expire(&self, account: &Account) {
        // Under the lock, so that a request that ends now cannot store a newer value which this would overwrite.
        let _lock = self.lock();
        if let Some(entry) = self.entry(account) {
            let expired = Entry {
                value: entry.value.clone(),
                read_at: None,
                ..*entry
            };
            self.values.insert(account.clone(), Arc::new(expired));
        }
    }

    /// Returns the value if it is younger than `max_age`, else reads it by the request in flight or by a new one.
    ///
    /// Without `max_age` a request is made in any case. Such forced callers share a request with each other only, because a
    /// request that began earlier may return the outdated value that they want to replace. When the request fails with a
    /// transient error, the last value is returned, unless the call is forced or `max_age` is zero.
    ///
    /// The request is joined or started by this call, not by the first poll, so that simultaneous callers share a request.
    pub fn get<F>(
        &'static self,
        account: Account,
        max_age: Option<Duration>,
        fetch: F,
    ) -> impl Future<Output = Result<Found<V>, Error>> + Send + use<F, V>
    where
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let joined = self.join(&account, max_age, fetch, false);
        async move {
            let (wait, counter) = match joined? {
                Joined::Stored(value) => {
                    self.counters.hits.add();
                    return Ok(Found::Good(value));
                }
                Joined::Coalesced(wait) => (wait, &self.counters.coalesced),
                Joined::Started(wait) => (wait, &self.counters.misses),
            };
            counter.add();
            match wait.flight.result.clone().await {
                Ok(value) => Ok(Found::Good(value)),
                Err(error) => self.last_instead_of(&account, max_age, error),
            }
        }
    }

    /// Returns the last value instead of `error`, where [`Cache::get`] allows it.
    pub fn last_instead_of(
        &self,
        account: &Account,
        max_age: Option<Duration>,
        error: Error,
    ) -> Result<Found<V>, Error> {
        let is_allowed = max_age.is_some_and(|age| !age.is_zero()) && error.kind().allows_last_value();
        let last = self.younger_than(account, self.stale_for);
        match last.filter(|_| is_allowed) {
            Some(value) => {
                self.counters.stale_served.add();
                Ok(Found::Stale(value, error))
            }
            None => Err(error),
        }
    }

    /// Refreshes a value that is older than `max_age` in the background. Returns `false` if a request for it is already in
    /// flight.
    pub fn refresh<F>(&'static self, account: &Account, max_age: Duration, fetch: F) -> bool
    where
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let joined = self.join(account, Some(max_age), fetch, true);
        let is_started = matches!(joined, Ok(Joined::Started(_)));
        if is_started {
            self.counters.background_refreshes.add();
        }
        is_started
    }

    /// Removes the values of the accounts for which `concerned` returns true. A request in flight for such an account does
    /// not store its result.
    pub fn clear(&self, concerned: impl Fn(&Account) -> bool) {
        self.lock().retain(|(account, _), _| !concerned(account));
        self.values.remove(&concerned);
    }

    /// Returns all stored values.
    pub fn values(&self) -> Vec<V> {
        let entries = self.values.all::<Entry<V>>();
        entries
            .iter()
            .filter_map(|entry| V::of_kept(&entry.value))
            .collect()
    }

    fn join<F>(
        &'static self,
        account: &Account,
        max_age: Option<Duration>,
        fetch: F,
        is_detached: bool,
    ) -> Result<Joined<V>, Error>
    where
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let runtime = runtime::handle()?;
        let is_forced = max_age.is_none();
        let mut in_flight = self.lock();
        // A caller that does not force may join a forced request too, because its value is at least as new.
        let own = (account.clone(), is_forced);
        let forced = (account.clone(), true);
        for place in [&own, &forced] {
            if let Some(flight) = in_flight.get(place) {
                flight.is_detached.fetch_or(is_detached, Ordering::Relaxed);
                return Ok(Joined::Coalesced(Wait::for_flight(self, place.clone(), flight)));
            }
        }
        // Look again, under the lock: a request may have stored its value since the caller found none.
        if let Some(value) = max_age.and_then(|age| self.younger_than(account, age)) {
            return Ok(Joined::Stored(value));
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let place = own.clone();
        let task = runtime.spawn(async move {
            let result = std::panic::AssertUnwindSafe(fetch)
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Error::internal()));
            self.store(&place, number, &result);
            result
        });
        let flight = Arc::new(Flight {
            number,
            task: task.abort_handle(),
            result: task
                .map(|joined| joined.unwrap_or_else(|_| Err(Error::internal())))
                .boxed()
                .shared(),
            waiters: AtomicUsize::new(0),
            is_detached: AtomicBool::new(is_detached),
        });
        let wait = Wait::for_flight(self, own.clone(), &flight);
        in_flight.insert(own, flight);
        Ok(Joined::Started(wait))
    }

    /// Stores the result of a request, unless [`Cache::clear`] was called meanwhile, or a later request has already stored
    /// its result.
    fn store(&self, place: &Place, number: u64, result: &Result<V, Error>) {
        let mut in_flight = self.lock();
        if !is_in(&in_flight, place, number) {
            return;
        }
        in_flight.remove(place);
        let account = &place.0;
        let old = self.entry(account);
        let kept = result.as_ref().ok().map(V::keep);
        let entry = match (kept, old) {
            (Some(_), Some(old)) if old.request > number => return,
            (Some(Some(value)), _) => Entry {
                value,
                read_at: Some(Instant::now()),
                request: number,
                refresh_failed_at: None,
            },
            (_, Some(old)) => Entry {
                value: old.value.clone(),
                refresh_failed_at: Some(Instant::now()),
                ..*old
            },
            (_, None) => return,
        };
        self.values.insert(account.clone(), Arc::new(entry));
    }

    fn lock(&self) -> MutexGuard<'_, InFlight<V>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
