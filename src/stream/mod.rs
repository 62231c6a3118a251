//! One streamed completion: reads the network, and hands what it brings to an [`EventPump`]. One thread at a time owns the pump;
//! other threads see the [`Progress`] only.

mod buffer;
mod options;
mod progress;
mod pump;
mod reader;

use std::time::Duration;

use bytes::Bytes;

use crate::delivery::{Flow, Outbox};
use crate::error::Error;
use crate::transport::Response;
use crate::transport::read_timeout::ReadTimeout;

pub use options::StreamOptions;
pub use progress::Progress;
pub use pump::{EventPump, Tail};

/// How long the rest of a body is read after `[DONE]`, so that its connection can serve the next request.
const TAIL: Duration = Duration::from_secs(1);

/// A streamed completion in progress.
#[derive(Debug)]
pub struct ChatStream {
    network: Network,
    pump: EventPump,
}

/// The half of a stream that reads the network.
#[derive(Debug)]
pub struct Network {
    response: Response,
    timeout: ReadTimeout,
}

impl ChatStream {
    /// Reads to the first event. A failure until then is a failed request: the API sends its status 200 before it knows that a
    /// model will answer.
    pub async fn open(response: Response, options: &StreamOptions) -> Result<Self, Error> {
        let mut stream = Self {
            pump: EventPump::new(&response, options, None),
            network: Network {
                response,
                timeout: ReadTimeout::new(options.idle, options.total, options.started),
            },
        };
        while !stream.pump.has_begun() {
            stream.read(&mut Outbox::default()).await;
        }
        match stream.pump.failure_to_begin() {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    /// A stream of two halves.
    pub fn join(network: Network, pump: EventPump) -> Self {
        Self { network, pump }
    }

    /// The two halves, which different threads may own.
    pub fn split(self) -> (Network, EventPump) {
        (self.network, self.pump)
    }

    /// What it has brought so far.
    pub fn progress(&self) -> &Progress {
        self.pump.progress()
    }

    /// Whether the consumer has said how it reads.
    pub fn is_flowing(&self) -> bool {
        self.pump.is_flowing()
    }

    /// Writes what is held into `out`, and from here on everything, in the form of `flow`.
    pub fn flow(&mut self, flow: Flow, out: &mut Outbox) {
        self.pump.flow(flow, out);
    }

    /// Reads the network once, unless the answer has ended, and writes what came into `out`. `true` at the end of the stream,
    /// which comes after everything else.
    pub async fn advance(&mut self, out: &mut Outbox) -> Result<bool, Error> {
        if !self.pump.is_over() {
            self.read(out).await;
        }
        match self.pump.end(out) {
            None => Ok(false),
            Some(result) => result.map(|()| true),
        }
    }

    async fn read(&mut self, out: &mut Outbox) {
        let read = self.network.read().await;
        if self.pump.take(&read, out) {
            self.network.renew();
        }
    }
}

impl Network {
    /// Reads once; `None` at the end of the body. May be dropped at any time without a loss.
    pub async fn read(&mut self) -> Result<Option<Bytes>, Error> {
        self.timeout.wait_for(self.response.chunk_or_cut()).await?
    }

    /// Starts the idle limit anew: data came, or the consumer took nothing, so that the server was not read.
    pub fn renew(&mut self) {
        self.timeout.renew();
    }

    /// Reads what is left after `[DONE]` for a moment: usage may still come, and a connection with unread bytes cannot be used
    /// again.
    pub async fn read_tail(mut self, mut tail: Tail) {
        let _ = tokio::time::timeout(TAIL, async {
            while let Ok(Some(bytes)) = self.response.chunk().await {
                tail.take(Some(bytes));
            }
            tail.take(None);
        })
        .await;
    }
}
