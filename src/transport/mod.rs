//! HTTP for the whole process: on each network thread one pool for each set of connection settings, shared by all clients. A pool
//! has several shards for each origin, because an HTTP/2 connection carries a limited number of streams, and a reqwest client
//! opens only one to a host.

mod certificates;
mod coding;
mod connections;
mod decoder;
pub mod failure;
mod head;
pub mod loopback;
mod names;
mod no_proxy;
mod open_body;
mod origin;
pub mod proxy;
pub mod read_timeout;
pub mod redirect;
mod response;
mod shard;
pub mod timeouts;
pub mod tls;
mod upkeep;

use std::borrow::Cow;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use connections::Sending;
pub use head::{Head, LastHead};
use http::header::Entry;
use http::{HeaderMap, HeaderValue, Method, header};
pub use open_body::OpenBody;
use origin::{Origin, origin_of};
use redirect::Redirects;
pub use response::{Response, decoded, too_large};
use shard::{Lease, Shard};
use tokio::time::Instant;

use crate::error::{Error, ErrorKind, Phase};
use crate::runtime::{self, threads};
use crate::stats::STATS;
use crate::transport::timeouts::Timeouts;

/// How many pools there may be before unused ones are removed. This is no limit: pools whose responses are still open stay.
const POOLS_BEFORE_CLEANUP: usize = 32;
/// How many origins a pool has before those without requests are forgotten. This is no limit, as that of pools.
const ORIGINS_BEFORE_CLEANUP: usize = 32;

/// The largest headers of a response, in bytes. HTTP/1 accepts somewhat more, depending on how they arrive.
const MAX_HEADER_BYTES: u32 = 256 * 1024;
/// How many headers a response over HTTP/1 may have. Hyper makes room for all of them before each response: with 2000, as
/// many as Node's `http` reads, the first token of a short chat took 4 % longer than with 256.
const MAX_HEADERS: usize = 512;

type Pools = Mutex<HashMap<Settings, Arc<Transport>>>;

/// The pools of each network thread.
static POOLS: [LazyLock<Pools>; threads::MOST] = [const { LazyLock::new(Pools::default) }; threads::MOST];

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
    /// For how long after it a new connection is opened when its server closes the connection; zero for never. It counts for
    /// requests with a body only, which are chats and the like.
    pub keep_warm: Duration,
}

/// A pool of connections.
#[derive(Debug)]
pub struct Transport {
    settings: Settings,
    origins: Mutex<HashMap<String, Arc<Origin>>>,
    /// The TLS settings, once they were read. Locked while a shard is opened, so that simultaneous requests open one shard. All
    /// shards use the same, so that each resumes the TLS sessions of the others.
    growing: tokio::sync::Mutex<Option<rustls::ClientConfig>>,
}

/// Returns the pool of this network thread for `settings`; on another thread, that of the first one. This opens no connection.
pub fn shared(settings: &Settings) -> Arc<Transport> {
    let pools = &POOLS.get(threads::number()).unwrap_or(&POOLS[0]);
    let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(settings) {
        return pool.clone();
    }
    if pools.len() >= POOLS_BEFORE_CLEANUP {
        pools.retain(|_, pool| Arc::strong_count(pool) > 1);
    }
    let pool = Arc::new(Transport {
        settings: settings.clone(),
        origins: Mutex::default(),
        growing: tokio::sync::Mutex::default(),
    });
    pools.insert(settings.clone(), pool.clone());
    pool
}

/// Opens a connection to the host of `url` ahead, unless there is one, within the limits of `timeouts`. It is kept warm as after a
/// chat, for `keep_warm`.
///
/// # Errors
/// Those of a request that gets no connection.
pub async fn connect(
    settings: &Settings,
    timeouts: &Timeouts,
    url: &str,
    keep_warm: Duration,
) -> Result<(), Error> {
    let pool = shared(settings);
    let work = pin!(pool.connect(url, keep_warm));
    timeouts.within_total(Instant::now(), work).await
}

