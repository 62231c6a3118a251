//! Observes the connector of an HTTP client. It shows whether a failed request was sent on a reused connection. It lets
//! requests wait for a connection that is being opened: without that, simultaneous requests would each open a connection
//! before the first one turns out to be HTTP/2, which carries them all. And it counts the connections of the process.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use tokio::sync::watch;
use tokio::task::futures::TaskLocalFuture;
use tower_layer::Layer;
use tower_service::Service;

use super::names::NAMES;
use crate::stats::STATS;

/// The longest wait for a connection that is being opened for another request. Its handshake may have stalled.
const SETTLING: Duration = Duration::from_secs(1);

/// An error of a connector, as reqwest passes it on.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Records the connections that an HTTP client opens to its origin. It is a layer of the client's connector.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Host>);

/// A request that is being sent, as the connector sees it.
#[derive(Debug, Clone)]
pub struct Sending(Arc<State>);

#[derive(Debug)]
struct State {
    host: Arc<Host>,
    /// How many connections to the host had been opened before the request.
    opened_before: usize,
    /// Whether the request was sent on a connection that was opened for it.
    has_own: AtomicBool,
    /// Whether the request waits for a connection.
    is_connecting: AtomicBool,
    /// Whether a certificate was checked for its connection, as each TLS handshake does that does not resume a session.
    is_verified: AtomicBool,
    /// Whether a connection may be opened for it.
    may_open: bool,
}

tokio::task_local! {
    /// The request for which the connector is called. hyper does not pass it to the connector.
    static SENDING: Sending;
}

#[derive(Debug, Default)]
struct Host {
    is_https: bool,
    /// How many connections are being opened.
    opening: watch::Sender<usize>,
    /// How many connections have been opened.
    opened: AtomicUsize,
    /// The value of `opened` when the last response came.
    served: AtomicUsize,
    /// Whether the last connection turned out to be HTTP/1, which carries one request at a time.
    is_http1: AtomicBool,
}

impl Sending {
    /// Runs `work`, which sends the request, so that the connector can see which request calls it.
    pub fn scope<F: Future>(&self, work: F) -> TaskLocalFuture<Self, F> {
        SENDING.scope(self.clone(), work)
    }

    /// Waits until a connection to the host that is being opened is ready or has failed, if there is one and it may carry
    /// another request. It does not wait for a second one, because each request has to open its own connection after a
    /// failure. The wait takes at most a quarter of `limit`, the connect timeout.
    pub async fn settled(&self, limit: Option<Duration>) {
        let host = &self.0.host;
        // Subscribe before reading the count, so that no change in between is missed.
        let mut opening = host.opening.subscribe();
        if *opening.borrow() > 0 && !host.is_http1.load(Ordering::Relaxed) {
            let limit = limit.map_or(SETTLING, |limit| SETTLING.min(limit / 4));
            // Ignore a timeout: the request is then sent without waiting. The channel stays open, because `host` owns its
            // sender.
            self.0.is_connecting.store(true, Ordering::Relaxed);
            let _ = tokio::time::timeout(limit, opening.changed()).await;
            self.0.is_connecting.store(false, Ordering::Relaxed);
        }
    }

    /// Whether the request was sent on a connection that was opened for it.
    pub fn has_own(&self) -> bool {
        self.0.has_own.load(Ordering::Relaxed)
    }

    /// Whether the request still waits for its connection, so that nothing of it was sent.
    pub fn is_connecting(&self) -> bool {
        self.0.is_connecting.load(Ordering::Relaxed)
    }

