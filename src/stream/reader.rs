//! Reads events: adds each to the completion, and writes it in the form that the consumer has chosen.

use std::sync::Arc;

use tokio::time::Instant;

use super::options::StreamOptions;
use super::progress::{Progress, State};
use crate::account::budget::{self, Hold};
use crate::completion::{Choice, Chunk, MAX_PARTIAL};
use crate::delivery::{Flow, Mode, Outbox, Template};
use crate::error::api::Source;
use crate::error::{Error, ErrorKind};
use crate::json;
use crate::request::routing::{Fallback, is_router};
use crate::secret::Secrets;
use crate::transport::{Head, Response, too_large};

/// Reads the events of one stream.
#[derive(Debug)]
pub(super) struct EventReader {
    progress: Progress,
    /// The last event, if it can be the template of the next one, which may then be only its content.
    template: Option<Template>,
    head: Arc<Head>,
    limits: Option<String>,
    max_response_bytes: usize,
    /// How many events the budgets allow.
    max_events: u64,
    past_limit: PastLimit,
}

/// What happens with an answer that is larger than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PastLimit {
    /// It fails.
    Fail,
    /// Its messages are not assembled further, because the body passes on to somebody who reads it.
    Freeze,
}

/// A parsed event.
pub(super) enum Parsed<'t> {
    /// An event that differs from the one before in its content only. This is the body of the JSON string of the content.
    Content(&'t str),
    /// A whole chunk.
    Chunk(Chunk<'t>),
}

impl EventReader {
    pub(super) fn new(
        progress: Progress,
        response: &Response,
        options: &StreamOptions,
        past_limit: PastLimit,
    ) -> Self {
        Self {
            progress,
            template: None,
            head: response.head().clone(),
            limits: options.limits.clone(),
            max_response_bytes: match past_limit {
                PastLimit::Fail => options.max_response_bytes,
                // The messages serve errors only.
                PastLimit::Freeze => MAX_PARTIAL,
            },
            max_events: options.hold.as_ref().map_or(u64::MAX, Hold::max_events),
            past_limit,
        }
    }

    pub(super) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Forgets the last event. To be called before events that were already read are read again, to be written.
    pub(super) fn rewind(&mut self) {
        self.template = None;
    }

    /// Parses an event. Returns `None` if it is not a JSON object, or if it reports a failure: see [`EventReader::refuse`].
    pub(super) fn parse<'t>(&mut self, text: &'t str) -> Option<Parsed<'t>> {
        if let Some(content) = self.template.as_ref().and_then(|last| last.content(text)) {
            return Some(Parsed::Content(content));
        }
        let chunk = Chunk::parse(text).filter(|chunk| chunk.failure().is_none())?;
        // Keep the template for the next event only. A bare content delta does not set the other fields again, so no event
        // in between may have changed them.
        self.template = chunk.content_span().and_then(|span| Template::new(text, &span));
        Some(Parsed::Chunk(chunk))
    }

    /// Adds an event to the completion. Writes the model and a fallback into `out` when they become known. Fails if the
    /// completion becomes larger than the limit.
    pub(super) fn assemble(
        &self,
        parsed: &Parsed<'_>,
        arrived: Instant,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        let excess = self.add(parsed, arrived, out);
        excess.map_or(Ok(()), |error| Err(self.fail(error)))
    }

    /// Adds an event to the completion. Returns the error of a completion that is too large.
    fn add(&self, parsed: &Parsed<'_>, arrived: Instant, out: &mut Outbox) -> Option<Error> {
        let progress = &self.progress;
        let state = &mut *progress.lock();
        state.events += 1;
        match parsed {
            Parsed::Content(content) => {
                state.completion.append_content(content);
                if !content.is_empty() {
                    progress.note_first_token(state, arrived);
                }
            }
            Parsed::Chunk(chunk) => {
                state.completion.apply(chunk);
                if chunk.choices().iter().any(is_token) {
                    progress.note_first_token(state, arrived);
                }
                announce_model(chunk, state, progress.secrets(), out);
                self.announce_fallback(state, out);
            }
        }
        if state.events > self.max_events {
            return Some(budget::passed());
        }
        let is_large = state.completion.size() > self.max_response_bytes;
        match (self.past_limit, state.completion.excess()) {
            (PastLimit::Fail, Some(excess)) => Some(Error::new(
                ErrorKind::ResponseTooLarge,
                format!("{excess} This client reads no more; error.partial has what came."),
            )),
            (PastLimit::Fail, None) => {
                is_large.then(|| too_large(self.max_response_bytes, "maxResponseBytes"))
            }
            (PastLimit::Freeze, excess) => {
                if is_large || excess.is_some() {
                    state.completion.freeze_messages();
                }
                None
            }
        }
    }

    /// Writes an event, which was parsed from `text`, in the form of `flow`.
    pub(super) fn write(&self, parsed: &Parsed<'_>, text: &str, flow: Flow, out: &mut Outbox) {
        match parsed {
            Parsed::Content(content) => {
                write_content(content, flow, out);
                if flow.mode == Mode::Chunks {
                    out.content(content);
                }
            }
            Parsed::Chunk(chunk) => {
                let first = chunk.choices().iter().filter(|choice| choice.index() == 0);
                first.for_each(|choice| write_choice(choice, flow, out));
                match flow.mode {
                    Mode::Chunks if self.template.is_some() => out.template(text),
                    Mode::Chunks => out.chunk(text),
                    _ => {}
                }
            }
        }
    }

    /// Returns the error of an event that could not be parsed, or that a gateway has named `error`.
    pub(super) fn refuse(&self, text: &str, is_error: bool) -> Error {
        let number = self.progress.lock().events + 1;
        let error = match Chunk::parse(text) {
            // A gateway reports a failure in its own words.
            None if is_error => self.source(200).read_chunk(&json::quoted(text), text),
            None => malformed(text, number),
            Some(chunk) => {
                // The text of an error is more likely than others to echo the key, and becomes part of the completion so far.
                let clean = self.progress.secrets().scrub_json(text);
                if let Some(clean) = Chunk::parse(&clean) {
                    self.progress.lock().completion.apply(&clean);
                }
                let stated = chunk.failure().filter(|error| *error != "{}" || !is_error);
                self.source(200).read_chunk(stated.unwrap_or(text), text)
            }
        };
        // Count the event after `fail`, which adds a partial answer only if events came before. Without a partial answer the
        // request may be sent again.
        let error = self.fail(error);
        self.progress.lock().events = number;
        error
    }

    /// Whether the status of the response is 2xx.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.head.status)
    }

    /// Returns the error that a whole body reports.
    pub(super) fn refuse_body(&self, body: &str) -> Error {
        self.progress.take_trailing(body);
        self.fail(self.source(self.head.status).read(body))
    }

    fn source(&self, status: u16) -> Source<'_> {
        Source {
            status,
            headers: &self.head.headers,
            secrets: self.progress.secrets(),
            base_url: self.progress.payer().base_url(),
            limits: self.limits.as_deref(),
        }
    }

    /// Returns `error` with all that arrived before it.
    pub(super) fn fail(&self, error: Error) -> Error {
        self.progress.attach_to(error)
    }

    /// Ends the stream. Without `[DONE]` and without a finish reason it was cut off, which is an error.
    pub(super) fn end(&self, is_done: bool, out: &mut Outbox) -> Result<(), Error> {
        let mut state = self.progress.lock();
        if !is_done && !state.completion.has_finished() {
            drop(state);
            return Err(self.fail(truncated()));
        }
        if let Some(usage) = state.completion.usage() {
            out.event("usage", &self.progress.secrets().scrub_json(usage));
        }
        // The API explains a fallback in the last chunk only.
        state.fallback = self.fallback_of(&state);
        drop(state);
        self.progress.close();
        Ok(())
    }

    fn announce_fallback(&self, state: &mut State, out: &mut Outbox) {
        if state.fallback.is_none() {
            state.fallback = self.fallback_of(state);
            if let Some(fallback) = &state.fallback {
                let fallback = fallback.to_json();
                out.event("fallback", &self.progress.secrets().scrub_values(&fallback));
            }
        }
    }

    fn fallback_of(&self, state: &State) -> Option<Fallback> {
        let metadata = state.completion.metadata();
        self.progress.route().fallback(state.model.as_deref(), metadata)
    }
}

