//! How many connections were opened: a request that failed while none was had one that served before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

/// Counts the connections that a client opens, as a layer of its connector.
#[derive(Debug, Clone, Default)]
pub struct Opened(Arc<AtomicUsize>);

impl Opened {
    /// How many were begun so far.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
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

impl<S: Service<R>, R> Service<R> for Counted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.opened.0.fetch_add(1, Ordering::Relaxed);
        self.connector.call(request)
    }
}
