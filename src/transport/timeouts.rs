//! The timeouts of a client or of one request.

use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::error::unknown::unknown_field;
use crate::error::{Error, Phase, invalid_option};

/// The fields of the option `timeouts`.
const FIELDS: &[&str] = &["connect", "headers", "idle", "total"];

/// The timeouts of a request. `None` means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For connecting to the host.
    pub connect: Option<Duration>,
    /// From the start of the request to the headers of the response, connecting included. It restarts with each redirect and
    /// each attempt.
    pub headers: Option<Duration>,
    /// Between two data events of a stream, or between two reads of a body.
    pub idle: Option<Duration>,
    /// For the whole request.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            headers: Some(Duration::from_secs(600)),
            idle: Some(Duration::from_secs(300)),
            total: None,
        }
    }
}

impl Timeouts {
    /// Awaits `work`, a request that began at `started`, until the total timeout. `work` is passed by reference, because
    /// each future that took it by value would reserve space for its state again.
    pub async fn within_total<T>(
        &self,
        started: Instant,
        work: Pin<&mut impl Future<Output = Result<T, Error>>>,
    ) -> Result<T, Error> {
        match self.total {
            Some(limit) => timeout_at(started + limit, work)
                .await
                .unwrap_or_else(|_| Err(Error::timeout(Phase::Total, limit))),
            None => work.await,
        }
    }

    /// Returns these timeouts, overridden by those in `value`, an object of milliseconds. `0`, `null` and `Infinity` (which
    /// JSON writes as `null`) mean no limit.
    pub fn merged(mut self, value: &Value) -> Result<Self, Error> {
        let Value::Object(given) = value else {
            return match value {
                Value::Null => Ok(self),
                _ => Err(invalid_option("timeouts", "an object of milliseconds")),
            };
        };
        for (name, value) in given {
            if !FIELDS.contains(&name.as_str()) {
                return Err(unknown_field("timeouts", name, FIELDS));
            }
            let limit = match value {
                Value::Null => None,
                value => match value.as_f64().filter(|ms| *ms >= 0.0) {
                    Some(ms) => {
                        Some(Duration::from_secs_f64((ms / 1000.0).min(1e9))).filter(|d| !d.is_zero())
                    }
                    None => {
                        return Err(invalid_option(
                            &format!("timeouts.{name}"),
                            "a number of milliseconds",
                        ));
                    }
                },
            };
            match name.as_str() {
                "connect" => self.connect = limit,
                "headers" => self.headers = limit,
                "idle" => self.idle = limit,
                _ => self.total = limit,
            }
        }
        Ok(self)
    }
}
