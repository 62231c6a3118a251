//! One streamed completion: bytes in, events read, the completion assembled, and each event written out in the form
//! its consumer wants. It is pulled: nothing is read from the socket unless somebody asks for more.

mod progress;
mod reader;
pub mod tap;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use crate::completion::Chunk;
use crate::config::Config;
use crate::delivery::{Flow, Mode, Outbox};
use crate::error::{Error, ErrorKind, Phase};
use crate::request::body::ChatRequest;
use crate::request::routing::Route;
use crate::sse::{Event, Framer};
use crate::transport::{Response, too_large};

pub use progress::{Progress, SharedProgress, lock};
use reader::{Reader, is_error, truncated};

/// How long the rest of a body is read after `[DONE]`, so that its connection can serve the next request.
const TAIL: Duration = Duration::from_secs(1);

/// A streamed completion that is under way.
#[derive(Debug)]
pub struct ChatStream {
    response: Response,
    reader: Reader,
    framer: Framer,
    /// The first event, which decided that the stream is good, until the consumer comes for it.
    first: Option<Payload>,
    /// Network reads that went by before the consumer said whether it wants them raw.
    replay: Vec<Bytes>,
    last_data: Instant,
    idle: Option<Duration>,
    deadline: Option<(Instant, Duration)>,
    ended: bool,
}

/// The first event, kept: its data, whether a gateway named it `error`, and when it came.
#[derive(Debug)]
struct Payload {
    text: String,
    is_error: bool,
    arrived: Instant,
}

impl ChatStream {
    /// Reads on to the first data event. Until it is there a failure is a failed request: the API sends its 200
    /// before it knows that a model will answer.
    pub async fn open(
        mut response: Response,
        request: &ChatRequest,
        config: &Arc<Config>,
        route: Route,
        started: Instant,
    ) -> Result<Self, Error> {
        let now = Instant::now();
        let generation_id = response.header("x-generation-id").map(str::to_owned);
        let progress = Progress::new(route, generation_id, started);
        let progress = Arc::new(Mutex::new(progress));
        let reader = Reader::new(
            progress,
            config.key.clone(),
            response.headers(),
            request.limits.clone(),
        );
        let kind = response.header("content-type").unwrap_or_default();
        let whole = kind.contains("json") || kind.contains("text/html");
        let mut replay = Vec::new();
        let first = match whole {
            true => {
                let text = read_whole(&mut response, &reader, config).await?;
                replay.push(Bytes::copy_from_slice(text.as_bytes()));
                Some(Payload {
                    text,
                    is_error: false,
                    arrived: Instant::now(),
                })
            }
            false => None,
        };
        let mut stream = Self {
            response,
            reader,
            framer: Framer::new(config.max_event_bytes),
            first,
            replay,
            last_data: now,
            idle: request.timeouts.idle,
            deadline: request.timeouts.total.map(|limit| (started + limit, limit)),
            ended: whole,
        };
        while stream.first.is_none() && !stream.ended {
            stream.find_first().await?;
        }
        if let Some(first) = &stream.first {
            stream.reader.refuse(&first.text, first.is_error)?;
        }
        Ok(stream)
    }

    /// What it has brought so far.
    pub fn progress(&self) -> SharedProgress {
        self.reader.progress()
    }

    async fn find_first(&mut self) -> Result<(), Error> {
        let read = self.read().await.map_err(|error| self.reader.fail(error))?;
        let event = match &read {
            Some(bytes) => {
                self.framer.push(bytes);
                self.framer
                    .next()
                    .map_err(|over| too_large(over.limit, "maxEventBytes"))?
            }
            None => self.framer.finish(),
        };
        match event {
            Some(Event::Data { name, data }) => {
                self.last_data = Instant::now();
                self.first = Some(Payload {
                    text: data.into_owned(),
                    is_error: is_error(name.as_deref()),
                    arrived: self.last_data,
                });
            }
            Some(Event::Done) => self.ended = true,
            None if read.is_none() => return Err(self.reader.fail(truncated())),
            None => {}
        }
        self.replay.extend(read);
        Ok(())
    }

