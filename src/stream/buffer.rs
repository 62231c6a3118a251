//! Events between the network and the consumer. Until the consumer has chosen its [`Flow`], a limited amount is held, so
//! that the first content is available at once when it does.

use bytes::Bytes;
use tokio::time::Instant;

use super::coalescer::Coalescer;
use super::reader::{Close, Reader};
use crate::delivery::{Flow, Mode, Outbox};
use crate::error::Error;

/// How much is held before the consumer has chosen its flow, see [`EventBuffer::size`]. The rest stays in the socket.
const MAX_HELD: usize = 64 * 1024;

/// Writes the events of one stream for the consumer, and holds them until it has chosen its flow.
#[derive(Debug)]
pub(super) struct EventBuffer<R> {
    reader: R,
    flow: Option<Flow>,
    held: Vec<Held>,
    size: usize,
    /// Merges the chunks in the bytes, if that is asked for.
    coalescer: Option<Coalescer>,
    /// The bytes of the last read, which go through the coalescer once its events were taken.
    last: Bytes,
}

/// What arrived before the consumer has chosen its flow.
enum Held {
    /// The bytes of one network read.
    Bytes(Bytes),
    /// The name and the text of an event, which was already added to what has been received.
    Event(Option<String>, String),
    /// Events of this client, not of the API: the model, a fallback, the usage.
    Announced(Outbox),
}

impl<R: Reader> EventBuffer<R> {
    /// `coalesces` says whether the chunks in the bytes are merged.
    pub(super) fn new(reader: R, flow: Option<Flow>, coalesces: bool) -> Self {
        Self {
            reader,
            flow,
            held: Vec::new(),
            size: 0,
            coalescer: coalesces.then(Coalescer::default),
            last: Bytes::new(),
        }
    }

    pub(super) fn reader(&self) -> &R {
        &self.reader
    }

    /// Whether the consumer has chosen its flow.
    pub(super) fn is_flowing(&self) -> bool {
        self.flow.is_some()
    }

    /// Returns how many bytes are held. An event counts twice, as bytes and as an event, because it is held as both.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether more may be read, because the consumer takes it, or because it can be held.
    pub(super) fn has_room(&self) -> bool {
        self.is_flowing() || self.size < MAX_HELD
    }

    /// Sets the flow, and writes what is held into `out`. From now on everything is written in the form of `flow`.
    pub(super) fn flow(&mut self, flow: Flow, out: &mut Outbox) {
        if self.flow.replace(flow).is_none() {
            self.reader.rewind();
        }
        for held in std::mem::take(&mut self.held) {
            match held {
                Held::Bytes(bytes) => {
                    self.bytes(bytes, out);
                    self.pass(out);
                }
                Held::Announced(mut events) => out.append(&mut events),
                Held::Event(name, text) => {
                    if let Some(parsed) = self.reader.parse(&text) {
                        self.reader.write(&parsed, name.as_deref(), &text, flow, out);
                    }
                }
            }
        }
    }

    /// Takes the bytes of one network read.
    pub(super) fn bytes(&mut self, bytes: Bytes, out: &mut Outbox) {
        match self.flow {
            None => {
                self.size += bytes.len();
                self.held.push(Held::Bytes(bytes));
            }
            Some(flow) if flow.mode != Mode::Bytes => {}
            Some(_) if self.coalescer.is_some() => self.last = bytes,
            Some(_) => out.bytes(bytes),
        }
    }

    /// Merges the chunks in the bytes of the last read. To be called after its events were taken.
    pub(super) fn pass(&mut self, out: &mut Outbox) {
        if let Some(coalescer) = &mut self.coalescer
            && !self.last.is_empty()
        {
            coalescer.take(&std::mem::take(&mut self.last), out);
        }
    }

    /// Writes the rest of the bytes, because no more will be read.
    pub(super) fn finish_bytes(&mut self, out: &mut Outbox) {
        self.pass(out);
        if let Some(coalescer) = &mut self.coalescer {
            coalescer.finish(out);
        }
    }

    /// Removes the last `count` bytes of the last read.
    pub(super) fn take_back(&mut self, count: usize, out: &mut Outbox) {
        let held = self.held.iter_mut().rev().find_map(|held| match held {
            Held::Bytes(bytes) => Some(bytes),
            Held::Event(..) | Held::Announced(_) => None,
        });
        match held {
            Some(bytes) => bytes.truncate(bytes.len().saturating_sub(count)),
            None if self.coalescer.is_some() => self.last.truncate(self.last.len().saturating_sub(count)),
            None => out.drop_last(count),
        }
    }

    /// Takes an event. A name of `error` says that it is a failure, as some gateways name them. Returns whether the answer is
    /// complete with it, or an error if it reports a failure, or is not a JSON object.
    pub(super) fn event(
        &mut self,
        name: Option<&str>,
        text: &str,
        arrived: Instant,
        out: &mut Outbox,
    ) -> Result<bool, Error> {
        let is_error = name == Some("error");
        let parsed = match is_error {
            true => None,
            false => self.reader.parse(text),
        };
        let Some(parsed) = parsed else {
            return Err(self.reader.refuse(text, is_error));
        };
        match self.flow {
            Some(flow) => {
                let result = self.reader.add(&parsed, arrived, out);
                self.reader.write(&parsed, name, text, flow, out);
                result
            }
            None => {
                let mut announced = Outbox::default();
                let result = self.reader.add(&parsed, arrived, &mut announced);
                self.hold_announced(announced);
                self.size += text.len();
                self.held
                    .push(Held::Event(name.map(str::to_owned), text.to_owned()));
                result
            }
        }
    }

    /// Ends the stream, see [`Reader::end`].
    pub(super) fn end(&mut self, close: Close, out: &mut Outbox) -> Result<(), Error> {
        if self.is_flowing() {
            return self.reader.end(close, out);
        }
        let mut announced = Outbox::default();
        let result = self.reader.end(close, &mut announced);
        self.hold_announced(announced);
        result
    }

    fn hold_announced(&mut self, announced: Outbox) {
        if !announced.is_empty() {
            self.held.push(Held::Announced(announced));
        }
    }
}

impl std::fmt::Debug for Held {
    /// Shows no text, because it is part of a conversation.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}
