//! The half of a stream that reads events: it puts each into the completion and writes it out in the form that its
//! consumer wants. The other half, which reads the network, lends it their text.

use tokio::time::Instant;

use crate::completion::{Choice, Chunk};
use crate::delivery::{Flow, Mode, Outbox, Template};
use crate::error::api::Source;
use crate::error::{Error, ErrorKind};
use crate::json;
use crate::request::routing::is_router;
use crate::secret::ApiKey;
use crate::sse::{Event, Framer};
use crate::stream::progress::{Progress, SharedProgress, lock};

/// The half that reads events; apart from the framer, which lends it their text.
#[derive(Debug)]
pub(crate) struct Reader {
    progress: SharedProgress,
    template: Option<Template>,
    key: ApiKey,
    headers: http::HeaderMap,
    limits: Option<String>,
}

impl Reader {
    pub(crate) fn new(progress: SharedProgress, headers: &http::HeaderMap, limits: Option<String>) -> Self {
        let key = lock(&progress).key.clone();
        Self {
            progress,
            template: None,
            key,
            headers: headers.clone(),
            limits,
        }
    }

    /// What the stream has brought so far.
    pub(crate) fn progress(&self) -> SharedProgress {
        self.progress.clone()
    }

    /// Where errors are read from.
    pub(crate) fn source(&self, status: u16) -> Source<'_> {
        Source {
            status,
            headers: &self.headers,
            key: &self.key,
            limits: self.limits.as_deref(),
        }
    }

    /// The error of an event that is one.
    pub(crate) fn refuse(&self, text: &str, is_error: bool) -> Result<(), Error> {
        if !is_error && Chunk::is_plainly_good(text) {
            return Ok(());
        }
        // What is told of a failure may echo the key, and stays to be seen in the completion so far.
        let text = &*self.key.scrub_json(text);
        match Chunk::parse(text) {
            Some(chunk) if is_error || chunk.failed() => {
                lock(&self.progress).completion.apply(&chunk);
                let error = chunk.error().or_else(|| is_error.then_some(text));
                Err(self.fail(self.source(200).read_chunk(error, text)))
            }
            Some(_) => Ok(()),
            None => Err(self.fail(malformed(text, self.number()))),
        }
    }

    /// Which event of the stream is being read, from 1: the first is looked at before it is counted.
    fn number(&self) -> u64 {
        lock(&self.progress).events.max(1)
    }

    /// `error` with what had arrived before it.
    pub(crate) fn fail(&self, mut error: Error) -> Error {
        let mut progress = lock(&self.progress);
        progress.close();
        let facts = error.facts_mut();
        facts.generation_id = facts
            .generation_id
            .take()
            .or_else(|| progress.generation_id.clone());
        facts.attempts = progress.route.failed.clone();
        if progress.events > 0 {
            facts.partial = Some(progress.loggable_json());
        }
        error
    }

    /// Reads an event; what it brings goes into the completion and, in the wanted form, into `out`.
    pub(crate) fn read(
        &mut self,
        text: &str,
        is_error: bool,
        arrived: Instant,
        flow: Flow,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        let mut progress = lock(&self.progress);
        progress.events += 1;
        if is_error {
            drop(progress);
            return self.refuse(text, true);
        }
        if let Some(content) = self.template.as_ref().and_then(|template| template.content(text)) {
            progress.completion.append_content(content);
            write_content(content, arrived, flow, out, &mut progress);
            if flow.mode == Mode::Chunks {
                out.content(content);
            }
            return Ok(());
        }
        let Some(chunk) = Chunk::parse(text).filter(|chunk| !chunk.failed()) else {
            drop(progress);
            return self.refuse(text, false);
        };
        progress.completion.apply(&chunk);
        write_facts(&chunk, out, &mut progress);
        for choice in chunk.choices() {
            write_choice(choice, arrived, flow, out, &mut progress);
        }
        // Only the chunk right before may be a template: what came between would be undone by its repetition.
        self.template = chunk.content_span().and_then(|span| Template::new(text, &span));
        match flow.mode {
            Mode::Chunks if self.template.is_some() => out.template(text),
            Mode::Chunks => out.chunk(text),
            _ => {}
        }
        Ok(())
    }

    /// Reads what came behind the end: nobody is told of more than its usage.
    pub(crate) fn late(&self, text: &str) {
        if let Some(chunk) = Chunk::parse(text).filter(|chunk| chunk.usage().is_some()) {
            lock(&self.progress).completion.apply(&chunk);
        }
    }

    /// The stream has ended, with or without `[DONE]`; without it and a finish reason it was cut.
    pub(crate) fn end(&mut self, out: &mut Outbox, done: bool) -> Result<(), Error> {
        let mut progress = lock(&self.progress);
        if !done && !progress.completion.has_finished() {
            drop(progress);
            return Err(self.fail(truncated()));
        }
        progress.close();
        if let Some(usage) = progress.completion.usage() {
            out.event("usage", usage);
        }
        // The API tells its attempts with the last chunk only.
        let model = progress.model.clone();
        progress.fallback = progress
            .route
            .fallback(model.as_deref(), progress.completion.metadata());
        Ok(())
    }
}

