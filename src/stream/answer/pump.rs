//! Turns the reads of a response body into events, and decides how the answer ended. A stream of the client and a body that
//! passes through `fetch` are read by the same rules.

use std::sync::Arc;

use bytes::Bytes;

use super::progress::AnswerProgress;
use crate::answer::{Event, Family};
use crate::completion::MAX_PARTIAL;
use crate::delivery::{Flow, Mode, Outbox};
use crate::error::Error;
use crate::error::api::Source;
use crate::json;
use crate::sse;
use crate::stream::StreamOptions;
use crate::stream::body::{Body, MAX_BEFORE};
use crate::stream::reader::{malformed, truncated};
use crate::transport::{Head, Response, decoded, too_large};

/// Reads one response body.
#[derive(Debug)]
pub struct AnswerPump {
    progress: AnswerProgress,
    head: Arc<Head>,
    limits: Option<String>,
    body: Body,
    flow: Option<Flow>,
    held: Held,
    max_event_bytes: usize,
    max_response_bytes: usize,
    /// Whether the body passes through, so that what is found is announced, and a large answer is not a failure.
    is_tap: bool,
    has_announced_model: bool,
    has_events: bool,
    /// Whether the answer has a shape whose end is known, and whether it has come.
    has_known_end: bool,
    has_finished: bool,
    phase: Phase,
}

/// What arrived before the consumer has chosen its flow.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<Bytes>,
    events: Vec<(Option<String>, String)>,
}

#[derive(Debug)]
enum Phase {
    Reading,
    Ended,
    Failed(Error),
    Reported,
}

impl AnswerPump {
    /// Creates a pump for the body of `response`. Events are held until [`AnswerPump::flow`] is called.
    pub fn new(response: &Response, options: &StreamOptions) -> Self {
        Self::create(response, options, None, false)
    }

    /// Creates a pump for a body that passes through. `marks_end` says whether a stream of the endpoint is complete only with
    /// its last event; it need not be known for an answer whose first event shows it.
    pub fn tap(response: &Response, options: &StreamOptions, marks_end: bool) -> Self {
        let flow = Flow::without_deltas(Mode::Events);
        Self::create(response, options, Some(flow), marks_end)
    }

    fn create(response: &Response, options: &StreamOptions, flow: Option<Flow>, marks_end: bool) -> Self {
        Self {
            progress: AnswerProgress::new(options, response.header("x-generation-id")),
            head: response.head().clone(),
            limits: options.limits.clone(),
            body: Body::new(response, options, false),
            is_tap: flow.is_some(),
            flow,
            held: Held::default(),
            max_event_bytes: options.max_event_bytes,
            max_response_bytes: options.max_response_bytes,
            has_announced_model: false,
            has_events: false,
            has_known_end: marks_end,
            has_finished: false,
            phase: Phase::Reading,
        }
    }

    /// Returns what has been read so far.
    pub fn progress(&self) -> &AnswerProgress {
        &self.progress
    }

    /// Whether the answer has ended. Further reads can only add usage.
    pub fn is_over(&self) -> bool {
        !matches!(self.phase, Phase::Reading)
    }

    /// Whether the first event, or the end of the answer, has been read.
    pub fn has_begun(&self) -> bool {
        self.is_over() || self.has_events
    }

    /// Returns the failure of an answer that ended before its first event, if it did.
    pub fn failure_to_begin(&mut self) -> Option<Error> {
        match &self.phase {
            _ if self.has_events => None,
            Phase::Failed(error) => Some(error.clone()),
            _ => Some(self.progress.attach_to(truncated())),
        }
    }

    /// Returns how many bytes of a single text have been collected, which are read at the end of the body.
    pub fn collected(&self) -> usize {
        self.body.whole_len()
    }

    /// Sets the flow, and writes what is held into `out`.
    pub fn flow(&mut self, flow: Flow, out: &mut Outbox) {
        self.flow = Some(flow);
        let Held { bytes, events } = std::mem::take(&mut self.held);
        match flow.mode {
            Mode::Bytes => bytes.into_iter().for_each(|bytes| out.bytes(bytes)),
            _ => {
                for (name, data) in events {
                    if let Some(event) = Event::parse(&data) {
                        write(name.as_deref(), &event, flow, out);
                    }
                }
            }
        }
    }

    /// Takes the result of a network read: bytes, the end of the body, or a failure. Writes what is in it into `out`.
    pub fn take(&mut self, read: &Result<Option<Bytes>, Error>, out: &mut Outbox) {
        match read {
            Ok(Some(bytes)) => self.push(bytes, out),
            Ok(None) => self.finish(out),
            Err(error) => self.fail(error.clone()),
        }
    }

    fn push(&mut self, read: &Bytes, out: &mut Outbox) {
        if !self.is_over() {
            self.progress.lock().bytes += read.len() as u64;
        }
        match self.flow {
            None => self.held.bytes.push(read.clone()),
            Some(Flow {
                mode: Mode::Bytes, ..
            }) => out.bytes(read.clone()),
            Some(_) => {}
        }
        if let Err(error) = self.body.push(read) {
            self.fail(error);
        }
        self.read_events(false, out);
        let limit = self.max_event_bytes.saturating_add(MAX_BEFORE);
        if !self.has_begun() && self.progress.lock().bytes > limit as u64 && self.collected() == 0 {
            self.fail(too_large(self.max_event_bytes, "maxEventBytes"));
        }
    }

    /// Handles the end of the body.
    fn finish(&mut self, out: &mut Outbox) {
        match self.body.finish() {
            Some(bytes) => self.take_whole(decoded(bytes).trim(), out),
            None => self.read_events(true, out),
        }
        if self.is_over() {
            return;
        }
        match self.has_known_end && !self.has_finished {
            true => self.fail(truncated()),
            false => self.phase = Phase::Ended,
        }
    }