    /// Reads the network once and writes all it brought into `out`; `true` at the stream's end.
    pub async fn advance(&mut self, flow: Flow, out: &mut Outbox) -> Result<bool, Error> {
        for bytes in self.replay.drain(..) {
            if flow.mode == Mode::Bytes {
                out.bytes(bytes);
            }
        }
        if let Some(first) = self.first.take() {
            self.reader
                .read(&first.text, first.is_error, first.arrived, flow, out)?;
            if self.ended {
                return self.reader.end(out, true).map(|()| true);
            }
            // The read that brought it may have brought more.
            return self.read_events(flow, out, false);
        }
        if self.ended {
            return self.reader.end(out, true).map(|()| true);
        }
        match self.read().await.map_err(|error| self.reader.fail(error))? {
            Some(bytes) => {
                self.framer.push(&bytes);
                if flow.mode == Mode::Bytes {
                    out.bytes(bytes);
                }
                self.read_events(flow, out, false)
            }
            None => self.read_events(flow, out, true),
        }
    }

    /// Time in which the consumer took nothing is not the server's.
    pub fn resume(&mut self) {
        self.last_data = Instant::now();
    }

    /// Reads what is left after `[DONE]` for a moment: usage may still come, and an unread connection cannot be used
    /// again.
    pub async fn read_tail(mut self) {
        let _ = tokio::time::timeout(TAIL, async {
            while let Ok(Some(bytes)) = self.response.chunk().await {
                self.framer.push(&bytes);
                while let Ok(Some(Event::Data { data, .. })) = self.framer.next() {
                    if let Some(chunk) = Chunk::parse(&data).filter(|chunk| chunk.usage().is_some()) {
                        lock(&self.reader.progress()).completion.apply(&chunk);
                    }
                }
            }
        })
        .await;
    }

    fn read_events(&mut self, flow: Flow, out: &mut Outbox, at_end: bool) -> Result<bool, Error> {
        loop {
            let event = match at_end {
                true => self.framer.finish(),
                false => self
                    .framer
                    .next()
                    .map_err(|over| self.reader.fail(too_large(over.limit, "maxEventBytes")))?,
            };
            match event {
                Some(Event::Data { name, data }) => {
                    self.last_data = Instant::now();
                    match self
                        .reader
                        .read(&data, is_error(name.as_deref()), self.last_data, flow, out)
                    {
                        // What a cut connection leaves of an event is a cut, not a fault of the event, and none where
                        // the answer had ended.
                        Err(error) if at_end && error.kind() == ErrorKind::MalformedResponse => {
                            self.ended = true;
                            return self.reader.end(out, false).map(|()| true);
                        }
                        result => result?,
                    }
                }
                Some(Event::Done) => {
                    self.ended = true;
                    return self.reader.end(out, true).map(|()| true);
                }
                None if at_end => {
                    self.ended = true;
                    return self.reader.end(out, false).map(|()| true);
                }
                None => return Ok(false),
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Error> {
        let idle = self
            .idle
            .map(|limit| (self.last_data + limit, limit, Phase::Idle));
        let total = self.deadline.map(|(at, limit)| (at, limit, Phase::Total));
        let bytes = match idle.into_iter().chain(total).min_by_key(|(at, ..)| *at) {
            Some((at, limit, phase)) => timeout_at(at, self.response.chunk_or_cut())
                .await
                .map_err(|_| Error::timeout(phase, limit))??,
            None => self.response.chunk_or_cut().await?,
        };
        lock(&self.reader.progress()).bytes += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Ok(bytes)
    }
}

/// The body of a server that answers a stream request with one JSON text, or with a page.
async fn read_whole(response: &mut Response, reader: &Reader, config: &Config) -> Result<String, Error> {
    let text = response.text(config.max_response_bytes).await?;
    if text.trim().is_empty() {
        return Err(reader.fail(Error::empty_response()));
    }
    if Chunk::parse(&text).is_none() {
        return Err(reader.source(response.status()).read(&text));
    }
    Ok(text)
}