fn announce_model(chunk: &Chunk<'_>, state: &mut State, secrets: &Secrets, out: &mut Outbox) {
    if state.model.is_some() {
        return;
    }
    state.model = chunk.model().filter(|model| !is_router(model)).map(Into::into);
    if let Some(model) = &state.model {
        out.event("model", &json::quoted(&secrets.scrub(model)));
    }
}

/// Whether a choice contains a token of the answer.
fn is_token(choice: &Choice<'_>) -> bool {
    let has_content = || choice.content().is_some_and(|content| !content.is_empty());
    choice.index() == 0
        && (has_content() || choice.shown_reasoning().is_some() || !choice.tool_calls().is_empty())
}

/// Writes the reasoning and content of the first choice.
fn write_choice(choice: &Choice<'_>, flow: Flow, out: &mut Outbox) {
    if flow.reasoning_events
        && let Some(reasoning) = choice.shown_reasoning()
    {
        out.event("reasoning", &format!("\"{reasoning}\""));
    }
    if let Some(content) = choice.content() {
        write_content(&content, flow, out);
    }
}

fn write_content(content: &str, flow: Flow, out: &mut Outbox) {
    if content.is_empty() {
        return;
    }
    match flow.mode {
        Mode::Text => out.text(content),
        Mode::Deltas => return out.content(content),
        _ => {}
    }
    if flow.content_events {
        out.event("content", &format!("\"{content}\""));
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
pub(super) fn malformed(text: &str, number: u64) -> Error {
    Error::new(
        ErrorKind::MalformedResponse,
        format!(
            "Event {number} of the stream, {} bytes long, is not a JSON object. Please try again; if it happens again, check \
             baseURL, and any proxy in between.",
            text.len()
        ),
    )
}
