//! What a client's connector does: whether a request that failed was sent on a connection that had served before, and to
//! which hosts one is being opened now. Many requests at once would each open one before any of them learns that a single
//! HTTP/2 connection carries them all.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::Connection;
use tokio::sync::watch;
use tokio::task::futures::TaskLocalFuture;
use tower_layer::Layer;
use tower_service::Service;

/// How long a connection that is being opened for another request is waited for at most: a handshake may have stalled.
const SETTLING: Duration = Duration::from_secs(1);
/// Hosts that are remembered; past this, those to which nothing is being opened are forgotten.
const HOSTS: usize = 32;

/// The connections of a client, as a layer of its connector.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<String, Arc<Host>>>>);

/// A request on its way, as its connector sees it.
#[derive(Debug, Clone)]
pub struct Sending(Arc<State>);

#[derive(Debug)]
struct State {
    host: Arc<Host>,
    /// How many connections had been opened to it before.
    opened_before: usize,
    /// Whether it was sent on one that was opened for it.
    has_own: AtomicBool,
}

tokio::task_local! {
    /// The connector is called by the request that needs it, and not told which that is.
    static SENDING: Sending;
}

#[derive(Debug, Default)]
struct Host {
    opening: watch::Sender<usize>,
    /// How many were opened.
    opened: AtomicUsize,
    /// How many were when the last response came.
    served: AtomicUsize,
    /// The last connection turned out to carry one request at a time.
    is_http1: AtomicBool,
}

impl Sending {
    /// Does `work`, which sends the request.
    pub fn scope<F: Future>(&self, work: F) -> TaskLocalFuture<Self, F> {
        SENDING.scope(self.clone(), work)
    }

    /// Waits for the connection to its host that is being opened, if there is one and it may carry another request;
    /// once, because after a failure everybody has to try, and for a part only of `limit`, the time for opening one.
    pub async fn settled(&self, limit: Option<Duration>) {
        let host = &self.0.host;
        // Subscribed to before it is looked at: an end in between is not missed.
        let mut opening = host.opening.subscribe();
        if *opening.borrow() > 0 && !host.is_http1.load(Ordering::Relaxed) {
            let limit = limit.map_or(SETTLING, |limit| SETTLING.min(limit / 4));
            // The sender lives as long as `host`.
            let _ = tokio::time::timeout(limit, opening.changed()).await;
        }
    }

    /// It has its response.
    pub fn is_served(&self) {
        let host = &self.0.host;
        host.served
            .store(host.opened.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Whether it was sent on a connection that had served before. Of HTTP/1 every idle one has; one of HTTP/2 takes
    /// requests while it is new, too.
    pub fn was_reused(&self) -> bool {
        let State {
            host,
            opened_before,
            has_own,
        } = &*self.0;
        let is_old = || {
            let served = host.served.load(Ordering::Relaxed);
            served == *opened_before && served == host.opened.load(Ordering::Relaxed)
        };
        !has_own.load(Ordering::Relaxed) && (host.is_http1.load(Ordering::Relaxed) || is_old())
    }
}

impl Connections {
    /// A request to `url` that is about to be sent.
    pub fn sending(&self, url: &str) -> Sending {
        let host = self.host(url);
        Sending(Arc::new(State {
            opened_before: host.opened.load(Ordering::Relaxed),
            host,
            has_own: AtomicBool::new(false),
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

/// A connector that tells of each connection it opens.
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
        let host = SENDING.try_with(|sending| sending.0.host.clone());
        let opening = Opening::begin(host.unwrap_or_default());
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            let is_http2 = connection.connected().is_negotiated_h2();
            opening.0.is_http1.store(!is_http2, Ordering::Relaxed);
            opening.0.opened.fetch_add(1, Ordering::Relaxed);
            // Where its request got another meanwhile, this goes on by itself, for the pool.
            let _ = SENDING.try_with(|sending| sending.0.has_own.store(true, Ordering::Relaxed));
            Ok(connection)
        })
    }
}

/// A connection being opened. It is over when this is dropped, however it ended.
struct Opening(Arc<Host>);

impl Opening {
    fn begin(host: Arc<Host>) -> Self {
        // Nobody waits for a beginning.
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
