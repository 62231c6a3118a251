//! What differs between the answers of the endpoints: how an event is read, and what is kept of it.

use std::fmt::Debug;
use std::sync::Arc;

use tokio::time::Instant;

use super::options::StreamOptions;
use super::received::Received;
use crate::completion::MAX_PARTIAL;
use crate::delivery::{Flow, Outbox};
use crate::error::api::Source;
use crate::error::{Error, ErrorKind};
use crate::json;
use crate::transport::{Head, Response};

/// Reads the events of one answer: adds each to what has been received, and writes it in the form that the consumer has
/// chosen.
pub trait Reader: Debug + Send + 'static {
    /// What has been received so far.
    type Progress: Received + Clone + 'static;
    /// An event that was parsed from `'t`.
    type Parsed<'t>;
    /// Whether bare lines of JSON are read as events. Otherwise such a body is a single text.
    const HAS_LINES: bool;

    /// Creates the reader of the body of `response`.
    fn new(response: &Response, options: &StreamOptions, past_limit: PastLimit) -> Self;

    /// Returns what has been received so far.
    fn progress(&self) -> &Self::Progress;

    /// Returns the response that is read.
    fn origin(&self) -> &Origin;

    /// Counts the bytes of a network read.
    fn count_bytes(&self, count: usize);

    /// Parses an event. Returns `None` if it is not a JSON object, or if it reports a failure: see [`Reader::refuse`].
    fn parse<'t>(&mut self, text: &'t str) -> Option<Self::Parsed<'t>>;

    /// Forgets the last event. To be called before events that were already read are read again, to be written.
    fn rewind(&mut self);

    /// Adds an event to what has been received, and writes into `out` what it is the first to tell. Returns whether the
    /// answer is complete with it. Fails if the answer becomes larger than its limits.
    fn add(&mut self, parsed: &Self::Parsed<'_>, arrived: Instant, out: &mut Outbox) -> Result<bool, Error>;

    /// Writes an event, which was parsed from `text`, in the form of `flow`.
    fn write(&self, parsed: &Self::Parsed<'_>, name: Option<&str>, text: &str, flow: Flow, out: &mut Outbox);

    /// Takes the facts of an event that could not be parsed, and returns the failure that it reports. `is_error` says that
    /// its name is `error`. Returns `None` if it is not a JSON object.
    fn take_failure<'t>(&self, text: &'t str, is_error: bool) -> Option<&'t str>;

    /// Sets the number of events. A failed event counts only after its error was made, see [`Reader::refuse`].
    fn count_events(&self, count: u64);

    /// Returns how many events may have brought a token of the answer.
    fn pieces(&self) -> u64 {
        self.progress().events()
    }

    /// Whether a body that is a single text is a part of a stream, and not a whole answer.
    fn is_part(text: &str) -> bool;

    /// Ends the answer, and writes the events of its end, such as the usage, into `out`. Fails if the answer was cut off.
    fn end(&self, close: Close, out: &mut Outbox) -> Result<(), Error>;

    /// Takes the usage of an event that arrived after the end. Everything else in the event is ignored.
    fn take_trailing(progress: &Self::Progress, text: &str);

    /// Returns the error of an event that could not be parsed, or that a gateway has named `error`.
    fn refuse(&self, text: &str, is_error: bool) -> Error {
        let number = self.progress().events() + 1;
        let source = self.source(200);
        let error = match self.take_failure(text, is_error) {
            Some(failure) => source.read_chunk(failure, text),
            // A gateway reports a failure in its own words.
            None if is_error => source.read_chunk(&json::quoted(text), text),
            None => malformed(text, number),
        };
        // Count the event after `fail`, which adds a partial answer only if events came before. Without a partial answer the
        // request may be sent again.
        let error = self.fail(error);
        self.count_events(number);
        error
    }

    /// Returns the error that a whole body reports.
    fn refuse_body(&self, body: &str) -> Error {
        Self::take_trailing(self.progress(), body);
        self.fail(self.source(self.origin().head.status).read(body))
    }

    /// Returns `error` with all that arrived before it.
    fn fail(&self, error: Error) -> Error {
        self.progress().attach_to(error)
    }

    /// Returns what reads the errors of the response, as if it had `status`.
    fn source(&self, status: u16) -> Source<'_> {
        let (origin, progress) = (self.origin(), self.progress());
        Source {
            status,
            headers: &origin.head.headers,
            secrets: progress.secrets(),
            base_url: progress.payer().base_url(),
            limits: origin.limits.as_deref(),
        }
    }
}

/// The response that an answer came with.
#[derive(Debug)]
pub struct Origin {
    head: Arc<Head>,
    /// The routing limits of the request, as text.
    limits: Option<String>,
}

impl Origin {
    pub(super) fn new(response: &Response, options: &StreamOptions) -> Self {
        Self {
            head: response.head().clone(),
            limits: options.limits.clone(),
        }
    }

    /// Whether the status of the response is 2xx.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.head.status)
    }
}

/// How an answer ended that reported no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// The API has ended it: with `[DONE]`, or with its last event.
    Done,
    /// Only its body ended.
    Body,
    /// Its body ended in the middle of an event.
    InEvent,
}

/// What happens with an answer that is larger than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastLimit {
    /// It fails.
    Fail,
    /// Its texts are not assembled further, because the body passes on to a reader of its own.
    Freeze,
}

impl PastLimit {
    /// Returns the largest size of what is assembled, in bytes.
    pub(super) fn max_bytes(self, options: &StreamOptions) -> usize {
        match self {
            Self::Fail => options.max_response_bytes,
            // What is assembled serves errors only.
            Self::Freeze => MAX_PARTIAL,
        }
    }
}

pub(super) fn truncated() -> Error {
    Error::new(
        ErrorKind::StreamTruncated,
        "The answer was cut off: the stream ended with neither [DONE] nor a finish_reason. error.partial has what \
         came. Please try again.",
    )
}

/// The error for a malformed event. It contains the number and the length of the event, but not its text, which may contain
/// a prompt.
fn malformed(text: &str, number: u64) -> Error {
    Error::new(
        ErrorKind::MalformedResponse,
        format!(
            "Event {number} of the stream, {} bytes long, is not a JSON object. Please try again; if it happens again, check \
             baseURL, and any proxy in between.",
            text.len()
        ),
    )
}
