//! Turns the reads of a response body into events, and decides how the answer ended. A stream of the client and a body that
//! passes through `fetch` are read by the same rules.

use bytes::Bytes;
use tokio::time::Instant;

use super::body::{Body, MAX_BEFORE};
use super::buffer::EventBuffer;
use super::form::is_chunk;
use super::options::StreamOptions;
use super::progress::Progress;
use super::reader::{EventReader, PastLimit, truncated};
use crate::completion::Chunk;
use crate::delivery::{Flow, Outbox};
use crate::error::Error;
use crate::sse::{Event, Framer};
use crate::transport::{Response, decoded, too_large};

/// Reads one response body.
#[derive(Debug)]
pub struct EventPump {
    body: Body,
    buffer: EventBuffer,
    max_event_bytes: usize,
    /// Whether an event was read that does not report a failure.
    has_events: bool,
    phase: Phase,
}

/// How far an answer is.
#[derive(Debug)]
enum Phase {
    Reading,
    /// It has ended, and [`EventPump::end`] has not told how.
    Over(Ending),
    Reported,
}

/// How an answer ended.
#[derive(Debug)]
enum Ending {
    /// It ended without an error. `is_done` is true if it ended with `[DONE]`, and false if only the body ended.
    Ended { is_done: bool },
    /// It failed.
    Failed(Error),
}

impl EventPump {
    /// Creates a pump for the body of `response`. Events are held until [`EventPump::flow`] is called. An answer that is larger
    /// than the limit fails.
    pub fn new(response: &Response, options: &StreamOptions) -> Self {
        Self::create(response, options, None, PastLimit::Fail)
    }

    /// Creates a pump for a body that passes through, with `flow`. Of an answer that is larger than the limit the rest of the
    /// messages is not assembled.
    pub fn tap(response: &Response, options: &StreamOptions, flow: Flow) -> Self {
        Self::create(response, options, Some(flow), PastLimit::Freeze)
    }

    fn create(
        response: &Response,
        options: &StreamOptions,
        flow: Option<Flow>,
        past_limit: PastLimit,
    ) -> Self {
        let generation_id = response.header("x-generation-id").map(str::to_owned);
        let progress = Progress::new(options, generation_id);
        Self {
            body: Body::new(response, options, true),
            buffer: EventBuffer::new(EventReader::new(progress, response, options, past_limit), flow),
            max_event_bytes: options.max_event_bytes,
            has_events: false,
            phase: Phase::Reading,
        }
    }

    /// Returns what has been read so far.
    pub fn progress(&self) -> &Progress {
        self.buffer.progress()
    }

    /// Whether the answer has ended. Further reads can only add usage.
    pub fn is_over(&self) -> bool {
        !matches!(self.phase, Phase::Reading)
    }

    /// Whether the first event, or the end of the answer, has been read.
    pub fn has_begun(&self) -> bool {
        self.is_over() || self.has_events
    }

    /// Whether the consumer has chosen its flow.
    pub fn is_flowing(&self) -> bool {
        self.buffer.is_flowing()
    }

    /// Whether more may be read before the consumer has chosen its flow.
    pub fn may_hold_more(&self) -> bool {
        !self.is_over() && self.buffer.has_room()
    }

    /// Sets the flow, and writes what is held into `out`. From now on everything is written in the form of `flow`.
    pub fn flow(&mut self, flow: Flow, out: &mut Outbox) {
        self.buffer.flow(flow, out);
    }

    /// Takes the result of a network read: bytes, the end of the body, or a failure. Writes the events in it into `out`.
    pub fn take(&mut self, read: &Result<Option<Bytes>, Error>, out: &mut Outbox) {
        match read {
            Ok(Some(bytes)) => self.push(bytes, out),
            Ok(None) => self.finish(out),
            Err(error) => self.fail(error.clone()),
        }
    }

    fn push(&mut self, read: &Bytes, out: &mut Outbox) {
        if !self.is_over() {
            self.progress().lock().bytes += read.len() as u64;
        }
        self.buffer.bytes(read.clone(), out);
        if let Err(error) = self.body.push(read) {
            self.fail(error);
        }
        self.take_events(false, out);
        // An event that never comes is too large, whether white space, comments or an endless line come instead of it.
        let limit = self.max_event_bytes.saturating_add(MAX_BEFORE);
        if !self.has_begun() && !self.body.is_whole() && self.buffer.size() > limit {
            self.fail(too_large(self.max_event_bytes, "maxEventBytes"));
        }
    }

    /// Handles the end of the body.
    fn finish(&mut self, out: &mut Outbox) {
        let whole = self.body.finish();
        match whole {
            Some(bytes) => self.take_whole(&decoded(bytes), out),
            None => {
                self.take_events(true, out);
                self.end_with(Ending::Ended { is_done: false });
            }
        }
    }

