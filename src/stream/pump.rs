//! Turns the reads of a response body into events, and decides how the answer ended. A stream of the client and a body that
//! passes through `fetch` are read by the same rules.

use bytes::Bytes;
use tokio::time::Instant;

use super::buffer::EventBuffer;
use super::options::StreamOptions;
use super::progress::Progress;
use super::reader::{EventReader, truncated};
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
    /// Whether an event was read that does not report a failure.
    has_events: bool,
    /// Whether the answer has ended.
    is_over: bool,
    /// How the answer ended, until [`EventPump::end`] returns it.
    ending: Option<Ending>,
}

/// The form of a body.
#[derive(Debug)]
enum Body {
    /// Server-sent events.
    Events(Framer),
    /// A single text, JSON or an error page, which is collected until it is complete.
    Whole { bytes: Vec<u8>, limit: usize },
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
    /// Creates a pump for the body of `response`. Events are held until [`EventPump::flow`] is called, unless `flow` is
    /// given.
    pub fn new(response: &Response, options: &StreamOptions, flow: Option<Flow>) -> Self {
        let generation_id = response.header("x-generation-id").map(str::to_owned);
        let progress = Progress::new(options, generation_id);
        let kind = response.header("content-type").unwrap_or_default();
        let is_text = kind.contains("json") || kind.contains("text/html") || response.status() >= 400;
        let body = match is_text && !kind.contains("event-stream") {
            true => Body::Whole {
                bytes: Vec::new(),
                limit: options.max_response_bytes,
            },
            false => Body::Events(Framer::new(options.max_event_bytes)),
        };
        Self {
            body,
            buffer: EventBuffer::new(EventReader::new(progress, response, options), flow),
            has_events: false,
            is_over: false,
            ending: None,
        }
    }

    /// Returns what has been read so far.
    pub fn progress(&self) -> &Progress {
        self.buffer.progress()
    }

    /// Whether the answer has ended. Further reads can only add usage.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether the first event, or the end of the answer, has been read.
    pub fn has_begun(&self) -> bool {
        self.is_over || self.has_events
    }

    /// Whether the consumer has chosen its flow.
    pub fn is_flowing(&self) -> bool {
        self.buffer.is_flowing()
    }

    /// Whether more may be read before the consumer has chosen its flow.
    pub fn may_hold_more(&self) -> bool {
        !self.is_over && self.buffer.has_room()
    }

    /// Sets the flow, and writes what is held into `out`. From now on everything is written in the form of `flow`.
    pub fn flow(&mut self, flow: Flow, out: &mut Outbox) {
        self.buffer.flow(flow, out);
    }

    /// Takes the result of a network read: bytes, the end of the body, or a failure. Writes the events in it into `out`.
    /// Returns whether it contained data. Comments are not data.
    pub fn take(&mut self, read: &Result<Option<Bytes>, Error>, out: &mut Outbox) -> bool {
        match read {
            Ok(Some(bytes)) => return self.push(bytes, out),
            Ok(None) => self.finish(out),
            Err(error) => self.fail(error.clone()),
        }
        false
    }

    fn push(&mut self, read: &Bytes, out: &mut Outbox) -> bool {
        if !self.is_over {
            self.progress().lock().bytes += read.len() as u64;
        }
        self.buffer.bytes(read.clone(), out);
        match &mut self.body {
            Body::Events(framer) => framer.push(read),
            Body::Whole { bytes, limit } => {
                bytes.extend_from_slice(read);
                if bytes.len() > *limit {
                    let error = too_large(*limit, "maxResponseBytes");
                    self.fail(error);
                }
                return true;
            }
        }
        self.take_events(false, out)
    }

    /// Handles the end of the body.
    fn finish(&mut self, out: &mut Outbox) {
        match &mut self.body {
            Body::Whole { bytes, .. } => {
                let text = decoded(std::mem::take(bytes));
                self.take_whole(&text, out);
            }
            Body::Events(_) => {
                self.take_events(true, out);
                self.set_ending(Ending::Ended { is_done: false });
            }
        }
    }

