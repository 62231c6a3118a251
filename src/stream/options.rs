//! What a stream is read with, apart from its response.

use std::time::Duration;

use tokio::time::Instant;

use crate::request::routing::Route;
use crate::secret::ApiKey;

/// Settings of one stream.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// The key that was sent, which is removed from what the server echoes.
    pub key: ApiKey,
    /// Which models were asked for.
    pub route: Route,
    /// The routing limits of the request, as words, for the error "No endpoints found".
    pub limits: Option<String>,
    /// When the request began.
    pub started: Instant,
    /// The longest time without a data event.
    pub idle: Option<Duration>,
    /// The longest time from `started` to the end.
    pub total: Option<Duration>,
    /// The largest event, in bytes.
    pub max_event_bytes: usize,
    /// The largest body that is not an event stream, in bytes.
    pub max_response_bytes: usize,
}
