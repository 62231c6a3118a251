//! HTTP for the whole process: one pool for each set of connection settings, shared by all clients. A pool is a few
//! shards, because an HTTP/2 connection carries a limited number of streams and reqwest opens one for each client.

mod connections;
pub mod failure;
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
use http::{HeaderMap, Method};
use redirect::{MAX_REDIRECTS, Redirects};
use reqwest::redirect::Policy;
pub use response::{Response, decoded, too_large};

use crate::error::{Error, ErrorKind, Phase};
use crate::transport::timeouts::Timeouts;

/// Live responses a shard carries before the next one is opened; servers allow 100 or more streams a connection.
const LIVE_PER_SHARD: usize = 64;
/// Pools kept for settings that nobody uses any more.
const IDLE_POOLS: usize = 32;
/// Shorter than the idle limits of the proxies and load balancers on the way, so that a dead connection is rare (E6).
const POOL_IDLE: Duration = Duration::from_secs(25);
/// After this much silence a connection is asked whether it is alive, and given up when it does not say so in as long
/// as `DEAD_AFTER`: a peer that vanished is found within half a minute, in use or not (P6).
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const DEAD_AFTER: Duration = Duration::from_secs(10);

/// The most bytes of headers that HTTP/2 takes; HTTP/1 takes about as many.
const MAX_HEADERS: u32 = 256 * 1024;

static POOLS: LazyLock<Mutex<HashMap<Settings, Arc<Transport>>>> = LazyLock::new(Mutex::default);

/// What connections are made with; equal settings share their connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Proxies.
    pub proxy: proxy::ProxyRules,
    /// Authorities.
    pub roots: tls::Roots,
    /// The limit for reaching the host.
    pub connect_timeout: Option<Duration>,
}

impl Settings {
    /// These settings for a call with a `connect_timeout` of its own, which has connections of its own.
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

/// A request. It is rebuilt for each try, never taken back from a failed one.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The limits of time.
    pub timeouts: Timeouts,
    /// The redirects that are followed.
    pub redirects: Redirects,
    /// Whether it is to have a connection of its own: the last one that it met was stale.
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
    growing: tokio::sync::Mutex<Option<rustls::ClientConfig>>,
}

#[derive(Debug)]
struct Shard {
    client: reqwest::Client,
    connections: Connections,
    live: AtomicUsize,
}

/// A place on a shard, given back when dropped.
#[derive(Debug)]
struct Lease(Arc<Shard>);

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The process's pool for `settings`. Nothing is opened by this.
pub fn shared(settings: &Settings) -> Arc<Transport> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(settings) {
        return pool.clone();
    }
    if pools.len() >= IDLE_POOLS {
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
    /// Sends `request` and waits for the response's headers; redirects are followed as it says.
    pub async fn send(&self, mut request: Request) -> Result<Response, Error> {
        for followed in 0..=MAX_REDIRECTS {
            let mut response = self.send_once(&request).await?;
            response.redirected = followed > 0;
            match redirect::next(&request, response.status(), response.headers())? {
                Some(next) => request = next,
                None => return Ok(response),
            }
        }
        let mut error = Error::new(
            ErrorKind::InvalidOption,
            format!("The server redirected more than {MAX_REDIRECTS} times. Check the address (baseURL)."),
        );
        error.details_mut().errno = Some("ERR_FR_TOO_MANY_REDIRECTS");
        Err(error)
    }

    async fn send_once(&self, request: &Request) -> Result<Response, Error> {
        let lease = match request.dedicated_connection {
            true => Lease(self.open(&mut *self.growing.lock().await).await?),
            false => self.lease(request.is_https()).await?,
        };
        let sending = lease.0.connections.sending(&request.url);
        let response = {
            // In one place: each that it is handed to by value would have room for it.
            let work = pin!(sending.scope(self.ask(&lease.0, &sending, request)));
            match request.timeouts.headers {
                Some(limit) => tokio::time::timeout(limit, work)
                    .await
                    .map_err(|_| Error::timeout(Phase::Headers, limit))?,
                None => work.await,
            }
        };
        let response = response.map_err(|error| {
            let is_closed = failure::is_closed(&error);
            let mut failure = failure::of_request(error, &self.settings, &request.url);
            if failure.kind() == ErrorKind::ConnectionReset && is_closed && sending.was_reused() {
                failure.details_mut().is_stale_connection = true;
                self.retire(&lease.0);
            }
            failure
        })?;
        sending.is_served();
        if request.dedicated_connection {
            self.adopt(&lease.0);
        }
        Ok(Response::new(response, request, lease))
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
        shard
            .client
            .request(request.method.clone(), &request.url)
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await
    }

    /// A place on a shard with room; opens one where there is none. Plain HTTP needs no more than one.
    async fn lease(&self, shards: bool) -> Result<Lease, Error> {
        if let Some(lease) = self.free_place(shards) {
            return Ok(lease);
        }
        let mut tls = self.growing.lock().await;
        if let Some(lease) = self.free_place(shards) {
            return Ok(lease);
        }
        let shard = self.open(&mut tls).await?;
        self.lock_shards().push(shard.clone());
        Ok(Lease(shard))
    }

    /// A new shard, with a place taken on it.
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

    /// Gives places on a shard that was one request's own, where there is no other.
    fn adopt(&self, shard: &Arc<Shard>) {
        let mut all = self.lock_shards();
        if all.is_empty() {
            all.push(shard.clone());
        }
    }

    fn lock_shards(&self) -> MutexGuard<'_, Vec<Arc<Shard>>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives no more places on a shard: its idle connections are most likely as stale as the one that failed. Those in
    /// use end their work.
    fn retire(&self, stale: &Arc<Shard>) {
        let mut all = self.lock_shards();
        all.retain(|shard| !Arc::ptr_eq(shard, stale));
    }

    fn free_place(&self, shards: bool) -> Option<Lease> {
        let all = self.lock_shards();
        let shard = all
            .iter()
            .find(|shard| !shards || shard.live.load(Ordering::Relaxed) < LIVE_PER_SHARD)?;
        shard.live.fetch_add(1, Ordering::Relaxed);
        Some(Lease(shard.clone()))
    }
}

fn setup_failed(cause: String) -> Error {
    Error::new(
        ErrorKind::ConnectionFailed,
        "The HTTP client could not be set up.",
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
        .http2_max_header_list_size(MAX_HEADERS)
        .connector_layer(connections);
    // What was sent and is not acknowledged; elsewhere the system's own limit holds, which may be minutes.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        builder = builder.tcp_user_timeout(KEEP_ALIVE + DEAD_AFTER);
    }
    if let Some(limit) = settings.connect_timeout {
        builder = builder.connect_timeout(limit);
    }
    for proxy in settings.proxy.build()? {
        builder = builder.proxy(proxy);
    }
    builder.build()
}
