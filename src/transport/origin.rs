//! An origin (scheme, host and port) and its shards.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::shard::Shard;
use crate::runtime::threads;

/// How many open responses a shard carries before another shard is opened. Servers allow 100 or more streams per HTTP/2
/// connection.
const LIVE_PER_SHARD: usize = threads::FULL;

/// How many origins of the process are kept warm at the same time: those that were used last.
const WARM: usize = 8;
/// The origins that were used last, by number; the last one first.
static RECENT: Mutex<Vec<usize>> = Mutex::new(Vec::new());
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// An origin and its shards.
#[derive(Debug)]
pub struct Origin {
    /// Its URL, without a path.
    pub url: String,
    pub is_https: bool,
    number: usize,
    shards: Mutex<Vec<Arc<Shard>>>,
    /// Whether `upkeep` takes care of it.
    pub is_tended: AtomicBool,
    created: Instant,
    /// Until when a connection is opened in place of one that has closed, in milliseconds after `created`.
    warm_until: AtomicU64,
}

/// Returns the scheme, host and port of `url`, as it is written there.
pub fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(host..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..host + end).unwrap_or(url)
}

impl Origin {
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            is_https: url.starts_with("https:"),
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            shards: Mutex::default(),
            is_tended: AtomicBool::new(false),
            created: Instant::now(),
            warm_until: AtomicU64::new(0),
        }
    }

    /// Keeps the origin warm for `time` from now. Only TLS makes that worth while.
    pub fn keep_warm(&self, time: Duration) {
        if !time.is_zero() && self.is_https {
            let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.first() != Some(&self.number) {
                recent.retain(|number| *number != self.number);
                recent.insert(0, self.number);
                recent.truncate(WARM);
            }
            let until = (self.created.elapsed() + time).as_millis();
            self.warm_until
                .fetch_max(until.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// Whether a connection is opened in place of one that has closed.
    pub fn is_warm(&self) -> bool {
        let until = self.warm_until.load(Ordering::Relaxed);
        let is_recent = || {
            let recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
            recent.contains(&self.number)
        };
        self.created.elapsed().as_millis() < u128::from(until) && is_recent()
    }

    /// Whether there are requests to it, or soon will be.
    pub fn is_in_use(&self) -> bool {
        self.is_warm() || self.lock().iter().any(|shard| shard.live() > 0)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Shard>>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a shard with room for a request, which is counted already. Requests without TLS all share one shard, because each
    /// has an HTTP/1 connection of its own. Shards whose connections are too old are removed.
    pub fn shard_with_room(&self) -> Option<Arc<Shard>> {
        let most = match self.is_https {
            true => LIVE_PER_SHARD,
            false => usize::MAX,
        };
        let mut all = self.lock();
        if all.iter().any(|shard| shard.is_expired()) {
            all.retain(|shard| !shard.is_expired());
        }
        all.iter().find(|shard| shard.take_place(most)).cloned()
    }

    /// Removes the shards whose connections are too old.
    pub fn remove_expired(&self) {
        self.lock().retain(|shard| !shard.is_expired());
    }

    /// Returns its first shard.
    pub fn first(&self) -> Option<Arc<Shard>> {
        self.lock().first().cloned()
    }

    pub fn add(&self, shard: Arc<Shard>) {
        self.lock().push(shard);
    }

    /// Puts a shard before the others, and removes those whose connections are too old. The requests on them continue.
    pub fn prefer(&self, shard: Arc<Shard>) {
        let mut all = self.lock();
        all.retain(|other| !other.is_expired() && !Arc::ptr_eq(other, &shard));
        all.insert(0, shard);
    }

    /// Adds the shard of a dedicated connection, if there is no other.
    pub fn adopt(&self, shard: &Arc<Shard>) {
        let mut all = self.lock();
        if all.is_empty() {
            all.push(shard.clone());
        }
    }

    /// Removes a shard, because its idle connections are most likely as stale as the one that failed. The requests on it
    /// continue.
    pub fn retire(&self, stale: &Arc<Shard>) {
        self.lock().retain(|shard| !Arc::ptr_eq(shard, stale));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_beginning_of_a_url() {
        for (url, origin) in [
            ("https://a.example/b?c", "https://a.example"),
            ("http://[::1]:80", "http://[::1]:80"),
            ("http://a:1?b", "http://a:1"),
            ("https://a#b://c/", "https://a"),
        ] {
            assert_eq!(origin_of(url), origin);
        }
    }
}