    /// Ends the answer with `error`, because its body could not be read to the end.
    pub fn fail(&mut self, error: Error) {
        if !self.is_over() {
            let error = self.buffer.reader().fail(error);
            self.end_with(Ending::Failed(error));
        }
    }

    /// Returns how the answer ended; `None` before the end, and after the end was returned once. Writes the last event, the
    /// usage, into `out`, or holds it.
    pub fn end(&mut self, out: &mut Outbox) -> Option<Result<(), Error>> {
        match std::mem::replace(&mut self.phase, Phase::Reported) {
            Phase::Over(Ending::Ended { is_done }) => Some(self.buffer.end(is_done, out)),
            Phase::Over(Ending::Failed(error)) => Some(Err(error)),
            other => {
                self.phase = other;
                None
            }
        }
    }

    /// Takes out the part that reads the rest of the body after the end. The pump reads nothing more then, but keeps what it
    /// holds.
    pub fn take_tail(&mut self) -> Tail {
        Tail {
            framer: self.body.take_framer(),
            progress: self.progress().clone(),
        }
    }

    /// Returns the failure of an answer that ended before its first event, if it did. The request has failed then, and may
    /// be sent again.
    pub fn failure_to_begin(&mut self) -> Option<Error> {
        match &self.phase {
            _ if self.has_events => None,
            Phase::Over(Ending::Failed(error)) => Some(error.clone()),
            Phase::Over(Ending::Ended { is_done: false }) => Some(self.buffer.reader().fail(truncated())),
            _ => None,
        }
    }

    /// Reads the complete events, or at the end of the body all that is left.
    fn take_events(&mut self, at_end: bool, out: &mut Outbox) {
        let Some(framer) = self.body.framer() else {
            return;
        };
        let arrived = Instant::now();
        loop {
            let is_over = !matches!(self.phase, Phase::Reading);
            let event = match at_end {
                true => Ok(framer.finish()),
                false => framer.next(),
            };
            let ending = match event {
                Ok(None) => return,
                Ok(Some(Event::Data { data, .. })) if is_over => {
                    self.buffer.progress().take_trailing(&data);
                    continue;
                }
                Ok(Some(Event::Data { name, data })) => {
                    let is_error = name.as_deref() == Some("error");
                    // Ignore an incomplete event at the end: the connection was cut, so the event is not malformed.
                    if at_end && !is_error && Chunk::parse(&data).is_none() {
                        return;
                    }
                    match self.buffer.event(&data, is_error, arrived, out) {
                        Ok(()) => {
                            self.has_events = true;
                            continue;
                        }
                        Err(error) => Ending::Failed(error),
                    }
                }
                Ok(Some(Event::Done)) => Ending::Ended { is_done: true },
                Err(_) if is_over => return,
                Err(over) => {
                    let error = too_large(over.limit, "maxEventBytes");
                    Ending::Failed(self.buffer.reader().fail(error))
                }
            };
            if is_over {
                continue;
            }
            if matches!(ending, Ending::Failed(_)) {
                // Remove the bytes after a failed event, because a `[DONE]` among them would look like a successful end.
                self.buffer.take_back(framer.unread(), out);
            }
            self.phase = Phase::Over(ending);
        }
    }

    /// Handles a body that is a single text: a completion, an error or a page.
    fn take_whole(&mut self, text: &str, out: &mut Outbox) {
        if self.is_over() {
            return;
        }
        let reader = self.buffer.reader();
        let ending = if text.trim().is_empty() && reader.is_success() {
            Ending::Failed(reader.fail(Error::empty_response()))
        } else if !reader.is_success() || Chunk::parse(text).is_none() {
            Ending::Failed(reader.refuse_body(text))
        } else {
            match self.buffer.event(text, false, Instant::now(), out) {
                Ok(()) => {
                    self.has_events = true;
                    // A chunk of a stream that was cut is not a whole completion.
                    Ending::Ended {
                        is_done: !is_chunk(text),
                    }
                }
                Err(error) => Ending::Failed(error),
            }
        };
        self.end_with(ending);
    }

    fn end_with(&mut self, ending: Ending) {
        if !self.is_over() {
            self.phase = Phase::Over(ending);
        }
    }
}

/// Reads the events after the end of a stream, which may contain usage.
#[derive(Debug)]
pub struct Tail {
    framer: Option<Framer>,
    progress: Progress,
}

impl Tail {
    /// Takes the bytes of a network read; `None` is the end of the body.
    pub fn take(&mut self, read: Option<Bytes>) {
        let Some(framer) = &mut self.framer else { return };
        let at_end = read.is_none();
        if let Some(bytes) = read {
            framer.push(&bytes);
        }
        loop {
            let event = match at_end {
                true => framer.finish(),
                false => framer.next().ok().flatten(),
            };
            match event {
                Some(Event::Data { data, .. }) => self.progress.take_trailing(&data),
                Some(Event::Done) => {}
                None => return,
            }
        }
    }
}
