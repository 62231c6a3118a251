//! What a client's connector does: whether it opened a connection for a request (one that failed without was sent on a
//! connection that had served before), and to which hosts it is opening one now. Many requests at once would each open
//! one before any of them learns that a single HTTP/2 connection carries them all.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::Connection;
use tokio::sync::watch;
use tokio::task::futures::TaskLocalFuture;
use tower_layer::Layer;
use tower_service::Service;

/// Hosts that are remembered; past this, those to which nothing is being opened are forgotten.
const HOSTS: usize = 32;

/// The connections of a client, as a layer of its connector.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<String, Arc<Host>>>>);

/// A request on its way, as its connector sees it.
#[derive(Debug, Clone, Default)]
pub struct Sending(Arc<(Arc<Host>, AtomicBool)>);

tokio::task_local! {
    /// The connector is called by the request that needs it, and not told which that is.
    static SENDING: Sending;
}

#[derive(Debug, Default)]
struct Host {
    opening: watch::Sender<usize>,
    /// The last connection turned out to carry one request at a time.
    is_http1: AtomicBool,
}

impl Sending {
    /// Does `work`, which sends the request.
    pub fn scope<F: Future>(&self, work: F) -> TaskLocalFuture<Self, F> {
        SENDING.scope(self.clone(), work)
    }

    /// Waits for the connection to its host that is being opened, if there is one and it may carry another request;
    /// once, because after a failure everybody has to try.
    pub async fn settled(&self) {
        let host = &self.0.0;
        // Subscribed to before it is looked at: an end in between is not missed.
        let mut opening = host.opening.subscribe();
        if *opening.borrow() > 0 && !host.is_http1.load(Ordering::Relaxed) {
            // It cannot fail: the sender lives as long as `host`.
            let _ = opening.changed().await;
        }
    }

    /// Whether a connection was opened for it. Where none was, it had one that served before.
    pub fn has_opened(&self) -> bool {
        self.0.1.load(Ordering::Relaxed)
    }
}

impl Connections {
    /// A request to `url` that is about to be sent.
    pub fn sending(&self, url: &str) -> Sending {
        Sending(Arc::new((self.host(url), AtomicBool::new(false))))
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
        let sending = SENDING.try_with(Sending::clone).unwrap_or_default();
        let (host, has_opened) = &*sending.0;
        has_opened.store(true, Ordering::Relaxed);
        let attempt = Attempt::begin(host.clone());
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            let is_http2 = connection.connected().is_negotiated_h2();
            attempt.0.is_http1.store(!is_http2, Ordering::Relaxed);
            Ok(connection)
        })
    }
}

/// A connection being opened. It is over when this is dropped, however it ended.
struct Attempt(Arc<Host>);

impl Attempt {
    fn begin(host: Arc<Host>) -> Self {
        // Nobody waits for a beginning.
        host.opening.send_if_modified(|count| {
            *count += 1;
            false
        });
        Self(host)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0
            .opening
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}
