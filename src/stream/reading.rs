//! Between the half of a stream that reads the network and what its consumer wants: until it has said what that is,
//! events are held, so that the first words are there when it does.

use std::sync::{Arc, Mutex};
use std::{fmt, mem};

use bytes::Bytes;
use tokio::time::Instant;

use super::reader::Reader;
use crate::completion::Chunk;
use crate::delivery::{Flow, Mode, Outbox};
use crate::error::{Error, ErrorKind};

/// So much is read for a consumer that has not said what it wants; the rest is left in the network.
const MAX_HELD: usize = 64 * 1024;

/// A stream's events on their way to its consumer.
pub struct Reading {
    pub(super) reader: Reader,
    flow: Option<Flow>,
    held: Vec<Held>,
    size: usize,
    /// Whether what is held ends in an event that is a failure: nothing is read after it.
    fails: bool,
    failure: Option<Error>,
    /// What is to be done once all that is held was shown, where that is the whole answer.
    rest: Option<Rest>,
}

/// What is done behind a whole answer's last item, with what it was shown in, and what went wrong with that.
pub type Rest = Box<dyn FnOnce(&mut Outbox, Result<(), Error>) + Send>;

/// [`Reading`] as the network thread shares it with the consumer's.
pub type SharedReading = Arc<Mutex<Reading>>;

/// What came before the consumer said what it wants.
#[derive(Debug)]
enum Held {
    /// A read of the network, for who wants the bytes.
    Bytes(Bytes),
    /// An event's data, whether a gateway named it `error`, and when it came.
    Event(String, bool, Instant),
    /// The data of an event behind `[DONE]`.
    Late(String),
}

impl Reading {
    pub(super) fn new(reader: Reader) -> Self {
        Self {
            reader,
            flow: None,
            held: Vec::new(),
            size: 0,
            fails: false,
            failure: None,
            rest: None,
        }
    }

    /// Whether the consumer has said what it wants.
    pub(super) fn is_flowing(&self) -> bool {
        self.flow.is_some()
    }

    /// Whether more can be held.
    pub(super) fn has_room(&self) -> bool {
        !self.fails && self.size < MAX_HELD
    }

    /// The consumer wants `flow` from here on.
    pub fn want(&mut self, flow: Flow) {
        self.flow = Some(flow);
    }

    /// Writes what is held into `out` on the consumer's own thread, unless it is much: that is left to the network's. So
    /// is a failure.
    pub fn show_little(&mut self, out: &mut Outbox) {
        if self.size < MAX_HELD {
            self.failure = self.show(out).err();
        }
    }

    /// What is held is the whole answer: who asks for it does the rest, too. Somebody may have done so just now.
    pub fn leave_whole(&mut self, rest: Rest) {
        self.rest = Some(rest);
        if self.is_flowing() {
            self.show_whole(&mut Outbox::default());
        }
    }

    /// Nobody will ask for the whole answer any more.
    pub fn forget_whole(&mut self) {
        self.rest = None;
    }

    /// Writes the whole answer into `out` and does the rest, if it was left to who asks for it.
    pub fn show_whole(&mut self, out: &mut Outbox) -> bool {
        let Some(rest) = self.rest.take() else {
            return false;
        };
        let shown = self.show(out);
        let ended = shown.and_then(|_| self.reader.end(out, true));
        rest(out, ended);
        true
    }

    /// Writes what is held into `out`, if somebody wants it; whether there was anything.
    pub(super) fn show(&mut self, out: &mut Outbox) -> Result<bool, Error> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let Some(flow) = self.flow.filter(|_| !self.held.is_empty()) else {
            return Ok(false);
        };
        self.size = 0;
        for held in mem::take(&mut self.held) {
            match held {
                Held::Bytes(bytes) if flow.mode == Mode::Bytes => out.bytes(bytes),
                Held::Bytes(_) => {}
                Held::Event(text, is_error, arrived) => {
                    self.reader.read(&text, is_error, arrived, flow, out)?;
                }
                Held::Late(text) => self.reader.late(&text),
            }
        }
        Ok(true)
    }

    /// A read of the network.
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

    /// An event behind `[DONE]`: its usage counts, after all that stands before it.
    pub(super) fn late(&mut self, text: &str) {
        if self.held.is_empty() {
            self.reader.late(text);
            return;
        }
        let kept = self.held.iter().map(|held| match held {
            Held::Late(text) => text.len(),
            _ => 0,
        });
        if text.contains("\"usage\"") && kept.sum::<usize>() + text.len() < MAX_HELD {
            self.held.push(Held::Late(text.to_owned()));
        }
    }

    /// Takes back the last `count` bytes of the last read.
    pub(super) fn drop_last(&mut self, count: usize, out: &mut Outbox) {
        let held = self.held.iter_mut().rev().find_map(|held| match held {
            Held::Bytes(bytes) => Some(bytes),
            _ => None,
        });
        match held {
            Some(bytes) => bytes.truncate(bytes.len().saturating_sub(count)),
            None => out.drop_last(count),
        }
    }

    /// An event; whether more may come. What a cut connection leaves of one (`at_end`) is a cut, not a fault of the
    /// event, and none where the answer had ended.
    pub(super) fn event(
        &mut self,
        text: &str,
        is_error: bool,
        arrived: Instant,
        at_end: bool,
        out: &mut Outbox,
    ) -> Result<bool, Error> {
        let Some(flow) = self.flow else {
            if is_error || !Chunk::is_plainly_good(text) {
                let chunk = Chunk::parse(text);
                if at_end && chunk.is_none() {
                    return Ok(false);
                }
                self.fails = is_error || chunk.is_none_or(|chunk| chunk.failed());
            }
            self.hold(text.to_owned(), is_error, arrived);
            return Ok(!self.fails);
        };
        match self.reader.read(text, is_error, arrived, flow, out) {
            Err(error) if at_end && error.kind() == ErrorKind::MalformedResponse => Ok(false),
            result => result.map(|()| true),
        }
    }

    /// The first event, which decides whether the request has failed.
    pub(super) fn hold_first(&mut self, text: String, is_error: bool, arrived: Instant) -> Result<(), Error> {
        self.reader.refuse(&text, is_error)?;
        self.hold(text, is_error, arrived);
        Ok(())
    }

    fn hold(&mut self, text: String, is_error: bool, arrived: Instant) {
        self.size += text.len();
        self.held.push(Held::Event(text, is_error, arrived));
    }
}

impl fmt::Debug for Reading {
    /// Shows no event: it is somebody's conversation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("flow", &self.flow)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