    /// Ends the answer with `error`, because its body could not be read to the end.
    pub fn fail(&mut self, error: Error) {
        if !self.is_over {
            let error = self.buffer.reader().fail(error);
            self.set_ending(Ending::Failed(error));
        }
    }

    /// Returns how the answer ended; `None` before the end, and after the end was returned once. Writes the last event, the
    /// usage, into `out`, or holds it.
    pub fn end(&mut self, out: &mut Outbox) -> Option<Result<(), Error>> {
        Some(match self.ending.take()? {
            Ending::Ended { is_done } => self.buffer.end(is_done, out),
            Ending::Failed(error) => Err(error),
        })
    }

    /// Takes out the part that reads the rest of the body after the end. The pump reads nothing more then, but keeps what it
    /// holds.
    pub fn take_tail(&mut self) -> Tail {
        let nothing = Body::Whole {
            bytes: Vec::new(),
            limit: 0,
        };
        Tail {
            framer: match std::mem::replace(&mut self.body, nothing) {
                Body::Events(framer) => Some(framer),
                Body::Whole { .. } => None,
            },
            progress: self.progress().clone(),
        }
    }

    /// Returns the failure of an answer that ended before its first event, if it did. The request has failed then, and may
    /// be sent again.
    pub fn failure_to_begin(&mut self) -> Option<Error> {
        match self.ending.take_if(|_| !self.has_events)? {
            Ending::Failed(error) => Some(error),
            Ending::Ended { is_done: false } => Some(self.buffer.reader().fail(truncated())),
            done => {
                self.ending = Some(done);
                None
            }
        }
    }

    /// Reads the complete events, or at the end of the body all that is left. Returns whether there were any.
    fn take_events(&mut self, at_end: bool, out: &mut Outbox) -> bool {
        let Body::Events(framer) = &mut self.body else {
            return false;
        };
        let (arrived, mut has_data) = (Instant::now(), false);
        loop {
            let event = match at_end {
                true => Ok(framer.finish()),
                false => framer.next(),
            };
            let event = match event {
                Ok(Some(event)) => event,
                Ok(None) => return has_data,
                Err(over) => {
                    if !self.is_over {
                        self.buffer.take_back(framer.unread(), out);
                    }
                    self.fail(too_large(over.limit, "maxEventBytes"));
                    return has_data;
                }
            };
            has_data = true;
            let ending = match event {
                Event::Data { data, .. } if self.is_over => {
                    self.buffer.progress().take_trailing(&data);
                    continue;
                }
                Event::Data { name, data } => {
                    let is_error = name.as_deref() == Some("error");
                    // Ignore an incomplete event at the end: the connection was cut, so the event is not malformed.
                    if at_end && !is_error && Chunk::parse(&data).is_none() {
                        return has_data;
                    }
                    match self.buffer.event(&data, is_error, arrived, out) {
                        Ok(()) => {
                            self.has_events = true;
                            continue;
                        }
                        Err(error) => Ending::Failed(error),
                    }
                }
                Event::Done => Ending::Ended { is_done: true },
            };
            if matches!(ending, Ending::Failed(_)) && !self.is_over {
                // Remove the bytes after a failed event, because a `[DONE]` among them would look like a successful end.
                self.buffer.take_back(framer.unread(), out);
            }
            if !self.is_over {
                self.is_over = true;
                self.ending = Some(ending);
            }
        }
    }

    /// Handles a body that is a single text: a completion, an error or a page.
    fn take_whole(&mut self, text: &str, out: &mut Outbox) {
        if self.is_over {
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
                    Ending::Ended { is_done: true }
                }
                Err(error) => Ending::Failed(error),
            }
        };
        self.set_ending(ending);
    }

    fn set_ending(&mut self, ending: Ending) {
        if !self.is_over {
            self.is_over = true;
            self.ending = Some(ending);
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
        let next = |framer: &mut Framer| -> Option<String> {
            let event = match at_end {
                true => framer.finish(),
                false => framer.next().ok().flatten(),
            };
            match event? {
                Event::Data { data, .. } => Some(data.into_owned()),
                Event::Done => Some(String::new()),
            }
        };
        while let Some(text) = next(framer) {
            self.progress.take_trailing(&text);
        }
    }
}
