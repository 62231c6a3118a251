//! The bytes of a body until they have become events: its form is found out, and its events are framed, or it is collected
//! as a whole.

use super::form::{Form, Lines, Sniffer};
use super::options::StreamOptions;
use crate::error::Error;
use crate::sse::Framer;
use crate::transport::{Response, too_large};

/// How many bytes may come before the first event, in addition to the largest event.
pub(super) const MAX_BEFORE: usize = 1 << 20;

/// What was read of a body, and has not become events yet. By default nothing more is read.
#[derive(Debug, Default)]
pub(super) struct Body {
    state: State,
    max_event_bytes: usize,
    max_response_bytes: usize,
    /// Whether lines of JSON are read as events. Otherwise such a body is a single text.
    has_lines: bool,
}

#[derive(Debug, Default)]
enum State {
    /// The beginning, which does not tell its form yet.
    Unknown(Sniffer),
    /// Server-sent events.
    Events(Framer),
    /// Lines of JSON, which are rewritten as server-sent events.
    Lines(Lines, Framer),
    /// A single text: JSON or an error page, which is collected until it is complete.
    Whole(Vec<u8>),
    /// The rest of the body is not read here.
    #[default]
    Taken,
}

impl Body {
    /// Creates the body of `response`, of which nothing was read.
    pub(super) fn new(response: &Response, options: &StreamOptions, has_lines: bool) -> Self {
        Self {
            state: State::Unknown(Sniffer::new(response.is_event_stream())),
            max_event_bytes: options.max_event_bytes,
            max_response_bytes: options.max_response_bytes,
            has_lines,
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// If more is collected that is no events than the limit of a response. Nothing more is read then.
    pub(super) fn push(&mut self, read: &[u8]) -> Result<(), Error> {
        self.add(read);
        if self.len() > self.max_response_bytes {
            self.close();
            return Err(too_large(self.max_response_bytes, "maxResponseBytes"));
        }
        Ok(())
    }

    fn add(&mut self, read: &[u8]) {
        match &mut self.state {
            State::Unknown(sniffer) => {
                if let Some((form, beginning)) = sniffer.push(read) {
                    self.begin(form, &beginning);
                }
            }
            State::Events(framer) => framer.push(read),
            State::Lines(lines, framer) => lines.push(read, framer),
            State::Whole(bytes) => bytes.extend_from_slice(read),
            State::Taken => {}
        }
    }

    fn begin(&mut self, form: Form, beginning: &[u8]) {
        let framer = || Framer::new(self.max_event_bytes);
        self.state = match form {
            Form::Events => State::Events(framer()),
            Form::Lines if self.has_lines => State::Lines(Lines::default(), framer()),
            Form::Lines | Form::Whole => State::Whole(Vec::new()),
        };
        self.add(beginning);
    }

    /// Handles the end of the body. Returns the bytes of a single text; `None` if the body has events.
    pub(super) fn finish(&mut self) -> Option<Vec<u8>> {
        if let State::Unknown(sniffer) = &mut self.state {
            let (form, beginning) = sniffer.finish();
            self.begin(form, &beginning);
        }
        match &mut self.state {
            State::Whole(bytes) => Some(std::mem::take(bytes)),
            _ => None,
        }
    }

    /// Returns the framer that has the events.
    pub(super) fn framer(&mut self) -> Option<&mut Framer> {
        match &mut self.state {
            State::Events(framer) | State::Lines(_, framer) => Some(framer),
            _ => None,
        }
    }

    /// Takes out the framer of an event stream. Nothing more is read then.
    pub(super) fn take_framer(&mut self) -> Option<Framer> {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Events(framer) => Some(framer),
            _ => None,
        }
    }

    /// Drops what is collected. Nothing more is read then.
    pub(super) fn close(&mut self) {
        self.state = State::Taken;
    }

    /// Whether the body is a single text.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.state, State::Whole(_))
    }

    /// Returns how many bytes of a single text are collected.
    pub(super) fn whole_len(&self) -> usize {
        match &self.state {
            State::Whole(bytes) => bytes.len(),
            _ => 0,
        }
    }

    /// Returns how many bytes are collected that are no events: of a single text, or of a beginning without a form.
    fn len(&self) -> usize {
        match &self.state {
            State::Unknown(sniffer) => sniffer.len(),
            _ => self.whole_len(),
        }
    }
}
