//! Observes the connector of an HTTP client, for two purposes. It shows whether a failed request was sent on a reused
//! connection. And it lets requests wait for a connection that is being opened: without that, simultaneous requests would
//! each open a connection before the first one turns out to be HTTP/2, which carries them all.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::Connection;
use tokio::sync::watch;
use tokio::task::futures::TaskLocalFuture;
use tower_layer::Layer;
use tower_service::Service;

/// The longest wait for a connection that is being opened for another request. Its handshake may have stalled.
const SETTLING: Duration = Duration::from_secs(1);
/// How many hosts are remembered. Beyond that, the hosts to which no connection is being opened are forgotten.
const HOSTS: usize = 32;

/// Records the connections that an HTTP client opens, by host. It is a layer of the client's connector.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<String, Arc<Host>>>>);

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
}

tokio::task_local! {
    /// The request for which the connector is called. hyper does not pass it to the connector.
    static SENDING: Sending;
}

#[derive(Debug, Default)]
struct Host {
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
    /// Returns the state of a request to `url` that is about to be sent.
    pub fn sending(&self, url: &str) -> Sending {
        let host = self.host(url);
        Sending(Arc::new(State {
            opened_before: host.opened.load(Ordering::Relaxed),
            host,
            has_own: AtomicBool::new(false),
            is_connecting: AtomicBool::new(false),
        }))
    }

    fn host(&self, url: &str) -> Arc<Host> {
        let authority = url.split(['/', '?', '#']).nth(2).unwrap_or_default();
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(authority) {
            return host.clone();
        }
        if hosts.len() >= HOSTS {
            hosts.retain(|_, host| *host.opening.borrow() > 0);
        }
        hosts.entry(authority.to_owned()).or_default().clone()
    }
}

impl<S> Layer<S> for Connections {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched(connector)
    }
}

/// A connector that records each connection that it opens.
#[derive(Debug, Clone)]
pub struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let sending = SENDING.try_with(Clone::clone).ok();
        let host = sending.as_ref().map(|sending| sending.0.host.clone());
        let opening = Opening::begin(host.unwrap_or_default());
        let connecting = self.0.call(request);
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
            .await?;
            let is_http2 = connection.connected().is_negotiated_h2();
            opening.0.is_http1.store(!is_http2, Ordering::Relaxed);
            opening.0.opened.fetch_add(1, Ordering::Relaxed);
            let _ = SENDING.try_with(|sending| sending.0.has_own.store(true, Ordering::Relaxed));
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
