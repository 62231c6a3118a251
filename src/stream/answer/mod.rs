//! Reads the streams of endpoints beside chats, whose events cross as they are. Usage, cost, failures, the end and the whole
//! answer are read from them on the way.

mod progress;
mod pump;

use crate::delivery::{Flow, Outbox};
use crate::error::Error;
use crate::transport::Response;

use super::{Network, StreamOptions};

pub use progress::AnswerProgress;
pub use pump::AnswerPump;

/// A stream of events in progress.
#[derive(Debug)]
pub struct AnswerStream {
    /// The half that reads the network.
    pub network: Network,
    /// The half that reads the events.
    pub pump: AnswerPump,
}

impl AnswerStream {
    /// Reads up to the first event. A failure before it fails the request, because the API sends status 200 before it knows
    /// whether a model will answer.
    pub async fn open(response: Response, options: &StreamOptions) -> Result<Self, Error> {
        let mut stream = Self {
            pump: AnswerPump::new(&response, options),
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

    /// Reads the stream to its end, for a caller that asked for a whole answer.
    pub async fn collect(mut self) -> (AnswerProgress, Result<(), Error>) {
        let mut out = Outbox::default();
        self.pump
            .flow(Flow::without_deltas(crate::delivery::Mode::Events), &mut out);
        loop {
            if let Some(result) = self.pump.end(&mut out) {
                return (self.pump.progress().clone(), result);
            }
            self.read(&mut out).await;
        }
    }

    async fn read(&mut self, out: &mut Outbox) {
        self.pump.take(&self.network.read().await, out);
    }
}
