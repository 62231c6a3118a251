//! What a client's connector does: how many connections it opened (a request that failed while none was had one that
//! served before), and to which hosts it is opening one now. Many requests at once would each open one before any of
//! them learns that a single HTTP/2 connection carries them all.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::Connection;
use tokio::sync::watch;
use tower_layer::Layer;
use tower_service::Service;

/// Hosts that are remembered; past this, those to which nothing is being opened are forgotten.
const HOSTS: usize = 32;

/// The connections of a client, as a layer of its connector.
#[derive(Debug, Clone, Default)]
pub struct Opened(Arc<State>);

#[derive(Debug, Default)]
struct State {
    begun: AtomicUsize,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
    /// Whom the last request is for. The connector is not told; it is called before the next request is sent.
    asked: Mutex<Arc<Host>>,
}

#[derive(Debug, Default)]
struct Host {
    opening: watch::Sender<usize>,
    /// The last connection turned out to carry one request at a time.
    is_http1: AtomicBool,
}

impl Opened {
    /// How many were begun so far.
    pub fn count(&self) -> usize {
        self.0.begun.load(Ordering::Relaxed)
    }

    /// Waits for the connection to the host of `url` that is being opened, if there is one and it may carry another
    /// request; once, because after a failure everybody has to try. To be called right before a request is sent.
    pub async fn settled(&self, url: &str) {
        let host = self.host(url);
        // Subscribed to before it is looked at: an end in between is not missed.
        let mut opening = host.opening.subscribe();
        if *opening.borrow() > 0 && !host.is_http1.load(Ordering::Relaxed) {
            // It cannot fail: the sender lives as long as `host`.
            let _ = opening.changed().await;
        }
        *self.0.asked.lock().unwrap_or_else(PoisonError::into_inner) = host;
    }

    fn host(&self, url: &str) -> Arc<Host> {
        let authority = url.split(['/', '?', '#']).nth(2).unwrap_or_default();
        let mut hosts = self.0.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(authority) {
            return host.clone();
        }
        if hosts.len() >= HOSTS {
            hosts.retain(|_, host| *host.opening.borrow() > 0);
        }
        hosts.entry(authority.to_owned()).or_default().clone()
    }
}

impl<S> Layer<S> for Opened {
    type Service = Counted<S>;

    fn layer(&self, connector: S) -> Counted<S> {
        Counted {
            connector,
            opened: self.clone(),
        }
    }
}

/// A connector whose connections are counted.
#[derive(Debug, Clone)]
pub struct Counted<S> {
    connector: S,
    opened: Opened,
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let state = &self.opened.0;
        state.begun.fetch_add(1, Ordering::Relaxed);
        let host = state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let attempt = Attempt::begin(host);
        let connecting = self.connector.call(request);
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
