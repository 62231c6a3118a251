//! HTTP for the whole process: one pool for each set of connection settings, shared by all clients. A pool consists of
//! several shards, because an HTTP/2 connection carries a limited number of streams, and a reqwest client opens only one to
//! a host.

mod certificates;
mod coding;
mod connections;
mod decoder;
pub mod failure;
mod head;
pub mod loopback;
mod no_proxy;
mod open_body;
pub mod proxy;
pub mod read_timeout;
pub mod redirect;
mod response;
pub mod timeouts;
pub mod tls;

use std::borrow::Cow;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use connections::{Connections, Sending};
pub use head::{Head, LastHead};
use http::header::Entry;
use http::{HeaderMap, HeaderValue, Method, header};
pub use open_body::OpenBody;
use redirect::Redirects;
use reqwest::redirect::Policy;
pub use response::{Response, decoded, too_large};

use crate::error::{Error, ErrorKind, Phase};
use crate::transport::timeouts::Timeouts;

/// How many open responses a shard carries before another shard is opened. Servers allow 100 or more streams per HTTP/2
/// connection.
const LIVE_PER_SHARD: usize = 64;
/// How many pools there may be before unused ones are removed. This is no limit: pools whose responses are still open stay.
const POOLS_BEFORE_CLEANUP: usize = 32;
/// How long an idle connection is kept: shorter than the idle timeouts of proxies and load balancers, so that a request
/// seldom meets a connection that they have closed.
const POOL_IDLE: Duration = Duration::from_secs(25);
/// After this much silence the peer of a connection is probed. Together with [`DEAD_AFTER`] this detects within half a minute
/// that a peer has vanished, whether the connection is in use or idle.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A connection whose peer does not reply to a probe within this time is closed.
const DEAD_AFTER: Duration = Duration::from_secs(10);

/// The largest headers of a response, in bytes. HTTP/1 accepts somewhat more, depending on how they arrive.
const MAX_HEADER_BYTES: u32 = 256 * 1024;
/// How many headers a response over HTTP/1 may have. Hyper makes room for all of them before each response: with 2000, as
/// many as Node's `http` reads, the first token of a short chat took 4 % longer than with 256.
const MAX_HEADERS: usize = 512;

static POOLS: LazyLock<Mutex<HashMap<Settings, Arc<Transport>>>> = LazyLock::new(Mutex::default);

/// Connection settings. Requests with equal settings share their connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Which proxies are used.
    pub proxy: proxy::ProxyRules,
    /// Which certificate authorities are trusted.
    pub roots: tls::Roots,
    /// The timeout for connecting to the host.
    pub connect_timeout: Option<Duration>,
}

impl Settings {
    /// Returns these settings with the `connect_timeout` of a request. If it differs, the request uses a pool of its own.
    pub fn reached_within(&self, connect_timeout: Option<Duration>) -> Cow<'_, Self> {
        match self.connect_timeout == connect_timeout {
            true => Cow::Borrowed(self),
            false => Cow::Owned(Self {
                connect_timeout,
                ..self.clone()
            }),
        }
    }
}

/// A request. Each attempt builds a new one.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty means none.
    pub body: Bytes,
    /// The timeouts.
    pub timeouts: Timeouts,
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// Whether zero data retention or the ban of data collection applies to the body, so that no other origin receives it.
    pub has_privacy_floor: bool,
    /// Whether the request gets a new connection of its own, because the last attempt met a stale one.
    pub dedicated_connection: bool,
}

impl Request {
    fn is_https(&self) -> bool {
        self.url.starts_with("https:")
    }
}

/// A pool of connections.
#[derive(Debug)]
pub struct Transport {
    settings: Settings,
    shards: Mutex<Vec<Arc<Shard>>>,
    /// The TLS settings, once they were read. Locked while a shard is opened, so that simultaneous requests open one shard.
    growing: tokio::sync::Mutex<Option<rustls::ClientConfig>>,
}

/// A reqwest client. It has one HTTP/2 connection to a host, or any number of HTTP/1 connections.
#[derive(Debug)]
struct Shard {
    client: reqwest::Client,
    connections: Connections,
    /// How many requests have a place: how many leases there are, or are about to be made.
    live: AtomicUsize,
}

/// The place of one request on a shard. It is released when the lease is dropped.
#[derive(Debug)]
struct Lease {
    shard: Arc<Shard>,
    /// Shows that the pool is in use, so that it is not removed while the response is open.
    _pool: Arc<Transport>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shard.live.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns the pool of the process for `settings`. This opens no connection.
pub fn shared(settings: &Settings) -> Arc<Transport> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(settings) {
        return pool.clone();
    }
    if pools.len() >= POOLS_BEFORE_CLEANUP {
        pools.retain(|_, pool| Arc::strong_count(pool) > 1);
    }
    let pool = Arc::new(Transport {
        settings: settings.clone(),
        shards: Mutex::default(),
        growing: tokio::sync::Mutex::default(),
    });
    pools.insert(settings.clone(), pool.clone());
    pool
}

impl Transport {
    /// Sends `request`, follows its redirects, and waits for the headers of the response.
    pub async fn send(self: &Arc<Self>, mut request: Request) -> Result<Response, Error> {
        let mut followed = 0;
        loop {
            let response = self.send_once(&request, followed > 0).await?;
            match redirect::next(&request, response.status(), response.headers(), followed)? {
                Some(next) => request = next,
                None => return Ok(response),
            }
            followed += 1;
        }
    }

