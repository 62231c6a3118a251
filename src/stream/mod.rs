//! Reads a streamed answer: a [`Network`] reads the bytes, and a [`Pump`] turns them into events, by the rules of the endpoint's
//! [`Reader`]. One thread at a time owns the pump; other threads see what has been [`Received`] only.

mod answer;
mod body;
mod buffer;
mod chat;
mod coalescer;
mod form;
mod options;
mod progress;
mod pump;
mod reader;
mod received;

use std::time::Duration;

use bytes::Bytes;

use crate::delivery::{Flow, Mode, Outbox};
use crate::error::Error;
use crate::sse::DataDetector;
use crate::transport::Response;
use crate::transport::read_timeout::ReadTimeout;

pub use answer::{AnswerProgress, AnswerReader};
pub use chat::ChatReader;
pub use coalescer::Coalescer;
pub use options::StreamOptions;
pub use progress::Progress;
pub use pump::{Pump, Tail};
pub use reader::Reader;
pub use received::Received;

/// How long the rest of a body is read after `[DONE]`, so that its connection can be reused.
const TAIL: Duration = Duration::from_secs(1);

/// A streamed answer in progress.
#[derive(Debug)]
pub struct Stream<R> {
    network: Network,
    pump: Pump<R>,
}

/// A streamed completion.
pub type ChatStream = Stream<ChatReader>;
/// A streamed answer of another endpoint.
pub type AnswerStream = Stream<AnswerReader>;
/// Reads a streamed completion.
pub type EventPump = Pump<ChatReader>;
/// Reads a streamed answer of another endpoint.
pub type AnswerPump = Pump<AnswerReader>;

/// The half of a stream that reads the network. Its idle timeout starts when the stream is opened, restarts with each read
/// that has data, and with [`Network::renew`] after a time in which nothing was read.
#[derive(Debug)]
pub struct Network {
    response: Response,
    timeout: ReadTimeout,
    detector: DataDetector,
}

impl<R: Reader> Stream<R> {
    /// Reads up to the first event. A failure before it fails the request, because the API sends status 200 before it knows
    /// whether a model will answer.
    pub async fn open(response: Response, options: &StreamOptions) -> Result<Self, Error> {
        let mut stream = Self {
            pump: Pump::new(&response, options),
            network: Network::new(response, options),
        };
        while !stream.pump.has_begun() {
            stream.read(&mut Outbox::default()).await;
        }
        match stream.pump.failure_to_begin() {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    /// Joins the two halves of a stream.
    pub fn join(network: Network, pump: Pump<R>) -> Self {
        Self { network, pump }
    }

    /// Splits the stream into two halves, which different threads may own.
    pub fn split(self) -> (Network, Pump<R>) {
        (self.network, self.pump)
    }

    /// Returns what the stream has received so far.
    pub fn progress(&self) -> &R::Progress {
        self.pump.progress()
    }

    /// Whether the consumer has chosen its flow.
    pub fn is_flowing(&self) -> bool {
        self.pump.is_flowing()
    }

    /// Sets the flow, and writes what is held into `out`. From now on everything is written in the form of `flow`.
    pub fn flow(&mut self, flow: Flow, out: &mut Outbox) {
        self.pump.flow(flow, out);
    }

    /// Reads the network once, unless the answer has ended, and writes the result into `out`. Returns `true` at the end of
    /// the stream, after everything else was written.
    pub async fn advance(&mut self, out: &mut Outbox) -> Result<bool, Error> {
        if !self.pump.is_over() {
            self.read(out).await;
        }
        match self.pump.end(out) {
            None => Ok(false),
            Some(result) => result.map(|()| true),
        }
    }

    /// Reads the stream to its end, for a caller that asked for a whole answer. Returns what it contained, and how it ended.
    pub async fn collect(mut self) -> (R::Progress, Result<(), Error>) {
        let mut out = Outbox::default();
        self.flow(Flow::without_deltas(Mode::Events), &mut out);
        loop {
            match self.advance(&mut out).await {
                Ok(false) => out = Outbox::default(),
                Ok(true) => return (self.progress().clone(), Ok(())),
                Err(error) => return (self.progress().clone(), Err(error)),
            }
        }
    }

    async fn read(&mut self, out: &mut Outbox) {
        self.pump.take(&self.network.read().await, out);
    }
}

/// Reads a body that has arrived as a whole, if its content is a stream, although its label says that it is not. Returns what it
/// contained, and how it ended.
pub fn read_text(
    response: &Response,
    options: &StreamOptions,
    text: &str,
) -> Option<(Progress, Result<(), Error>)> {
    if !form::is_stream(text) {
        return None;
    }
    let (mut pump, mut out) = (EventPump::new(response, options), Outbox::default());
    pump.flow(Flow::without_deltas(Mode::Events), &mut out);
    pump.take(&Ok(Some(Bytes::copy_from_slice(text.as_bytes()))), &mut out);
    pump.take(&Ok(None), &mut out);
    let result = pump.end(&mut out)?;
    Some((pump.progress().clone(), result))
}

impl Network {
    fn new(response: Response, options: &StreamOptions) -> Self {
        Self {
            response,
            timeout: ReadTimeout::new(options.idle, options.total, options.started),
            detector: DataDetector::default(),
        }
    }

    /// Reads once; `None` at the end of the body. Data restarts the idle timeout. Cancel safe: no data is lost if the future
    /// is dropped.
    pub async fn read(&mut self) -> Result<Option<Bytes>, Error> {
        let read = self.timeout.wait_for(self.response.chunk_or_cut()).await??;
        if read.as_ref().is_some_and(|bytes| self.detector.has_data(bytes)) {
            self.timeout.renew();
        }
        Ok(read)
    }

    /// Waits for the total timeout, and returns its error. For times in which [`Network::read`] is not called.
    pub fn total_timeout(&self) -> impl Future<Output = Error> + use<> {
        self.timeout.total()
    }

    /// Restarts the idle timeout, because the server was not read while the consumer took nothing.
    pub fn renew(&mut self) {
        self.timeout.renew();
    }

    /// Reads the rest of a body after its end for at most a second, and passes it to `take`, which gets `None` at the end of the
    /// body: usage may still arrive, and a connection with unread bytes cannot be reused.
    pub async fn read_tail(mut self, mut take: impl FnMut(Option<Bytes>)) {
        let _ = tokio::time::timeout(TAIL, async {
            while let Ok(Some(bytes)) = self.response.chunk().await {
                take(Some(bytes));
            }
            take(None);
        })
        .await;
    }
}
