//! Reads the events of the endpoints beside chats, which cross as they are. Usage, cost, failures, the end and the whole answer
//! are read from them on the way.

use tokio::time::Instant;

use super::progress::AnswerProgress;
use crate::answer::{Delta, Event, Family};
use crate::delivery::{Flow, Mode, Outbox, Template};
use crate::error::Error;
use crate::json;
use crate::stream::StreamOptions;
use crate::stream::reader::{Close, Origin, PastLimit, Reader, truncated};
use crate::transport::{Response, too_large};

/// Reads the events of one answer.
#[derive(Debug)]
pub struct AnswerReader {
    progress: AnswerProgress,
    origin: Origin,
    /// The last event, if it can be the template of the next one, and what it adds to.
    template: Option<(Template, Delta)>,
    max_response_bytes: usize,
    past_limit: PastLimit,
    has_announced_model: bool,
    /// How many events have brought no piece of the answer.
    frames: u64,
    /// Whether the answer has a shape whose end is known, and whether it has come.
    has_known_end: bool,
    has_finished: bool,
}

/// A parsed event.
pub enum Parsed<'t> {
    /// An event that differs from the one before in the text that it adds only, and in its number. This is the body of the
    /// JSON string.
    Text(&'t str),
    /// A whole event.
    Event(Event<'t>),
}

impl Reader for AnswerReader {
    type Progress = AnswerProgress;
    type Parsed<'t> = Parsed<'t>;
    const HAS_LINES: bool = false;

    fn new(response: &Response, options: &StreamOptions, past_limit: PastLimit) -> Self {
        Self {
            progress: AnswerProgress::new(options, response.header("x-generation-id")),
            origin: Origin::new(response, options),
            template: None,
            max_response_bytes: past_limit.max_bytes(options),
            past_limit,
            has_announced_model: false,
            frames: 0,
            has_known_end: options.marks_end,
            has_finished: false,
        }
    }

    fn progress(&self) -> &AnswerProgress {
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
        if let Some((template, _)) = &mut self.template
            && let Some(body) = template.content(text)
        {
            return Some(Parsed::Text(body));
        }
        let event = Event::parse(text).filter(|event| event.failure().is_none())?;
        self.template = event.spans().and_then(|spans| {
            let template = Template::new(text, &spans.text, spans.number.as_ref())?;
            Some((template, spans.delta))
        });
        Some(Parsed::Event(event))
    }

    fn pieces(&self) -> u64 {
        self.progress.lock().events.saturating_sub(self.frames)
    }

    fn rewind(&mut self) {
        self.template = None;
    }

    fn add(&mut self, parsed: &Parsed<'_>, arrived: Instant, out: &mut Outbox) -> Result<bool, Error> {
        let (size, is_last) = match parsed {
            Parsed::Text(body) => {
                let delta = self.template.as_ref().map(|(_, delta)| delta);
                let size = delta.map_or(0, |delta| self.progress.add_text(delta, body, arrived));
                (size, false)
            }
            Parsed::Event(event) => {
                self.has_known_end |= event.family() != Family::Other;
                self.has_finished |= event.finishes();
                self.frames += u64::from(!event.is_piece());
                let size = self.progress.add(event, arrived);
                self.announce_model(out);
                (size, event.ends_answer())
            }
        };
        if size > self.max_response_bytes {
            match self.past_limit {
                PastLimit::Fail => {
                    return Err(self.fail(too_large(self.max_response_bytes, "maxResponseBytes")));
                }
                PastLimit::Freeze => self.progress.lock().is_frozen = true,
            }
        }
        Ok(is_last)
    }

    fn write(&self, parsed: &Parsed<'_>, name: Option<&str>, text: &str, flow: Flow, out: &mut Outbox) {
        match (flow.mode, parsed, &self.template) {
            (Mode::Chunks, Parsed::Text(body), _) => out.content(body),
            (Mode::Chunks, Parsed::Event(_), Some((_, delta))) => out.template(text, Some(delta.place())),
            (Mode::Chunks, Parsed::Event(_), None) => out.chunk(text),
            (Mode::Named, ..) => {
                let name = name.map_or_else(|| "null".into(), json::quoted);
                out.chunk(&format!("{{\"event\":{name},\"data\":{text}}}"));
            }
            (Mode::Text, Parsed::Text(body), Some((_, delta))) => {
                if delta.is_text() && !body.is_empty() {
                    out.text(body);
                }
            }
            (Mode::Text, Parsed::Event(event), _) => {
                if let Some(text) = event.text_delta().filter(|text| !text.is_empty()) {
                    out.text(text);
                }
            }
            (Mode::Text | Mode::Deltas | Mode::Bytes | Mode::Events, ..) => {}
        }
    }

    fn take_failure<'t>(&self, text: &'t str, is_error: bool) -> Option<&'t str> {
        let event = Event::parse(text)?;
        self.progress.add_trailing(&event);
        let stated = event.failure().filter(|error| *error != "{}" || !is_error);
        Some(stated.unwrap_or(text))
    }

    fn is_part(_: &str) -> bool {
        false
    }

    fn end(&self, close: Close, out: &mut Outbox) -> Result<(), Error> {
        let has_events = self.progress.lock().events > 0;
        let is_cut = match close {
            Close::Done => false,
            Close::Body => self.has_known_end && !self.has_finished,
            Close::InEvent => !self.has_finished,
        };
        if is_cut || !has_events {
            return Err(self.fail(truncated()));
        }
        let secrets = self.progress.secrets();
        if let Some(fallback) = self.progress.fallback() {
            out.event("fallback", &secrets.scrub_values(&fallback.to_json()));
        }
        let usage = self.progress.lock().facts.usage.clone();
        if let Some(usage) = usage {
            out.event("usage", &secrets.scrub_json(&usage));
        }
        self.progress.close();
        Ok(())
    }

    fn take_trailing(progress: &AnswerProgress, text: &str) {
        if let Some(event) = Event::parse(text) {
            progress.add_trailing(&event);
        }
    }
}

impl AnswerReader {
    fn announce_model(&mut self, out: &mut Outbox) {
        if self.has_announced_model {
            return;
        }
        if let Some(model) = self.progress.model() {
            self.has_announced_model = true;
            out.event("model", &json::quoted(&self.progress.secrets().scrub(&model)));
        }
    }
}
