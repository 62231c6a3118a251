//! Events on their way from the network to the consumer. Until the consumer has said how it reads, a few are held, so that
//! the first words are there when it does.

use bytes::Bytes;
use tokio::time::Instant;

use super::progress::Progress;
use super::reader::EventReader;
use crate::delivery::{Flow, Mode, Outbox};
use crate::error::Error;

/// How much is read ahead of a consumer that has not said how it reads, in bytes. The rest stays in the socket.
const MAX_HELD: usize = 64 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct EventBuffer {
    reader: EventReader,
    flow: Option<Flow>,
    held: Vec<Held>,
    size: usize,
}

/// What came before the consumer said how it reads.
enum Held {
    /// One read of the network.
    Bytes(Bytes),
    /// The text of an event, which is in the completion already.
    Event(String),
    /// What is told beside the events: the model, a fallback, the usage.
    Told(Outbox),
}

impl EventBuffer {
    pub(super) fn new(reader: EventReader, flow: Option<Flow>) -> Self {
        Self {
            reader,
            flow,
            held: Vec::new(),
            size: 0,
        }
    }

    pub(super) fn reader(&self) -> &EventReader {
        &self.reader
    }

    pub(super) fn progress(&self) -> &Progress {
        self.reader.progress()
    }

    /// Whether the consumer has said how it reads.
    pub(super) fn is_flowing(&self) -> bool {
        self.flow.is_some()
    }

    /// Whether more may be read: the consumer takes it, or it can be held.
    pub(super) fn has_room(&self) -> bool {
        self.is_flowing() || self.size < MAX_HELD
    }

    /// Writes what is held into `out`, and from here on everything, in the form of `flow`.
    pub(super) fn flow(&mut self, flow: Flow, out: &mut Outbox) {
        if self.flow.replace(flow).is_none() {
            self.reader.rewind();
        }
        for held in std::mem::take(&mut self.held) {
            match held {
                Held::Bytes(bytes) => self.bytes(bytes, out),
                Held::Told(mut told) => out.append(&mut told),
                Held::Event(text) => {
                    if let Some(parsed) = self.reader.parse(&text) {
                        self.reader.write(&parsed, &text, flow, out);
                    }
                }
            }
        }
    }

    /// Takes one read of the network.
    pub(super) fn bytes(&mut self, bytes: Bytes, out: &mut Outbox) {
        match self.flow {
            None => {
                self.size += bytes.len();
                self.held.push(Held::Bytes(bytes));
            }
            Some(flow) if flow.mode == Mode::Bytes => out.bytes(bytes),
            Some(_) => {}
        }
    }

    /// Takes back the last `count` bytes of the last read.
    pub(super) fn take_back(&mut self, count: usize, out: &mut Outbox) {
        let held = self.held.iter_mut().rev().find_map(|held| match held {
            Held::Bytes(bytes) => Some(bytes),
            Held::Event(_) | Held::Told(_) => None,
        });
        match held {
            Some(bytes) => bytes.truncate(bytes.len().saturating_sub(count)),
            None => out.drop_last(count),
        }
    }

    /// Takes an event. `is_error` says whether a gateway has named it `error`. The error is the answer's, if the event tells
    /// that it failed.
    pub(super) fn event(
        &mut self,
        text: &str,
        is_error: bool,
        arrived: Instant,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        let parsed = match is_error {
            true => None,
            false => self.reader.parse(text),
        };
        let Some(parsed) = parsed else {
            return Err(self.reader.refuse(text, is_error));
        };
        match self.flow {
            Some(flow) => {
                self.reader.assemble(&parsed, arrived, out);
                self.reader.write(&parsed, text, flow, out);
            }
            None => {
                let mut told = Outbox::default();
                self.reader.assemble(&parsed, arrived, &mut told);
                self.hold_told(told);
                self.size += text.len();
                self.held.push(Held::Event(text.to_owned()));
            }
        }
        Ok(())
    }

    /// Ends the stream, see [`EventReader::end`].
    pub(super) fn end(&mut self, is_done: bool, out: &mut Outbox) -> Result<(), Error> {
        if self.is_flowing() {
            return self.reader.end(is_done, out);
        }
        let mut told = Outbox::default();
        let result = self.reader.end(is_done, &mut told);
        self.hold_told(told);
        result
    }

    fn hold_told(&mut self, told: Outbox) {
        if !told.is_empty() {
            self.held.push(Held::Told(told));
        }
    }
}

impl std::fmt::Debug for Held {
    /// Shows no text: it is a conversation.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}
