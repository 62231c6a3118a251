//! What a request tells about itself: log lines and diagnostics, as data. Both go to JavaScript as notes of the hub,
//! and only where somebody listens; no note holds a key or a prompt.

mod attributes;
mod exchange;
mod outcome;

use std::sync::Arc;

use crate::delivery::Hub;
use crate::error::Error;
use crate::json;
use crate::secret::redact;
use crate::stream::Progress;
use crate::transport::Response;

use exchange::Exchange;

pub use attributes::Asked;
pub use outcome::Outcome;

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For who looks for a fault.
    Debug,
    /// What goes on.
    Info,
    /// What was odd.
    Warn,
    /// What failed.
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

/// Who listens to a client, or to one call of it.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    hub: Option<Arc<Hub>>,
    logger: u32,
    exchange: Option<Arc<Exchange>>,
}

impl Observer {
    /// Notes go to `hub`; `logger` is the number JavaScript knows the logger by, 0 for none; `call` the number of the
    /// call whose events the diagnostics channels are told, 0 where they have no subscriber.
    pub fn new(hub: Arc<Hub>, logger: u32, call: u32) -> Self {
        Self {
            exchange: (call != 0).then(|| Arc::new(Exchange::new(hub.clone(), call))),
            hub: Some(hub),
            logger,
        }
    }

    /// Writes a log line.
    pub fn log(&self, level: Level, message: impl FnOnce() -> String) {
        if self.logger == 0 {
            return;
        }
        if let Some(hub) = &self.hub {
            let line = json::quoted(&format!("[OpenRouter] {}", redact(&message())));
            hub.note(format!("[\"log\",{},\"{}\",{line}]", self.logger, level.name()));
        }
    }

    /// Whether the diagnostics channels have subscribers.
    pub fn has_subscribers(&self) -> bool {
        self.exchange.is_some()
    }

    /// Publishes a request that is about to be sent.
    pub fn publish_request(&self, request: Asked<'_>) {
        if let Some(exchange) = &self.exchange {
            exchange.ask(request);
        }
    }

    /// Publishes a response: `completion` is the answer, where it is whole; `stream` says whether one follows.
    pub fn publish_response(&self, response: &Response, completion: Option<&str>, stream: bool) {
        if let Some(exchange) = &self.exchange {
            exchange.answer(response, completion, stream);
        }
    }

    /// Publishes the end of a stream, with all that it has brought.
    pub fn publish_end(&self, progress: &Progress) {
        if let Some(exchange) = &self.exchange {
            exchange.end(progress);
        }
    }

    /// Publishes a failure; `progress` is what a stream had brought until then.
    pub fn publish_error(&self, error: &Error, progress: Option<&Progress>) {
        if let Some(exchange) = &self.exchange {
            exchange.fail(error, progress);
        }
    }

    /// A chat is under way: if it is dropped from here on before it was told to be over, that was an abort, and is
    /// told with what `progress` had brought.
    pub fn begin(&self, progress: Option<Progress>) {
        if let Some(exchange) = &self.exchange {
            exchange.begin(progress);
        }
    }

    /// The chat is over, and was told to be.
    pub fn conclude(&self) {
        if let Some(exchange) = &self.exchange {
            exchange.conclude();
        }
    }
}
