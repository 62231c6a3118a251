//! What a request tells about itself: log lines and diagnostics, as data. Both go to JavaScript as notes of the hub,
//! and only where somebody listens; no note holds a key or a prompt.

use std::sync::Arc;

use crate::delivery::Hub;
use crate::json::{self, Fields};

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

/// Who listens to a client.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    hub: Option<Arc<Hub>>,
    logger: u32,
    channels: bool,
}

impl Observer {
    /// Notes go to `hub`; `logger` is the number JavaScript knows the logger by, 0 for none; `channels` says whether
    /// the diagnostics channels have subscribers.
    pub fn new(hub: Arc<Hub>, logger: u32, channels: bool) -> Self {
        Self {
            hub: Some(hub),
            logger,
            channels,
        }
    }

    /// Writes a log line.
    pub fn log(&self, level: Level, message: impl FnOnce() -> String) {
        if self.logger == 0 {
            return;
        }
        if let Some(hub) = &self.hub {
            let line = json::quoted(&format!("[OpenRouter] {}", message()));
            hub.note(format!("[\"log\",{},\"{}\",{line}]", self.logger, level.name()));
        }
    }

    /// Publishes `fields` on the diagnostics channel `openrouter:<name>`.
    pub fn publish(&self, name: &str, fields: impl FnOnce(&mut Fields)) {
        if !self.channels {
            return;
        }
        if let Some(hub) = &self.hub {
            let mut data = Fields::new();
            fields(&mut data);
            hub.note(format!("[\"channel\",\"{name}\",{}]", data.finish()));
        }
    }
}
