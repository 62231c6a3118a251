//! One streamed completion: bytes in, events read, the completion assembled, and each event written out in the form
//! its consumer wants. It is pulled: past a little that is held for a consumer who is still to come, nothing is read
//! from the socket unless somebody asks for more.

mod progress;
pub(crate) mod reader;
mod reading;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::client::request::ChatRequest;
use crate::completion::Chunk;
use crate::config::Config;
use crate::delivery::{Flow, Outbox};
use crate::error::Error;
use crate::request::routing::Route;
use crate::sse::{Event, Framer};
use crate::transport::read_timeout::Patience;
use crate::transport::{Response, too_large};

pub use progress::{Progress, SharedProgress, lock};
use reader::{Reader, is_error, late, truncated};
pub use reading::{Reading, SharedReading};

/// How long the rest of a body is read after `[DONE]`, so that its connection can serve the next request.
const TAIL: Duration = Duration::from_secs(1);

/// A streamed completion that is under way: the half that reads the network.
#[derive(Debug)]
pub struct ChatStream {
    response: Response,
    framer: Framer,
    reading: SharedReading,
    progress: SharedProgress,
    patience: Patience,
    /// Whether the consumer has said what it wants: then there is nothing to be held any more.
    flows: bool,
    over: Option<Over>,
}

/// How the network's half came to its end.
#[derive(Debug)]
enum Over {
    /// With `[DONE]`, or without.
    Ended { done: bool },
    /// The network failed, or what it brought was too large.
    Failed(Error),
}

impl ChatStream {
    /// Reads on to the first data event. Until it is there a failure is a failed request: the API sends its 200
    /// before it knows that a model will answer.
    pub async fn open(
        response: Response,
        request: &ChatRequest,
        config: &Arc<Config>,
        route: Route,
        started: Instant,
    ) -> Result<Self, Error> {
        let generation_id = response.header("x-generation-id").map(str::to_owned);
        let progress = Arc::new(Mutex::new(Progress::new(
            config.key.clone(),
            route,
            generation_id,
            started,
        )));
        let reader = Reader::new(progress.clone(), response.headers(), request.limits.clone());
        let kind = response.header("content-type").unwrap_or_default();
        let whole = kind.contains("json") || kind.contains("text/html");
        let mut stream = Self {
            framer: Framer::new(config.max_event_bytes),
            reading: Arc::new(Mutex::new(Reading::new(reader))),
            progress,
            response,
            patience: Patience::new(request.timeouts.idle, request.timeouts.total, started),
            flows: false,
            over: None,
        };
        match whole {
            true => stream.hold_whole(config).await?,
            false => while !stream.find_first().await? {},
        }
        Ok(stream)
    }

    /// What it has brought so far.
    pub fn progress(&self) -> SharedProgress {
        self.progress.clone()
    }

    /// The half to which its consumer says what it wants.
    pub fn reading(&self) -> SharedReading {
        self.reading.clone()
    }

    /// Whether [`ChatStream::read_on`] has something to do: it may read the network, or somebody wants what is there.
    pub fn reads_on(&self) -> bool {
        let has_room = || {
            let reading = lock(&self.reading);
            reading.is_flowing() || self.over.is_none() && reading.has_room()
        };
        self.flows || has_room()
    }

    /// Whether all of it is held, to its `[DONE]`, and is little.
    pub fn is_whole(&self) -> bool {
        matches!(self.over, Some(Over::Ended { done: true })) && lock(&self.reading).has_room()
    }

    /// Reads on for a consumer that wants `flow`.
    pub async fn advance(&mut self, flow: Flow, out: &mut Outbox) -> Result<bool, Error> {
        lock(&self.reading).want(flow);
        self.read_on(out).await
    }

    /// Writes what was held into `out`, or else reads the network once: what that brings goes into `out` too, or is held
    /// while nobody has said what is wanted. `true` at the stream's end, which comes after everything else.
    pub async fn read_on(&mut self, out: &mut Outbox) -> Result<bool, Error> {
        if !self.flows {
            let mut reading = lock(&self.reading);
            self.flows = reading.is_flowing();
            if reading.show(out)? && self.over.is_none() {
                return Ok(false);
            }
        }
        if self.over.is_none() {
            match self.read().await {
                Ok(read) => self.take_in(read, out)?,
                Err(error) => self.over = Some(Over::Failed(error)),
            }
        }
        // What came while it was read may have been held: an end is told by the next turn then, behind it.
        match self.over.take_if(|_| self.flows) {
            None => Ok(false),
            Some(Over::Ended { done }) => lock(&self.reading).reader.end(out, done).map(|()| true),
            Some(Over::Failed(error)) => Err(lock(&self.reading).reader.fail(error)),
        }
    }

    /// Time in which the consumer took nothing is not the server's.
    pub fn resume(&mut self) {
        self.patience.renew();
    }

