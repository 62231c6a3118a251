//! Counters of the process, for `getStats()`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::json::ObjectWriter;

/// A number that only grows, unless it is given back.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One less.
    pub fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// The number.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What happened to one kind of cached value.
#[derive(Debug)]
pub struct CacheCounters {
    /// Answered from the cache.
    pub hits: Counter,
    /// Asked of the API.
    pub misses: Counter,
    /// Waited for a request that was under way.
    pub coalesced: Counter,
    /// Refreshed behind an answer.
    pub background_refreshes: Counter,
    /// Answered with an old value, because the refresh failed.
    pub stale_served: Counter,
}

impl CacheCounters {
    const fn new() -> Self {
        Self {
            hits: Counter::new(),
            misses: Counter::new(),
            coalesced: Counter::new(),
            background_refreshes: Counter::new(),
            stale_served: Counter::new(),
        }
    }

    fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        for (name, counter) in [
            ("hits", &self.hits),
            ("misses", &self.misses),
            ("coalesced", &self.coalesced),
            ("backgroundRefreshes", &self.background_refreshes),
            ("staleServed", &self.stale_served),
        ] {
            fields.raw(name, Some(counter.get().to_string()));
        }
        fields.finish()
    }
}

/// The process's counters.
#[derive(Debug)]
pub struct Stats {
    /// Cached credits.
    pub credits: CacheCounters,
    /// Cached models.
    pub models: CacheCounters,
    /// Streams that have not ended.
    pub active_streams: Counter,
    /// HTTP requests sent.
    pub requests: Counter,
    /// Of these, tries after the first.
    pub retries: Counter,
    /// Requests that wait for the rate limit.
    pub queued: Counter,
}

/// The process's counters.
pub static STATS: Stats = Stats {
    credits: CacheCounters::new(),
    models: CacheCounters::new(),
    active_streams: Counter::new(),
    requests: Counter::new(),
    retries: Counter::new(),
    queued: Counter::new(),
};

impl Stats {
    /// As `getStats()` shows them.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        fields.raw("credits", Some(self.credits.to_json()));
        fields.raw("models", Some(self.models.to_json()));
        fields.raw("activeStreams", Some(self.active_streams.get().to_string()));
        fields.raw("requests", Some(self.requests.get().to_string()));
        fields.raw("retries", Some(self.retries.get().to_string()));
        fields.raw("queued", Some(self.queued.get().to_string()));
        fields.finish()
    }
}

/// A stream that is counted while it lives.
#[derive(Debug)]
pub struct ActiveStream(());

impl ActiveStream {
    /// Counts one.
    pub fn start() -> Self {
        STATS.active_streams.add();
        Self(())
    }
}

impl Drop for ActiveStream {
    fn drop(&mut self) {
        STATS.active_streams.subtract();
    }
}