    async fn send_once(self: &Arc<Self>, request: &Request, redirected: bool) -> Result<Response, Error> {
        self.settings.proxy.check(&request.url)?;
        let shard = match request.dedicated_connection {
            true => self.open(&mut *self.growing.lock().await).await?,
            false => self.shard_with_room(request.is_https()).await?,
        };
        let lease = Lease {
            shard,
            _pool: self.clone(),
        };
        let sending = lease.shard.connections.sending(&request.url);
        let response = {
            // Pinned here and passed by reference: each future that took it by value would reserve space for its state
            // again.
            let work = pin!(sending.scope(self.ask(&lease.shard, &sending, request)));
            match request.timeouts.headers {
                Some(limit) => tokio::time::timeout(limit, work)
                    .await
                    .map_err(|_| no_headers_within(limit, sending.is_connecting()))?,
                None => work.await,
            }
        };
        let response = response.map_err(|error| {
            let is_closed = failure::is_closed(&error);
            let mut failure = failure::of_request(error, &self.settings, &request.url);
            if failure.kind() == ErrorKind::ConnectionReset && is_closed && sending.was_reused() {
                failure.details_mut().is_stale_connection = true;
                self.retire(&lease.shard);
            }
            failure
        })?;
        sending.mark_served();
        if request.dedicated_connection {
            self.adopt(&lease.shard);
        }
        Response::new(response, request, redirected, lease)
    }

    async fn ask(
        &self,
        shard: &Shard,
        sending: &Sending,
        request: &Request,
    ) -> Result<reqwest::Response, reqwest::Error> {
        if request.is_https() {
            sending.settled(self.settings.connect_timeout).await;
        }
        let mut headers = request.headers.clone();
        // A range is one of the compressed body, if compression was asked for.
        if !headers.contains_key(header::RANGE)
            && let Entry::Vacant(entry) = headers.entry(header::ACCEPT_ENCODING)
        {
            entry.insert(HeaderValue::from_static(decoder::ACCEPTED));
        }
        shard
            .client
            .request(request.method.clone(), &request.url)
            .headers(headers)
            .body(request.body.clone())
            .send()
            .await
    }

    /// Returns a shard with room for a request, or a new shard if there is none. The request is counted already. Requests
    /// without TLS all share one shard, because each has an HTTP/1 connection of its own.
    async fn shard_with_room(&self, is_https: bool) -> Result<Arc<Shard>, Error> {
        if let Some(shard) = self.known_shard_with_room(is_https) {
            return Ok(shard);
        }
        let mut tls = self.growing.lock().await;
        if let Some(shard) = self.known_shard_with_room(is_https) {
            return Ok(shard);
        }
        let shard = self.open(&mut tls).await?;
        self.lock_shards().push(shard.clone());
        Ok(shard)
    }

    /// Opens a shard that already counts one request.
    async fn open(&self, tls: &mut Option<rustls::ClientConfig>) -> Result<Arc<Shard>, Error> {
        let config = match tls.take() {
            Some(config) => config,
            None => {
                let roots = self.settings.roots.clone();
                tokio::task::spawn_blocking(move || tls::client_config(&roots))
                    .await
                    .map_err(|error| setup_failed(error.to_string()))??
            }
        };
        *tls = Some(config.clone());
        let connections = Connections::default();
        let client = build(&self.settings, config, connections.clone())
            .map_err(|error| setup_failed(error.to_string()))?;
        Ok(Arc::new(Shard {
            client,
            connections,
            live: AtomicUsize::new(1),
        }))
    }

    /// Adds the shard of a dedicated connection to the pool, if the pool has no other.
    fn adopt(&self, shard: &Arc<Shard>) {
        let mut all = self.lock_shards();
        if all.is_empty() {
            all.push(shard.clone());
        }
    }

    fn lock_shards(&self) -> MutexGuard<'_, Vec<Arc<Shard>>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a shard from the pool, because its idle connections are most likely as stale as the one that failed. The
    /// requests on it continue.
    fn retire(&self, stale: &Arc<Shard>) {
        let mut all = self.lock_shards();
        all.retain(|shard| !Arc::ptr_eq(shard, stale));
    }

    fn known_shard_with_room(&self, is_https: bool) -> Option<Arc<Shard>> {
        let all = self.lock_shards();
        let shard = all
            .iter()
            .find(|shard| !is_https || shard.live.load(Ordering::Relaxed) < LIVE_PER_SHARD)?;
        shard.live.fetch_add(1, Ordering::Relaxed);
        Some(shard.clone())
    }
}

/// The error of a request that got no headers in time. If it was still waiting for its connection, nothing of it was sent, so
/// that it may be sent again.
fn no_headers_within(limit: Duration, is_connecting: bool) -> Error {
    match is_connecting {
        false => Error::timeout(Phase::Headers, limit),
        true => Error::no_connection_within_headers(limit),
    }
}

fn setup_failed(cause: String) -> Error {
    Error::new(
        ErrorKind::ConnectionFailed,
        "The HTTP client could not be set up. Check the proxy and ca options; if they are right, please report this.",
    )
    .with_cause(cause)
}

fn build(
    settings: &Settings,
    tls: rustls::ClientConfig,
    connections: Connections,
) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
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