    /// Reads what is left after `[DONE]` for a moment: usage may still come, and an unread connection cannot be used
    /// again.
    pub async fn read_tail(mut self) {
        let _ = tokio::time::timeout(TAIL, async {
            while let Ok(Some(bytes)) = self.response.chunk().await {
                self.framer.push(&bytes);
                let mut reading = lock(&self.reading);
                late(&mut self.framer, |text| reading.late(text));
            }
            if let Some(Event::Data { data, .. }) = self.framer.finish() {
                lock(&self.reading).late(&data);
            }
        })
        .await;
    }

    /// Reads the network once, and holds what it brings; whether the first event was in it.
    async fn find_first(&mut self) -> Result<bool, Error> {
        let read = self.read().await;
        let read = read.map_err(|error| lock(&self.reading).reader.fail(error))?;
        let reading = self.reading.clone();
        let (mut reading, mut out) = (lock(&reading), Outbox::default());
        let at_end = self.push(read, &mut reading, &mut out);
        let event = match at_end {
            true => self.framer.finish(),
            false => self
                .framer
                .next()
                .map_err(|over| too_large(over.limit, "maxEventBytes"))?,
        };
        match event {
            Some(Event::Data { name, data }) => {
                let (arrived, is_error) = (self.patience.renew(), is_error(name.as_deref()));
                // What a cut connection leaves of an event is a cut, not a fault of the event.
                if at_end && !is_error && Chunk::parse(&data).is_none() {
                    return Err(reading.reader.fail(truncated()));
                }
                reading.hold_first(data.into_owned(), is_error, arrived)?;
            }
            Some(Event::Done) => {
                self.done(&mut reading);
                return Ok(true);
            }
            None if at_end => return Err(reading.reader.fail(truncated())),
            None => return Ok(false),
        }
        // The read that brought it may have brought more.
        self.take_events(at_end, &mut reading, &mut out)?;
        Ok(true)
    }

    /// The body of a server that answers a stream request with one JSON text, or with a page.
    async fn hold_whole(&mut self, config: &Config) -> Result<(), Error> {
        let text = self.response.text(config.max_response_bytes).await?;
        lock(&self.progress).bytes = text.len() as u64;
        let mut reading = lock(&self.reading);
        if text.trim().is_empty() {
            return Err(reading.reader.fail(Error::empty_response()));
        }
        if Chunk::parse(&text).is_none() {
            return Err(reading.reader.source(self.response.status()).read(&text));
        }
        reading.bytes(Bytes::copy_from_slice(text.as_bytes()), &mut Outbox::default());
        reading.hold_first(text, false, Instant::now())?;
        self.over = Some(Over::Ended { done: true });
        Ok(())
    }

    /// What a read of the network brought. Nobody can ask for it in between: bytes that are not to be seen may yet be
    /// taken back.
    fn take_in(&mut self, read: Option<Bytes>, out: &mut Outbox) -> Result<(), Error> {
        let reading = self.reading.clone();
        let mut reading = lock(&reading);
        let at_end = self.push(read, &mut reading, out);
        self.take_events(at_end, &mut reading, out)
    }

    /// The bytes of a read; whether that was the end.
    fn push(&mut self, read: Option<Bytes>, reading: &mut Reading, out: &mut Outbox) -> bool {
        let Some(bytes) = read else { return true };
        self.framer.push(&bytes);
        reading.bytes(bytes, out);
        false
    }

    fn take_events(&mut self, at_end: bool, reading: &mut Reading, out: &mut Outbox) -> Result<(), Error> {
        loop {
            let event = match at_end {
                true => self.framer.finish(),
                false => match self.framer.next() {
                    Ok(event) => event,
                    Err(over) => {
                        self.over = Some(Over::Failed(too_large(over.limit, "maxEventBytes")));
                        return Ok(());
                    }
                },
            };
            match event {
                Some(Event::Data { name, data }) => {
                    let (name, arrived) = (is_error(name.as_deref()), self.patience.renew());
                    let event = reading.event(&data, name, arrived, at_end, out);
                    if matches!(event, Ok(true)) {
                        continue;
                    }
                    if at_end {
                        self.over = Some(Over::Ended { done: false });
                    } else {
                        // Behind a failure there is nothing: a `[DONE]` would be taken for a good end.
                        reading.drop_last(self.framer.unread(), out);
                    }
                    event?;
                }
                Some(Event::Done) => self.done(reading),
                None if at_end => self.over = Some(Over::Ended { done: false }),
                None => {}
            }
            return Ok(());
        }
    }

    /// `[DONE]` was read; what the same read brought behind it is taken, too.
    fn done(&mut self, reading: &mut Reading) {
        self.over = Some(Over::Ended { done: true });
        late(&mut self.framer, |text| reading.late(text));
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Error> {
        let bytes = self.patience.wait_for(self.response.chunk_or_cut()).await??;
        lock(&self.progress).bytes += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Ok(bytes)
    }
}
