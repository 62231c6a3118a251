//! The log lines and diagnostics events of requests, as data. Both are sent to JavaScript as notes of the hub, and only if
//! there is a logger or a subscriber for them. No note contains a prompt or a secret: see [`Observer::hiding`].

mod attributes;
mod exchange;
mod outcome;

use std::sync::Arc;

use bytes::Bytes;

use crate::delivery::Hub;
use crate::error::Error;
use crate::json;
use crate::runtime;
use crate::secret::Secrets;
use crate::stream::Received;
use crate::transport::Response;

use exchange::Exchange;

pub use attributes::{ChatAttributes, PublishedRequest, PublishedRetry};
pub use outcome::Outcome;

/// The level of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Details that help to find a fault.
    Debug,
    /// Normal operation.
    Info,
    /// A problem that does not fail the request.
    Warn,
    /// A failure.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Sends the log lines and events of a client, or of one of its calls, to their listeners.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    hub: Option<Arc<Hub>>,
    logger: u32,
    exchange: Option<Arc<Exchange>>,
    call: Option<Arc<Call>>,
    secrets: Secrets,
}

/// A call of JavaScript. JavaScript keeps the async context of a call until nothing more is sent for it.
#[derive(Debug)]
struct Call {
    hub: Arc<Hub>,
    id: u32,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.hub.note(format!("[\"over\",{}]", self.id));
    }
}

impl Observer {
    /// Creates an observer that sends notes to `hub`. `logger` is the number by which JavaScript knows the logger, 0 for
    /// none. `call` is the number by which it knows the call, 0 if there is neither a logger nor a subscriber. Events are
    /// published on the diagnostics channels if those have subscribers.
    pub fn new(hub: Arc<Hub>, logger: u32, call: u32, has_subscribers: bool) -> Self {
        let id = call;
        let call = (id != 0).then(|| Arc::new(Call { hub: hub.clone(), id }));
        let observed = call.clone().filter(|_| has_subscribers);
        Self {
            exchange: observed.map(|call| Arc::new(Exchange::new(call))),
            call,
            hub: Some(hub),
            logger,
            secrets: Secrets::default(),
        }
    }

    /// Returns this observer, which removes `secrets` from all that it sends from now on.
    pub fn hiding(mut self, secrets: &Secrets) -> Self {
        if let Some(exchange) = &self.exchange {
            exchange.hide(secrets);
        }
        self.secrets = secrets.clone();
        self
    }

    /// Writes a log line. `message` is not called if there is no logger.
    pub fn log(&self, level: Level, message: impl FnOnce() -> String) {
        if self.logger == 0 {
            return;
        }
        if let Some(hub) = &self.hub {
            let line = json::quoted(&format!("[OpenRouter] {}", self.secrets.scrub(&message())));
            let call = self.call.as_ref().map_or(0, |call| call.id);
            hub.note(format!(
                "[\"log\",{},\"{}\",{line},{call}]",
                self.logger,
                level.name()
            ));
        }
    }

    /// Whether log lines go to a logger.
    pub fn has_logger(&self) -> bool {
        self.logger != 0 && self.hub.is_some()
    }

    /// Whether the diagnostics channels have subscribers.
    pub fn has_subscribers(&self) -> bool {
        self.exchange.is_some()
    }

    /// Returns the attributes of a request with this body, which asks a model to `operation`, if the channels have subscribers.
    pub async fn attributes(&self, operation: &'static str, body: &Bytes) -> Option<ChatAttributes> {
        if !self.has_subscribers() {
            return None;
        }
        let (size, body) = (body.len(), body.clone());
        let read = runtime::off_thread_if_large(size, move || ChatAttributes::of(operation, &body));
        read.await.ok()
    }

    /// Publishes a request that is about to be sent.
    pub fn publish_request(&self, request: PublishedRequest<'_>) {
        if let Some(exchange) = &self.exchange {
            exchange.ask(request);
        }
    }

    /// Publishes that a failed request is followed by another one.
    pub fn publish_retry(&self, retry: PublishedRetry<'_>) {
        if let Some(exchange) = &self.exchange {
            exchange.retry(retry);
        }
    }

    /// Publishes a response. `completion` is its body if it is a whole completion, `stream` says whether a stream follows.
    pub fn publish_response(&self, response: &Response, completion: Option<&str>, stream: bool) {
        if let Some(exchange) = &self.exchange {
            exchange.answer(response, completion, stream);
        }
    }

    /// Publishes the end of a stream, with all that it has received.
    pub fn publish_end(&self, progress: &dyn Received) {
        if let Some(exchange) = &self.exchange {
            exchange.end(progress);
        }
    }

    /// Publishes a failure. `progress` is what the stream had received before it.
    pub fn publish_error(&self, error: &Error, progress: Option<&dyn Received>) {
        if let Some(exchange) = &self.exchange {
            exchange.fail(error, progress);
        }
    }

    /// Marks a request as in progress. If it is dropped before [`Observer::conclude`], an abort is published.
    pub fn begin(&self) {
        if let Some(exchange) = &self.exchange {
            exchange.begin(None);
        }
    }

    /// Like [`Observer::begin`], for a stream that is open: the abort is published with what `progress` has received.
    pub fn begin_stream(&self, progress: impl Received + 'static) {
        if let Some(exchange) = &self.exchange {
            exchange.begin(Some(Arc::new(progress)));
        }
    }

    /// Marks the chat as ended: its end or failure was published.
    pub fn conclude(&self) {
        if let Some(exchange) = &self.exchange {
            exchange.conclude();
        }
    }
}
