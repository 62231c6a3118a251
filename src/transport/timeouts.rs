//! Limits of time, of a client or of one call.

use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, Phase, invalid_option};

/// Limits of time. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Reaching the host.
    pub connect: Option<Duration>,
    /// From the request to the headers.
    pub headers: Option<Duration>,
    /// Between data events, or between reads of a body.
    pub idle: Option<Duration>,
    /// The whole request.
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
    /// Does `work`, a request that was `started` at a time, within the limit of the whole. By reference: each that it is
    /// handed to by value has room for it.
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

    /// These limits with those that `value` names in their place; `0`, `null` and `Infinity` (which JSON writes as
    /// `null`) mean none.
    pub fn merged(mut self, value: &Value) -> Result<Self, Error> {
        let Value::Object(given) = value else {
            return match value {
                Value::Null => Ok(self),
                _ => Err(invalid_option("timeouts", "an object of milliseconds")),
            };
        };
        for (name, value) in given {
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
                "total" => self.total = limit,
                _ => {
                    return Err(invalid_option(
                        &format!("timeouts.{name}"),
                        "connect, headers, idle or total",
                    ));
                }
            }
        }
        Ok(self)
    }
}
