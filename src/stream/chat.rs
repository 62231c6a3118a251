//! Reads the events of a chat: chunks of a completion.

use tokio::time::Instant;

use super::form::is_chunk;
use super::options::StreamOptions;
use super::progress::{Progress, State};
use super::reader::{Close, Origin, PastLimit, Reader, truncated};
use crate::completion::{Choice, Chunk};
use crate::delivery::{Flow, Mode, Outbox, Template};
use crate::error::{Error, ErrorKind};
use crate::json;
use crate::request::routing::{Fallback, is_router};
use crate::secret::Secrets;
use crate::transport::{Response, too_large};

/// Reads the events of one chat.
#[derive(Debug)]
pub struct ChatReader {
    progress: Progress,
    origin: Origin,
    /// The last event, if it can be the template of the next one, which may then be only its content.
    template: Option<Template>,
    max_response_bytes: usize,
    past_limit: PastLimit,
    /// Whether chunks that bring nothing but text are merged.
    merges: bool,
}

/// A parsed event.
pub enum Parsed<'t> {
    /// An event that differs from the one before in its content only. This is the body of the JSON string of the content.
    Content(&'t str),
    /// A whole chunk.
    Chunk(Chunk<'t>),
}

impl Reader for ChatReader {
    type Progress = Progress;
    type Parsed<'t> = Parsed<'t>;
    const HAS_LINES: bool = true;

    fn new(response: &Response, options: &StreamOptions, past_limit: PastLimit) -> Self {
        let generation_id = response.header("x-generation-id").map(str::to_owned);
        Self {
            progress: Progress::new(options, generation_id),
            origin: Origin::new(response, options),
            template: None,
            max_response_bytes: past_limit.max_bytes(options),
            past_limit,
            merges: options.coalescing.is_some(),
        }
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn count_bytes(&self, count: usize) {
        self.progress.lock().bytes += count as u64;
    }

    fn count_events(&self, count: u64) {
        self.progress.lock().events = count;
    }

    fn parse<'t>(&mut self, text: &'t str) -> Option<Parsed<'t>> {
        if let Some(content) = self.template.as_mut().and_then(|last| last.content(text)) {
            return Some(Parsed::Content(content));
        }
        let chunk = Chunk::parse(text).filter(|chunk| chunk.failure().is_none())?;
        // Keep the template for the next event only. A bare content delta does not set the other fields again, so no event
        // in between may have changed them.
        self.template = chunk
            .content_span()
            .and_then(|span| Template::new(text, &span, None));
        Some(Parsed::Chunk(chunk))
    }

    fn rewind(&mut self) {
        self.template = None;
    }

    fn add(&mut self, parsed: &Parsed<'_>, arrived: Instant, out: &mut Outbox) -> Result<bool, Error> {
        let excess = self.assemble(parsed, arrived, out);
        excess.map_or(Ok(false), |error| Err(self.fail(error)))
    }

    fn write(&self, parsed: &Parsed<'_>, _: Option<&str>, text: &str, flow: Flow, out: &mut Outbox) {
        // The bytes of a body are merged by its coalescer.
        if self.merges && flow.mode != Mode::Bytes && out.merge(text, flow) {
            return;
        }
        match parsed {
            Parsed::Content(content) => {
                out.delta(Some(content), None, flow);
                if flow.mode == Mode::Chunks {
                    out.content(content);
                }
            }
            Parsed::Chunk(chunk) => {
                let first = chunk.choices().iter().filter(|choice| choice.index() == 0);
                first.for_each(|choice| {
                    let reasoning = choice.shown_reasoning().filter(|_| flow.reasoning_events);
                    out.delta(choice.content().as_deref(), reasoning.as_deref(), flow);
                });
                match flow.mode {
                    Mode::Chunks if self.template.is_some() && !self.merges => out.template(text, None),
                    Mode::Chunks => out.chunk(text),
                    _ => {}
                }
            }
        }
    }

    fn take_failure<'t>(&self, text: &'t str, is_error: bool) -> Option<&'t str> {
        let chunk = Chunk::parse(text)?;
        // The text of an error is more likely than others to echo the key, and becomes part of the completion so far.
        let clean = self.progress.secrets().scrub_json(text);
        if let Some(clean) = Chunk::parse(&clean) {
            self.progress.lock().completion.apply(&clean);
        }
        let stated = chunk.failure().filter(|error| *error != "{}" || !is_error);
        Some(stated.unwrap_or(text))
    }

    fn is_part(text: &str) -> bool {
        is_chunk(text)
    }

    fn end(&self, close: Close, out: &mut Outbox) -> Result<(), Error> {
        let mut state = self.progress.lock();
        if close != Close::Done && !state.completion.has_finished() {
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

    fn take_trailing(progress: &Progress, text: &str) {
        progress.take_trailing(text);
    }
}

impl ChatReader {
    /// Adds an event to the completion. Returns the error of a completion that is too large.
    fn assemble(&self, parsed: &Parsed<'_>, arrived: Instant, out: &mut Outbox) -> Option<Error> {
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
