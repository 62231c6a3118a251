//! The HTTP client of one origin. It has one HTTP/2 connection, or any number of HTTP/1 connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderMap, Method, Version, header};
use reqwest::redirect::Policy;
use tokio::time::Instant;

use super::connections::{Connections, Sending};
use super::names::{NAMES, Resolver};
use super::origin::Origin;
use super::{MAX_HEADER_BYTES, MAX_HEADERS, Settings, Transport, failure};

/// How long a connection stays idle of which [`upkeep`](super::upkeep) does not take care: all but the last one of an origin.
const POOL_IDLE: Duration = Duration::from_secs(25);
/// How long an HTTP/1 connection stays idle if its server does not say how long it keeps one (`Keep-Alive: timeout`): shorter than
/// the 60 s of many proxies and load balancers, so that a request seldom meets a connection that they have closed.
const HTTP1_IDLE: Duration = Duration::from_secs(55);
/// The longest time for which an idle HTTP/1 connection is kept, whatever its server says.
const HTTP1_IDLE_MOST: Duration = Duration::from_secs(600);
/// How much earlier than its server an idle HTTP/1 connection is given up, since a request takes time to arrive.
const HTTP1_MARGIN: Duration = Duration::from_secs(1);
/// After this much silence the peer of a connection is probed. Together with [`DEAD_AFTER`] this detects within half a minute
/// that a peer has vanished, whether the connection is in use or idle.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A connection whose peer does not reply to a probe within this time is closed.
const DEAD_AFTER: Duration = Duration::from_secs(10);

/// The HTTP client of one origin.
#[derive(Debug)]
pub struct Shard {
    pub client: reqwest::Client,
    pub connections: Connections,
    pub is_https: bool,
    /// How many requests have a place: how many leases there are, or are about to be made.
    live: AtomicUsize,
    opened: Instant,
    /// When a connection last became idle, in milliseconds after `opened`.
    last_idle: AtomicU64,
    /// For how long the server keeps an idle HTTP/1 connection, in milliseconds; 0 if it has not said that.
    kept_for: AtomicU64,
}

/// The place of one request on a shard. It is released when the lease is dropped.
#[derive(Debug)]
pub struct Lease {
    pub shard: Arc<Shard>,
    pub origin: Arc<Origin>,
    keep_warm: Duration,
    /// Shows that the pool is in use, so that it is not removed while the response is open.
    _pool: Arc<Transport>,
}

impl Lease {
    /// Takes over a place that is counted already.
    pub fn new(shard: Arc<Shard>, pool: Arc<Transport>, origin: Arc<Origin>, keep_warm: Duration) -> Self {
        origin.keep_warm(keep_warm);
        Self {
            shard,
            origin,
            keep_warm,
            _pool: pool,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.origin.keep_warm(self.keep_warm);
        self.shard.record_idle();
        self.shard.give_place_back();
    }
}

impl Shard {
    /// Creates a shard that already counts one request. This opens no connection.
    pub fn open(
        settings: &Settings,
        tls: rustls::ClientConfig,
        is_https: bool,
    ) -> Result<Self, reqwest::Error> {
        let connections = Connections::new(is_https);
        Ok(Self {
            client: client(settings, tls, connections.clone())?,
            connections,
            is_https,
            live: AtomicUsize::new(1),
            opened: Instant::now(),
            last_idle: AtomicU64::new(0),
            kept_for: AtomicU64::new(0),
        })
    }

    /// Takes a place for a request, unless there are `most` already.
    pub fn take_place(&self, most: usize) -> bool {
        let has_room = self.live() < most;
        if has_room {
            self.live.fetch_add(1, Ordering::Relaxed);
        }
        has_room
    }

