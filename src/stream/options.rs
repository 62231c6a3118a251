//! The settings with which a response is read as a stream.

use std::time::Duration;

use tokio::time::Instant;

use crate::account::Account;
use crate::account::budget::Hold;
use crate::delivery::Coalescing;
use crate::request::routing::Route;
use crate::secret::Secrets;

/// The settings of one stream.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// The secrets of the request. They are removed where the server echoes them.
    pub secrets: Secrets,
    /// The account that pays for the answer.
    pub payer: Account,
    /// The models of the request.
    pub route: Route,
    /// The routing limits of the request, as text, for the error "No endpoints found".
    pub limits: Option<String>,
    /// What budgets have reserved for the answer.
    pub hold: Option<Hold>,
    /// Whether a stream of the endpoint is complete only with its last event. It need not be known of an answer whose first
    /// event shows it.
    pub marks_end: bool,
    /// How the deltas of a chat are merged; `None` means not at all.
    pub coalescing: Option<Coalescing>,
    /// When the request began.
    pub started: Instant,
    /// The longest time without a data event; `None` means no limit.
    pub idle: Option<Duration>,
    /// The longest time from `started` to the end; `None` means no limit.
    pub total: Option<Duration>,
    /// The largest event, in bytes.
    pub max_event_bytes: usize,
    /// The largest answer, in bytes: the completion of a stream, or a body that is not a stream.
    pub max_response_bytes: usize,
}