    /// Takes a body that is not a stream: a whole answer, or an error.
    fn take_whole(&mut self, text: &str, out: &mut Outbox) {
        if self.is_over() {
            return;
        }
        let is_success = (200..300).contains(&self.head.status);
        let event = Event::parse(text).filter(|event| is_success && event.failure().is_none());
        let Some(event) = event else {
            let error = match text.is_empty() && is_success {
                true => Error::empty_response(),
                false => self.source(self.head.status).read(text),
            };
            return self.fail(error);
        };
        self.has_finished = true;
        self.take_event(None, &event, out);
    }

    /// Ends the answer with `error`.
    pub fn fail(&mut self, error: Error) {
        if !self.is_over() {
            self.phase = Phase::Failed(self.progress.attach_to(error));
        }
    }

    /// Returns how the answer ended; `None` before the end, and after the end was returned once. Of a body that passes
    /// through, the usage is announced in `out`.
    pub fn end(&mut self, out: &mut Outbox) -> Option<Result<(), Error>> {
        match std::mem::replace(&mut self.phase, Phase::Reported) {
            Phase::Ended => {
                self.progress.close();
                if self.is_tap {
                    self.announce_end(out);
                }
                Some(Ok(()))
            }
            Phase::Failed(error) => Some(Err(error)),
            other => {
                self.phase = other;
                None
            }
        }
    }

    fn announce_end(&self, out: &mut Outbox) {
        let secrets = self.progress.secrets();
        if let Some(fallback) = self.progress.fallback() {
            out.event("fallback", &secrets.scrub_values(&fallback.to_json()));
        }
        let usage = self.progress.lock().facts.usage.clone();
        if let Some(usage) = usage {
            out.event("usage", &secrets.scrub_json(&usage));
        }
    }

    /// Reads the complete events, or at the end of the body all that is left.
    fn read_events(&mut self, at_end: bool, out: &mut Outbox) {
        let mut body = std::mem::take(&mut self.body);
        if let Some(framer) = body.framer() {
            loop {
                let event = match at_end {
                    true => Ok(framer.finish()),
                    false => framer.next(),
                };
                match event {
                    Ok(None) => break,
                    Ok(Some(sse::Event::Done)) if !self.is_over() => self.phase = Phase::Ended,
                    Ok(Some(sse::Event::Done)) => {}
                    // An incomplete event at the end is not malformed: the connection was cut.
                    Ok(Some(sse::Event::Data { name, data }))
                        if at_end && name.as_deref() != Some("error") && Event::parse(&data).is_none() =>
                    {
                        if !self.has_finished {
                            self.fail(truncated());
                        }
                        break;
                    }
                    Ok(Some(sse::Event::Data { name, data })) => self.on_data(name.as_deref(), &data, out),
                    Err(_) => return self.fail(too_large(self.max_event_bytes, "maxEventBytes")),
                }
            }
        }
        self.body = body;
    }

    fn on_data(&mut self, name: Option<&str>, data: &str, out: &mut Outbox) {
        let event = Event::parse(data);
        if self.is_over() {
            if let Some(event) = event {
                self.progress.add_trailing(&event);
            }
            return;
        }
        let number = self.progress.lock().events + 1;
        let failure = match &event {
            None if name == Some("error") => Some(self.source(200).read_chunk(&json::quoted(data), data)),
            None => Some(malformed(data, number)),
            Some(event) => {
                let failure = event
                    .failure()
                    .or_else(|| (name == Some("error")).then_some(event.text()));
                if failure.is_some() {
                    self.progress.add_trailing(event);
                }
                failure.map(|error| self.source(200).read_chunk(error, data))
            }
        };
        match (failure, event) {
            (Some(error), _) => self.fail(error),
            (None, Some(event)) => self.take_event(name, &event, out),
            (None, None) => {}
        }
    }

    fn take_event(&mut self, name: Option<&str>, event: &Event<'_>, out: &mut Outbox) {
        self.has_events = true;
        self.has_known_end |= event.family() != Family::Other;
        self.has_finished |= event.finishes();
        let size = self.progress.add(event);
        match self.is_tap {
            true => {
                self.announce_model(out);
                if size > MAX_PARTIAL {
                    self.progress.lock().is_frozen = true;
                }
            }
            false if size > self.max_response_bytes => {
                return self.fail(too_large(self.max_response_bytes, "maxResponseBytes"));
            }
            false => {}
        }
        match self.flow {
            Some(flow) => write(name, event, flow, out),
            None => {
                let held = (name.map(str::to_owned), event.text().to_owned());
                self.held.events.push(held);
            }
        }
        if event.ends_answer() {
            self.phase = Phase::Ended;
        }
    }

    fn announce_model(&mut self, out: &mut Outbox) {
        if self.has_announced_model {
            return;
        }
        if let Some(model) = self.progress.model() {
            self.has_announced_model = true;
            out.event("model", &json::quoted(&self.progress.secrets().scrub(&model)));
        }
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
}

/// Writes an event in the form of `flow`.
fn write(name: Option<&str>, event: &Event<'_>, flow: Flow, out: &mut Outbox) {
    match flow.mode {
        Mode::Chunks => out.chunk(event.text()),
        Mode::Named => {
            let name = name.map_or_else(|| "null".into(), json::quoted);
            out.chunk(&format!("{{\"event\":{name},\"data\":{}}}", event.text()));
        }
        Mode::Text => {
            if let Some(text) = event.text_delta().filter(|text| !text.is_empty()) {
                out.text(text);
            }
        }
        Mode::Deltas | Mode::Bytes | Mode::Events => {}
    }
}