    /// Records that the request has got its response.
    pub fn mark_served(&self) {
        let host = &self.0.host;
        host.served
            .store(host.opened.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Whether the request was sent on a connection that had served a request before. An idle HTTP/1 connection always has;
    /// an HTTP/2 connection accepts further requests before it has served the first.
    pub fn was_reused(&self) -> bool {
        let State {
            host,
            opened_before,
            has_own,
            ..
        } = &*self.0;
        let is_old = || {
            let served = host.served.load(Ordering::Relaxed);
            served == *opened_before && served == host.opened.load(Ordering::Relaxed)
        };
        !has_own.load(Ordering::Relaxed) && (host.is_http1.load(Ordering::Relaxed) || is_old())
    }
}

impl Connections {
    /// Creates the record of the connections to one origin.
    pub fn new(is_https: bool) -> Self {
        Self(Arc::new(Host {
            is_https,
            ..Host::default()
        }))
    }

    /// Returns the state of a request that is about to be sent.
    pub fn sending(&self) -> Sending {
        self.asking(true)
    }

    /// Returns the state of a question whether there is a connection, for which none is opened.
    pub fn probing(&self) -> Sending {
        self.asking(false)
    }

    fn asking(&self, may_open: bool) -> Sending {
        Sending(Arc::new(State {
            host: self.0.clone(),
            opened_before: self.0.opened.load(Ordering::Relaxed),
            has_own: AtomicBool::new(false),
            is_connecting: AtomicBool::new(false),
            is_verified: AtomicBool::new(false),
            may_open,
        }))
    }

    /// Whether the last connection turned out to be HTTP/1.
    pub fn is_http1(&self) -> bool {
        self.0.is_http1.load(Ordering::Relaxed)
    }
}

/// Records that the certificate of a server was checked, for the connection that is being opened.
pub fn record_verification() {
    let _ = SENDING.try_with(|sending| sending.0.is_verified.store(true, Ordering::Relaxed));
}

impl<S> Layer<S> for Connections {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched {
            connector,
            host: self.0.clone(),
        }
    }
}

/// A connector that records each connection that it opens.
#[derive(Debug, Clone)]
pub struct Watched<S> {
    connector: S,
    host: Arc<Host>,
}

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let sending = SENDING.try_with(Clone::clone).ok();
        if sending.as_ref().is_some_and(|sending| !sending.0.may_open) {
            return Box::pin(async { Err("there is no connection".into()) });
        }
        let opening = Opening::begin(self.host.clone());
        let connecting = self.connector.call(request);
        Box::pin(async move {
            let mut connecting = pin!(connecting);
            let connection = poll_fn(|context| {
                let polled = connecting.as_mut().poll(context);
                // If the request gets another connection meanwhile, this future goes on for the pool, in a task of its own.
                let is_awaited = polled.is_pending() && SENDING.try_with(|_| ()).is_ok();
                if let Some(Sending(state)) = &sending {
                    state.is_connecting.store(is_awaited, Ordering::Relaxed);
                }
                polled
            })
            .await
            // The addresses of the name may have changed, so that the next attempt looks it up again.
            .inspect_err(|_| NAMES.forget())?;
            let facts = connection.connected();
            opening
                .0
                .is_http1
                .store(!facts.is_negotiated_h2(), Ordering::Relaxed);
            opening.0.opened.fetch_add(1, Ordering::Relaxed);
            STATS.connections.opened.add();
            let mut extras = http::Extensions::new();
            facts.get_extras(&mut extras);
            if let Some(info) = extras.get::<HttpInfo>() {
                NAMES.record_success(info.remote_addr().ip());
            }
            let _ = SENDING.try_with(|Sending(state)| {
                state.has_own.store(true, Ordering::Relaxed);
                if opening.0.is_https && !state.is_verified.load(Ordering::Relaxed) {
                    STATS.connections.resumed.add();
                }
            });
            Ok(connection)
        })
    }
}

/// Counts a connection as being opened until it is dropped, whether the attempt succeeds, fails or is cancelled.
struct Opening(Arc<Host>);

impl Opening {
    fn begin(host: Arc<Host>) -> Self {
        // Notify no receiver: requests wait for the end of an attempt only.
        host.opening.send_if_modified(|count| {
            *count += 1;
            false
        });
        Self(host)
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0
            .opening
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}
