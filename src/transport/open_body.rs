//! A body that is passed on as it arrives, within the timeouts of its request.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::Response;
use super::read_timeout::ReadTimeout;
use crate::error::Error;
use crate::sse::DataDetector;

/// A response whose body is passed on as it arrives.
#[derive(Debug)]
pub struct OpenBody {
    response: Response,
    /// For text: tells data from comments and white space, which do not restart the idle timeout.
    detector: Option<DataDetector>,
    timeout: ReadTimeout,
}

impl OpenBody {
    /// Creates the body of a response to a request that began at `started`.
    pub fn new(
        response: Response,
        is_text: bool,
        idle: Option<Duration>,
        total: Option<Duration>,
        started: Instant,
    ) -> Self {
        Self {
            response,
            detector: is_text.then(DataDetector::default),
            timeout: ReadTimeout::new(idle, total, started),
        }
    }

    /// Returns the response.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// Reads the next bytes; `None` at the end of the body.
    pub async fn read(&mut self) -> Result<Option<Bytes>, Error> {
        let bytes = self.timeout.wait_for(self.response.chunk()).await??;
        let has_data = match (&mut self.detector, &bytes) {
            (Some(detector), Some(bytes)) => detector.has_data(bytes),
            _ => true,
        };
        if has_data {
            self.timeout.renew();
        }
        Ok(bytes)
    }

    /// Waits for the consumer, while the body is not read: the idle timeout stands still, and the total timeout runs on.
    pub async fn within_total<T>(&mut self, consumer: impl Future<Output = T>) -> Result<T, Error> {
        let awaited = tokio::select! {
            biased;
            awaited = consumer => awaited,
            error = self.timeout.total() => return Err(error),
        };
        self.timeout.renew();
        Ok(awaited)
    }
}
