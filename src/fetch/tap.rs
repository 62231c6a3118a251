//! Reads a body as it passes to somebody else, without changing a byte: the model, usage, fallback and error of a
//! chat whose answer goes through `fetch`.

use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use crate::delivery::{Flow, Mode, Outbox};
use crate::error::{Error, ErrorKind};
use crate::request::routing::Route;
use crate::secret::ApiKey;
use crate::sse::{Event, Framer};
use crate::stream::reader::{Reader, is_error, late};
use crate::stream::{Progress, SharedProgress};
use crate::transport::Response;

/// What is wanted of the events: no chunks, no deltas.
const FACTS: Flow = Flow::facts(Mode::Bytes);

/// A reader of a passing body.
#[derive(Debug)]
pub struct Tap {
    reader: Reader,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// An event stream.
    Events(Framer),
    /// One JSON text, kept until it is whole.
    Whole(Vec<u8>, usize),
    /// Read to its end, or not to be read.
    Over,
}

impl Tap {
    /// A tap on the answer to a chat that was routed by `route`.
    pub fn new(
        response: &Response,
        key: ApiKey,
        route: Route,
        started: Instant,
        max_event_bytes: usize,
    ) -> Self {
        let generation_id = response.header("x-generation-id").map(str::to_owned);
        let progress = Progress::new(key, route, generation_id, started);
        let kind = response.header("content-type").unwrap_or_default();
        let body = match kind {
            kind if kind.contains("event-stream") => Body::Events(Framer::new(max_event_bytes)),
            kind if kind.contains("json") => Body::Whole(Vec::new(), max_event_bytes),
            // What stands in front of the API tells its failures in pages, or says nothing.
            _ if response.status() >= 400 => Body::Whole(Vec::new(), max_event_bytes),
            _ => Body::Over,
        };
        let reader = Reader::new(Arc::new(Mutex::new(progress)), response.headers(), None);
        Self { reader, body }
    }

    /// What it has brought so far.
    pub fn progress(&self) -> SharedProgress {
        self.reader.progress()
    }

    /// Whether all that is to be read was read.
    pub fn is_over(&self) -> bool {
        matches!(self.body, Body::Over)
    }

    /// Takes what passes; what it tells goes into `out` as events. Gives the failure that it reads.
    pub fn pass(&mut self, bytes: &[u8], out: &mut Outbox) -> Option<Error> {
        match &mut self.body {
            Body::Events(framer) => {
                framer.push(bytes);
                loop {
                    let told = match framer.next() {
                        Ok(Some(Event::Data { name, data })) => self
                            .reader
                            .read(&data, is_error(name.as_deref()), Instant::now(), FACTS, out)
                            .map(|()| false),
                        Ok(Some(Event::Done)) => {
                            late(framer, |text| self.reader.late(text));
                            self.reader.end(out, true).map(|()| true)
                        }
                        Ok(None) => return None,
                        Err(_) => Ok(true),
                    };
                    match told {
                        Ok(false) => {}
                        told => {
                            self.body = Body::Over;
                            return told.err();
                        }
                    }
                }
            }
            Body::Whole(text, limit) => {
                text.extend_from_slice(bytes);
                if text.len() > *limit {
                    self.body = Body::Over;
                }
                None
            }
            Body::Over => None,
        }
    }

    /// The body has broken off. Gives whether that is news.
    pub fn fail(&mut self) -> bool {
        !matches!(std::mem::replace(&mut self.body, Body::Over), Body::Over)
    }

    /// The body has ended. Gives the failure that it reads.
    pub fn end(&mut self, status: u16, out: &mut Outbox) -> Option<Error> {
        match std::mem::replace(&mut self.body, Body::Over) {
            Body::Events(framer) => self.finish(framer, out),
            Body::Whole(text, _) => {
                let text = String::from_utf8_lossy(&text);
                if !(200..300).contains(&status) {
                    return Some(self.reader.source(status).read(&text));
                }
                let read = self.reader.read(&text, false, Instant::now(), FACTS, out);
                read.and_then(|()| self.reader.end(out, true)).err()
            }
            Body::Over => None,
        }
    }

    /// What is left of an event stream: real servers leave the last blank line out.
    fn finish(&mut self, mut framer: Framer, out: &mut Outbox) -> Option<Error> {
        let mut is_done = false;
        while let (false, Some(event)) = (is_done, framer.finish()) {
            let Event::Data { name, data } = event else {
                is_done = true;
                continue;
            };
            let name = is_error(name.as_deref());
            match self.reader.read(&data, name, Instant::now(), FACTS, out) {
                Ok(()) => {}
                // What a cut leaves of an event is a cut, not a fault of the event.
                Err(error) if error.kind() == ErrorKind::MalformedResponse => break,
                Err(error) => return Some(error),
            }
        }
        self.reader.end(out, is_done).err()
    }
}
