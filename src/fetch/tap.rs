//! Reads the response of a chat as it passes through `fetch`, without changing a byte: its model, usage, fallback and error.

use bytes::Bytes;

use crate::delivery::{Flow, Mode, Outbox};
use crate::error::{Error, ErrorKind};
use crate::observe::Outcome;
use crate::stream::{EventPump, Progress, StreamOptions};
use crate::transport::Response;

/// Reads one response of a chat.
#[derive(Debug)]
pub struct Tap {
    pump: EventPump,
    outcome: Outcome,
}

impl Tap {
    /// Creates a tap on the body of `response`, whatever its label says.
    pub fn new(response: &Response, options: &StreamOptions, outcome: Outcome) -> Self {
        Self {
            pump: EventPump::tap(response, options, Flow::without_deltas(Mode::Events)),
            outcome,
        }
    }

    /// Returns what has passed so far.
    pub fn progress(&self) -> &Progress {
        self.pump.progress()
    }

    /// Takes the result of a network read: bytes, the end of the body, or a failure. Writes the events in it into `out`.
    ///
    /// # Errors
    /// If the answer would pass its budget, so that the rest must not be read.
    pub fn pass(&mut self, read: &Result<Option<Bytes>, Error>, out: &mut Outbox) -> Result<(), Error> {
        self.pump.take(read, out);
        if let Some(result) = self.pump.end(out) {
            let stop = result.clone().err();
            self.end(result, out);
            if let Some(stop) = stop.filter(|error| error.kind() == ErrorKind::BudgetExceeded) {
                return Err(stop);
            }
        } else if matches!(read, Ok(None)) {
            // Usage may have arrived after the end of the answer.
            self.outcome.spend(self.pump.progress());
        }
        Ok(())
    }

    fn end(&self, result: Result<(), Error>, out: &mut Outbox) {
        let progress = self.pump.progress();
        match result {
            // A body that is too large to be read here is not an error, because it passes through anyway.
            Err(error) if error.kind() != ErrorKind::ResponseTooLarge => {
                out.event("error", &error.to_json());
                self.outcome.report(&error, Some(progress));
            }
            _ => {}
        }
        self.outcome.settle(progress);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        // A reader may leave after the cost was known, but before the end.
        let progress = self.pump.progress();
        self.outcome.spend(progress);
        // Its cost may still be asked for by `getGeneration`.
        if let (Some(hold), Some(id)) = (progress.hold(), progress.generation_id())
            && hold.is_open()
        {
            hold.wait_for_generation(id);
        }
    }
}