    /// Gives a place back that was counted.
    pub fn give_place_back(&self) {
        self.live.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many requests have a place.
    pub fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    /// Learns from the headers of a response how long the server keeps an idle HTTP/1 connection.
    pub fn learn(&self, headers: &HeaderMap) {
        if let Some(hint) = headers.get("keep-alive").and_then(|hint| hint.to_str().ok()) {
            self.kept_for
                .store(seconds_in(hint).unwrap_or(0) * 1000, Ordering::Relaxed);
        }
    }

    /// Records that a connection is idle from now on.
    pub fn record_idle(&self) {
        self.last_idle
            .store(millis(self.opened.elapsed()), Ordering::Relaxed);
    }

    /// Whether all idle HTTP/1 connections have been idle for so long that the server may close them at any time.
    pub fn is_expired(&self) -> bool {
        if !self.connections.is_http1() {
            return false;
        }
        let limit = match Duration::from_millis(self.kept_for.load(Ordering::Relaxed)) {
            Duration::ZERO => HTTP1_IDLE,
            kept => kept
                .saturating_sub(HTTP1_MARGIN)
                .max(kept / 2)
                .min(HTTP1_IDLE_MOST),
        };
        let last_idle = Duration::from_millis(self.last_idle.load(Ordering::Relaxed));
        !last_idle.is_zero() && self.opened.elapsed().saturating_sub(last_idle) > limit
    }

    /// Opens a connection unless there is one, or only asks whether there is one, as `sending` says. Nothing is sent on it.
    ///
    /// reqwest has no call for that. A request that no protocol allows is refused by hyper when it has the connection, before
    /// anything is written, and the connection goes back into the pool: over HTTP/1 because it asks for HTTP/2, and over HTTP/2
    /// because it is a `CONNECT` with a body.
    pub async fn reach(&self, origin: &str, sending: &Sending) -> Result<(), reqwest::Error> {
        let request = self
            .client
            .request(Method::CONNECT, origin)
            .version(Version::HTTP_2)
            .header(header::CONTENT_LENGTH, 1);
        match sending.scope(request.send()).await {
            Err(error) if !failure::is_refused_by_us(&error) => Err(error),
            _ => Ok(()),
        }
    }
}

/// Returns the seconds in the value of the header `keep-alive`, such as `timeout=5, max=100`.
fn seconds_in(hint: &str) -> Option<u64> {
    hint.split(',').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"').parse::<u64>().ok()?;
        name.trim()
            .eq_ignore_ascii_case("timeout")
            .then_some(value.min(HTTP1_IDLE_MOST.as_secs()))
    })
}

/// Returns a time in milliseconds, at least one.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn client(
    settings: &Settings,
    tls: rustls::ClientConfig,
    connections: Connections,
) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Resolver(NAMES.clone()))
        .user_agent(concat!("openrouter-native/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        // The client decides about retries. hyper-util still sends a request again of which nothing was written, because its
        // connection had closed.
        .retry(reqwest::retry::never())
        .no_proxy()
        .tcp_nodelay(true)
        .tcp_keepalive(KEEP_ALIVE)
        .tcp_keepalive_interval(DEAD_AFTER / 2)
        .tcp_keepalive_retries(2)
        .pool_idle_timeout(POOL_IDLE)
        .http2_initial_stream_window_size(256 * 1024)
        .http2_initial_connection_window_size(16 * 1024 * 1024)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .http2_keep_alive_timeout(DEAD_AFTER)
        .http2_keep_alive_while_idle(true)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        // As lenient as Node's parser. A header that is not valid is left out.
        .http1_max_headers(MAX_HEADERS)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .connector_layer(connections);
    // Limits how long sent data may stay unacknowledged. On other systems their own limit applies, which may be minutes.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        builder = builder.tcp_user_timeout(KEEP_ALIVE + DEAD_AFTER);
    }
    if let Some(limit) = settings.connect_timeout {
        builder = builder.connect_timeout(limit);
    }
    if let Some(proxy) = settings.proxy.build() {
        builder = builder.proxy(proxy);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_a_server_keeps_a_connection_is_read_from_its_header() {
        for (hint, seconds) in [
            ("timeout=5", Some(5)),
            ("max=100, Timeout = 7", Some(7)),
            ("timeout=\"9\"", Some(9)),
            ("timeout=99999999", Some(600)),
            ("timeout=-1", None),
            ("timeout", None),
            ("", None),
        ] {
            assert_eq!(seconds_in(hint), seconds, "{hint}");
        }
    }
}
