//! Turns the reads of a response body into events, and decides how the answer ended. A stream of the client and a body that
//! passes through `fetch` are read by the same rules.

use bytes::Bytes;
use tokio::time::Instant;

use super::body::{Body, MAX_BEFORE};
use super::buffer::EventBuffer;
use super::options::StreamOptions;
use super::reader::{Close, PastLimit, Reader};
use crate::account::budget::Hold;
use crate::account::refusals;
use crate::delivery::coalescing::Pace;
use crate::delivery::{Flow, Mode, Outbox};
use crate::error::Error;
use crate::json::Object;
use crate::sse::{Event, Framer};
use crate::transport::{Response, decoded, too_large};

/// Reads one response body.
#[derive(Debug)]
pub struct Pump<R> {
    body: Body,
    buffer: EventBuffer<R>,
    pace: Pace,
    max_event_bytes: usize,
    /// How many events the budgets allow.
    max_events: u64,
    /// Whether an event was read that does not report a failure.
    has_events: bool,
    phase: Phase,
}

/// How far an answer is.
#[derive(Debug)]
enum Phase {
    Reading,
    /// It has ended, and [`Pump::end`] has not told how.
    Over(Ending),
    Reported,
}

/// How an answer ended.
#[derive(Debug)]
enum Ending {
    /// It ended without an error.
    Ended(Close),
    /// It failed.
    Failed(Error),
}

impl<R: Reader> Pump<R> {
    /// Creates a pump for the body of `response`. Events are held until [`Pump::flow`] is called. An answer that is larger
    /// than the limit fails.
    pub fn new(response: &Response, options: &StreamOptions) -> Self {
        Self::create(response, options, None, PastLimit::Fail)
    }

    /// Creates a pump for a body that passes through. Of an answer that is larger than the limit the rest of the texts is not
    /// assembled.
    pub fn tap(response: &Response, options: &StreamOptions) -> Self {
        let flow = Flow::without_deltas(Mode::Events);
        Self::create(response, options, Some(flow), PastLimit::Freeze)
    }

    fn create(
        response: &Response,
        options: &StreamOptions,
        flow: Option<Flow>,
        past_limit: PastLimit,
    ) -> Self {
        Self {
            body: Body::new(response, options, R::HAS_LINES),
            buffer: EventBuffer::new(
                R::new(response, options, past_limit),
                flow,
                options.coalescing.is_some(),
            ),
            pace: Pace::new(options.coalescing),
            max_event_bytes: options.max_event_bytes,
            max_events: options.hold.as_ref().map_or(u64::MAX, Hold::max_events),
            has_events: false,
            phase: Phase::Reading,
        }
    }

    /// Returns when what is in `out` is delivered: `None` means now.
    pub fn held_until(&mut self, out: &Outbox) -> Option<Instant> {
        self.pace.held_until(out, Instant::now())
    }

    /// Returns what has been read so far.
    pub fn progress(&self) -> &R::Progress {
        self.buffer.reader().progress()
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
            self.buffer.reader().count_bytes(read.len());
        }
        self.buffer.bytes(read.clone(), out);
        if let Err(error) = self.body.push(read) {
            self.fail(error);
        }
        self.take_events(false, out);
        self.buffer.pass(out);
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
                self.end_with(Ending::Ended(Close::Body));
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
        if self.is_over() {
            self.buffer.finish_bytes(out);
        }
        match std::mem::replace(&mut self.phase, Phase::Reported) {
            Phase::Over(Ending::Ended(close)) => Some(self.buffer.end(close, out)),
            Phase::Over(Ending::Failed(error)) => Some(Err(error)),
            other => {
                self.phase = other;
                None
            }
        }
    }

    /// Takes out the part that reads the rest of the body after the end. The pump reads nothing more then, but keeps what it
    /// holds.
    pub fn take_tail(&mut self) -> Tail<R> {
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
            Phase::Over(Ending::Ended(close)) => {
                self.buffer.reader().end(*close, &mut Outbox::default()).err()
            }
            _ => None,
        }
    }

    /// Returns how many bytes of a single text have been collected, which are read at the end of the body.
    pub fn collected(&self) -> usize {
        self.body.whole_len()
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
                    R::take_trailing(self.buffer.reader().progress(), &data);
                    continue;
                }
                Ok(Some(Event::Data { name, data })) => {
                    let name = name.as_deref();
                    // An incomplete event at the end is not malformed: the connection was cut.
                    if at_end && name != Some("error") && Object::parse(&data).is_none() {
                        self.phase = Phase::Over(Ending::Ended(Close::InEvent));
                        return;
                    }
                    match take_event(&mut self.buffer, name, &data, arrived, self.max_events, out) {
                        Ok(is_last) => {
                            self.has_events = true;
                            if !is_last {
                                continue;
                            }
                            Ending::Ended(Close::Done)
                        }
                        Err(error) => Ending::Failed(error),
                    }
                }
                Ok(Some(Event::Done)) => Ending::Ended(Close::Done),
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
        let is_success = reader.origin().is_success();
        let ending = if text.trim().is_empty() && is_success {
            Ending::Failed(reader.fail(Error::empty_response()))
        } else if !is_success || Object::parse(text).is_none() {
            Ending::Failed(reader.refuse_body(text))
        } else {
            match take_event(&mut self.buffer, None, text, Instant::now(), self.max_events, out) {
                Ok(_) => {
                    self.has_events = true;
                    // A part of a stream that was cut is not a whole answer.
                    Ending::Ended(match R::is_part(text) {
                        true => Close::Body,
                        false => Close::Done,
                    })
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

/// Adds an event, within the budgets. A function of its own, because the framer is borrowed while the buffer takes the event.
fn take_event<R: Reader>(
    buffer: &mut EventBuffer<R>,
    name: Option<&str>,
    text: &str,
    arrived: Instant,
    max_events: u64,
    out: &mut Outbox,
) -> Result<bool, Error> {
    let is_last = buffer.event(name, text, arrived, out)?;
    match max_events < u64::MAX && buffer.reader().pieces() > max_events {
        true => Err(buffer.reader().fail(refusals::passed())),
        false => Ok(is_last),
    }
}

/// Reads the events after the end of a stream, which may contain usage.
#[derive(Debug)]
pub struct Tail<R: Reader> {
    framer: Option<Framer>,
    progress: R::Progress,
}

impl<R: Reader> Tail<R> {
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
                Some(Event::Data { data, .. }) => R::take_trailing(&self.progress, &data),
                Some(Event::Done) => {}
                None => return,
            }
        }
    }
}