/// The events that a chunk's facts are.
fn write_facts(chunk: &Chunk<'_>, out: &mut Outbox, progress: &mut Progress) {
    if progress.model.is_none() {
        progress.model = chunk.model().filter(|model| !is_router(model)).map(Into::into);
        if let Some(model) = &progress.model {
            out.event("model", &json::quoted(model));
        }
    }
    if progress.fallback.is_none() {
        let metadata = progress.completion.metadata();
        progress.fallback = progress.route.fallback(progress.model.as_deref(), metadata);
        if let Some(fallback) = &progress.fallback {
            out.event("fallback", &fallback.to_json());
        }
    }
}

/// The content, reasoning and tool calls of a choice; only the first choice is told of by itself.
fn write_choice(
    choice: &Choice<'_>,
    arrived: Instant,
    flow: Flow,
    out: &mut Outbox,
    progress: &mut Progress,
) {
    if choice.index() != 0 {
        return;
    }
    if let Some(reasoning) = choice.reasoning() {
        progress.note_first_token(arrived);
        if flow.reasoning_events {
            out.event("reasoning", &format!("\"{reasoning}\""));
        }
    }
    if let Some(content) = choice.content() {
        write_content(content, arrived, flow, out, progress);
    }
    if !choice.tool_calls().is_empty() {
        progress.note_first_token(arrived);
    }
}

fn write_content(content: &str, arrived: Instant, flow: Flow, out: &mut Outbox, progress: &mut Progress) {
    if content.is_empty() {
        return;
    }
    progress.note_first_token(arrived);
    match flow.mode {
        Mode::Text => out.text(content),
        Mode::Deltas => return out.content(content),
        _ => {}
    }
    if flow.content_events {
        out.event("content", &format!("\"{content}\""));
    }
}

/// Takes what stands behind `[DONE]`: usage may come there (S11).
pub(crate) fn late(framer: &mut Framer, mut take: impl FnMut(&str)) {
    while let Ok(Some(event)) = framer.next() {
        if let Event::Data { data, .. } = event {
            take(&data);
        }
    }
}

pub(crate) fn is_error(name: Option<&str>) -> bool {
    name == Some("error")
}

pub(crate) fn truncated() -> Error {
    Error::new(
        ErrorKind::StreamTruncated,
        "The answer was cut off: the stream ended with neither [DONE] nor a finish_reason. error.partial has what came.",
    )
}

/// Where it is and how long, not what it says: the text may be somebody's prompt (S5, K3).
fn malformed(text: &str, number: u64) -> Error {
    Error::new(
        ErrorKind::MalformedResponse,
        format!(
            "Event {number} of the stream, {} bytes long, is not a JSON object.",
            text.len()
        ),
    )
}
