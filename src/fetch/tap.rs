//! Reads the response of a model as it passes through `fetch`, without changing a byte: its model, usage, fallback and error.

use bytes::Bytes;

use crate::delivery::Outbox;
use crate::error::{Error, ErrorKind};
use crate::observe::Outcome;
use crate::stream::{AnswerPump, EventPump, Received, StreamOptions};
use crate::transport::Response;

/// Reads one response.
#[derive(Debug)]
pub struct Tap {
    reader: Reader,
    outcome: Outcome,
    /// Whether the body of an answer that was cut off fails.
    fails_on_truncation: bool,
}

/// What reads a response, by its endpoint.
#[derive(Debug)]
enum Reader {
    Chat(Box<EventPump>),
    Answer(Box<AnswerPump>),
}

impl Tap {
    /// Creates a tap on the response of a chat, whatever its label says.
    pub fn of_chat(response: &Response, options: &StreamOptions, outcome: Outcome) -> Self {
        Self {
            reader: Reader::Chat(Box::new(EventPump::tap(response, options))),
            outcome,
            fails_on_truncation: false,
        }
    }

    /// Creates a tap on the response of another endpoint.
    pub fn of_answer(response: &Response, options: &StreamOptions, outcome: Outcome) -> Self {
        Self {
            reader: Reader::Answer(Box::new(AnswerPump::tap(response, options))),
            outcome,
            fails_on_truncation: false,
        }
    }

    /// Returns this tap, which lets the body of an answer that was cut off fail if `fails` is true.
    pub fn failing_on_truncation(mut self, fails: bool) -> Self {
        self.fails_on_truncation = fails;
        self
    }

    /// Tells the diagnostics channels that the response is being read.
    pub fn begin(&self) {
        let observer = &self.outcome.observer;
        match &self.reader {
            Reader::Chat(pump) => observer.begin_stream(pump.progress().clone()),
            Reader::Answer(pump) => observer.begin_stream(pump.progress().clone()),
        }
    }

    /// Returns how many bytes of a text that is no stream were collected, which are read at the end of the body.
    pub fn collected(&self) -> usize {
        match &self.reader {
            Reader::Chat(pump) => pump.collected(),
            Reader::Answer(pump) => pump.collected(),
        }
    }

    fn progress(&self) -> &dyn Received {
        match &self.reader {
            Reader::Chat(pump) => pump.progress(),
            Reader::Answer(pump) => pump.progress(),
        }
    }

    /// Takes the result of a network read: bytes, the end of the body, or a failure. Writes the events in it into `out`.
    ///
    /// # Errors
    /// If the answer would pass its budget, so that the rest must not be read. If the answer was cut off, and the reader of the
    /// body would take it for complete.
    pub fn pass(&mut self, read: &Result<Option<Bytes>, Error>, out: &mut Outbox) -> Result<(), Error> {
        let end = match &mut self.reader {
            Reader::Chat(pump) => {
                pump.take(read, out);
                pump.end(out)
            }
            Reader::Answer(pump) => {
                pump.take(read, out);
                pump.end(out)
            }
        };
        if let Some(result) = end {
            let failure = result.clone().err();
            self.end(result, out);
            if let Some(failure) = failure.filter(|error| self.fails_body(error)) {
                return Err(failure);
            }
        } else if matches!(read, Ok(None)) {
            // Usage may have arrived after the end of the answer.
            self.outcome.spend(self.progress());
        }
        Ok(())
    }

    fn fails_body(&self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::BudgetExceeded => true,
            ErrorKind::StreamTruncated | ErrorKind::EmptyResponse => self.fails_on_truncation,
            _ => false,
        }
    }

    fn end(&self, result: Result<(), Error>, out: &mut Outbox) {
        let progress = self.progress();
        match result {
            // A body that is too large to be read here is not an error, because it passes through anyway.
            Err(error) if error.kind() != ErrorKind::ResponseTooLarge => {
                out.event("error", &error.to_json());
                self.outcome.report("Chat", &error, Some(progress));
            }
            _ => {}
        }
        self.outcome.settle(progress);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        // A reader may leave after the cost was known, but before the end.
        let progress = self.progress();
        self.outcome.spend(progress);
        // Its cost may still be asked for by `getGeneration`.
        if let (Some(hold), Some(id)) = (progress.hold(), progress.generation_id())
            && hold.is_open()
        {
            hold.wait_for_generation(id);
        }
    }
}
