//! Process-wide counters, which `getStats()` returns.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::json::ObjectWriter;

/// A number that all threads may change without a lock.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds one.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Subtracts one.
    pub fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// Returns the current number.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts how lookups of one kind of cached value were answered.
#[derive(Debug)]
pub struct CacheCounters {
    /// Answered from the cache.
    pub hits: Counter,
    /// Answered by a new request to the API.
    pub misses: Counter,
    /// Answered by a request of another caller that was in flight already.
    pub coalesced: Counter,
    /// Background refreshes that were started after a lookup was answered from the cache.
    pub background_refreshes: Counter,
    /// Answered with an expired value, because the request for a new one failed.
    pub stale_served: Counter,
}

impl CacheCounters {
    pub(crate) const fn new() -> Self {
        Self {
            hits: Counter::new(),
            misses: Counter::new(),
            coalesced: Counter::new(),
            background_refreshes: Counter::new(),
            stale_served: Counter::new(),
        }
    }

    fn to_json(&self) -> String {
        counts_json(&[
            ("hits", &self.hits),
            ("misses", &self.misses),
            ("coalesced", &self.coalesced),
            ("backgroundRefreshes", &self.background_refreshes),
            ("staleServed", &self.stale_served),
        ])
    }
}

/// Returns counters as a JSON object, with these names.
fn counts_json(counters: &[(&str, &Counter)]) -> String {
    let mut fields = ObjectWriter::new();
    for (name, counter) in counters {
        fields.raw(name, Some(counter.get().to_string()));
    }
    fields.finish()
}

/// Counts connections, and how they came about.
#[derive(Debug)]
pub struct ConnectionCounters {
    /// Connections that were opened.
    pub opened: Counter,
    /// How many of them resumed a TLS session, so that no certificate was sent.
    pub resumed: Counter,
    /// How many of them were opened before a request needed them.
    pub prewarmed: Counter,
    /// Requests that were sent on a connection that was open already.
    pub reused: Counter,
}

impl ConnectionCounters {
    const fn new() -> Self {
        Self {
            opened: Counter::new(),
            resumed: Counter::new(),
            prewarmed: Counter::new(),
            reused: Counter::new(),
        }
    }

    fn to_json(&self) -> String {
        counts_json(&[
            ("opened", &self.opened),
            ("resumed", &self.resumed),
            ("prewarmed", &self.prewarmed),
            ("reused", &self.reused),
        ])
    }
}

/// All counters of the process.
#[derive(Debug)]
pub struct Stats {
    /// Lookups of credits.
    pub credits: CacheCounters,
    /// Lookups of the model list.
    pub models: CacheCounters,
    /// Connections.
    pub connections: ConnectionCounters,
    /// The number of streams that have not ended.
    pub active_streams: Counter,
    /// The number of HTTP requests that were sent, all attempts included.
    pub requests: Counter,
    /// How many of those were further attempts of a call: retries, and requests to fallback models.
    pub retries: Counter,
    /// The number of requests that wait because of the client's rate limit.
    pub queued: Counter,
}

/// The counters of this process.
pub static STATS: Stats = Stats {
    credits: CacheCounters::new(),
    models: CacheCounters::new(),
    connections: ConnectionCounters::new(),
    active_streams: Counter::new(),
    requests: Counter::new(),
    retries: Counter::new(),
    queued: Counter::new(),
};

impl Stats {
    /// Returns the counters as a JSON object with the field names of `getStats()`.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        fields.raw("credits", Some(self.credits.to_json()));
        fields.raw("models", Some(self.models.to_json()));
        fields.raw("connections", Some(self.connections.to_json()));
        fields.raw("activeStreams", Some(self.active_streams.get().to_string()));
        fields.raw("requests", Some(self.requests.get().to_string()));
        fields.raw("retries", Some(self.retries.get().to_string()));
        fields.raw("queued", Some(self.queued.get().to_string()));
        fields.finish()
    }
}

/// Counts a stream in `active_streams` until it is dropped.
#[derive(Debug)]
pub struct ActiveStream(());

impl ActiveStream {
    /// Increments `active_streams`.
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
