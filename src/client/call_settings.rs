//! The settings that a single call may have instead of those of its client.

use serde_json::Value;

use crate::config::{Config, coalesce};
use crate::delivery::Coalescing;
use crate::error::{Error, invalid_option};
use crate::json::{self, Object};
use crate::request::headers::Headers;
use crate::transport::timeouts::Timeouts;

/// The settings of one call.
#[derive(Debug)]
pub(super) struct CallSettings {
    pub(super) timeouts: Timeouts,
    pub(super) max_retries: u32,
    /// How the deltas of the chat are merged.
    pub(super) coalescing: Option<Coalescing>,
    /// The headers of the call itself, which are added to those of the client.
    pub(super) headers: Headers,
}

impl CallSettings {
    /// Reads the settings among the options of a call. The others are those of `config`.
    pub(super) fn read(config: &Config, options: &Object<'_>) -> Result<Self, Error> {
        let value = |name| options.present(name).and_then(json::value).unwrap_or(Value::Null);
        let max_retries = match value("maxRetries") {
            Value::Null => config.max_retries,
            value => value
                .as_u64()
                .and_then(|n| u32::try_from(n).ok())
                .ok_or_else(|| invalid_option("maxRetries", "a whole number, zero or more"))?,
        };
        Ok(Self {
            timeouts: config.timeouts.merged(&value("timeouts"))?,
            max_retries,
            coalescing: coalesce(&value("coalesce"))?.unwrap_or(config.coalescing),
            headers: Headers::from_json(&value("headers"))?,
        })
    }
}