/// Begins to open a connection to the host of `url` in the background, if it is reached over TLS and connections are kept warm.
/// It is an offer of time: whatever prevents it, the first request meets and reports.
pub fn prewarm(settings: &Settings, url: &str, keep_warm: Duration) {
    if keep_warm.is_zero() || !url.starts_with("https:") {
        return;
    }
    if let Ok(runtime) = runtime::handle() {
        let (pool, origin) = (shared(settings), origin_of(url).to_owned());
        runtime.spawn(async move { pool.connect(&origin, keep_warm).await });
    }
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
        let origin = self.origin(&request.url);
        let shard = match request.dedicated_connection {
            true => self.open(&origin, &mut *self.growing.lock().await).await?,
            false => self.shard_with_room(&origin).await?,
        };
        let keep_warm = match request.body.is_empty() {
            true => Duration::ZERO,
            false => request.keep_warm,
        };
        let lease = Lease::new(shard, self.clone(), origin, keep_warm);
        let sending = lease.shard.connections.sending();
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
                lease.origin.retire(&lease.shard);
            }
            failure
        })?;
        sending.mark_served();
        if !sending.has_own() {
            STATS.connections.reused.add();
        }
        lease.shard.learn(response.headers());
        if request.dedicated_connection {
            lease.origin.adopt(&lease.shard);
        }
        upkeep::begin(self, &lease.origin);
        Response::new(response, request, redirected, lease)
    }

    async fn ask(
        &self,
        shard: &Shard,
        sending: &Sending,
        request: &Request,
    ) -> Result<reqwest::Response, reqwest::Error> {
        if shard.is_https {
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

    /// Opens a connection to the host of `url`, unless there is one that a request can use. Nothing is sent on it. It is kept
    /// warm as after a chat, for `keep_warm`.
    async fn connect(self: &Arc<Self>, url: &str, keep_warm: Duration) -> Result<(), Error> {
        self.settings.proxy.check(url)?;
        let origin = self.origin(url);
        let shard = self.shard_with_room(&origin).await?;
        let lease = Lease::new(shard, self.clone(), origin, keep_warm);
        self.reach(&lease.shard, &lease.origin).await?;
        upkeep::begin(self, &lease.origin);
        Ok(())
    }

    /// Opens a connection to `origin` in place of one that is gone or too old.
    async fn renew(&self, origin: &Origin) -> Result<(), Error> {
        let first = origin.first().filter(|shard| !shard.is_expired());
        let shard = match first {
            Some(shard) => shard,
            None => {
                let shard = self.open(origin, &mut *self.growing.lock().await).await?;
                shard.give_place_back();
                shard
            }
        };
        self.reach(&shard, origin).await?;
        origin.prefer(shard);
        Ok(())
    }

    async fn reach(&self, shard: &Shard, origin: &Origin) -> Result<(), Error> {
        let sending = shard.connections.sending();
        if origin.is_https {
            sending.settled(self.settings.connect_timeout).await;
        }
        let reached = shard.reach(&origin.url, &sending).await;
        reached.map_err(|error| failure::of_request(error, &self.settings, &origin.url))?;
        if sending.has_own() {
            // A request that finds this connection closed may be sent again, as one on a connection that had served another.
            sending.mark_served();
            shard.record_idle();
            STATS.connections.prewarmed.add();
        }
        Ok(())
    }

    /// Returns the origin of `url`.
    fn origin(&self, url: &str) -> Arc<Origin> {
        let name = origin_of(url);
        let mut all = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = all.get(name) {
            return origin.clone();
        }
        if all.len() >= ORIGINS_BEFORE_CLEANUP {
            all.retain(|_, origin| origin.is_in_use());
        }
        let origin = Arc::new(Origin::new(name));
        all.insert(name.to_owned(), origin.clone());
        origin
    }

    /// Returns a shard with room for a request, or a new shard if there is none. The request is counted already.
    async fn shard_with_room(&self, origin: &Origin) -> Result<Arc<Shard>, Error> {
        if let Some(shard) = origin.shard_with_room() {
            return Ok(shard);
        }
        let mut tls = self.growing.lock().await;
        if let Some(shard) = origin.shard_with_room() {
            return Ok(shard);
        }
        let shard = self.open(origin, &mut tls).await?;
        origin.add(shard.clone());
        Ok(shard)
    }

    /// Opens a shard that already counts one request.
    async fn open(
        &self,
        origin: &Origin,
        tls: &mut Option<rustls::ClientConfig>,
    ) -> Result<Arc<Shard>, Error> {
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
        let shard = Shard::open(&self.settings, config, origin.is_https)
            .map_err(|error| setup_failed(error.to_string()))?;
        Ok(Arc::new(shard))
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
