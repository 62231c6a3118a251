//! The errors of the timeouts: what took too long, how long the limit was, and what to change.

use std::time::Duration;

use super::{Error, ErrorKind};

/// The part of a request that exceeded its timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Opening the connection: DNS, TCP and TLS.
    Connect,
    /// Waiting for the headers of the response, from the start of an attempt or of a redirect.
    Headers,
    /// Waiting for the next data event of a stream, or for the next bytes of another body.
    Idle,
    /// The whole request. This timeout is off unless the caller sets it.
    Total,
}

impl Phase {
    /// Returns the name of this phase in the `timeouts` option.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Headers => "headers",
            Self::Idle => "idle",
            Self::Total => "total",
        }
    }
}

/// What a caller checks first if no connection was made. A longer timeout helps only on a slow network.
const UNREACHABLE: &str = "Check the network, DNS, the proxy and baseURL";

impl Error {
    /// Returns the error of a request that exceeded the timeout `limit` in `phase`.
    pub fn timeout(phase: Phase, limit: Duration) -> Self {
        let limit = shown(limit);
        let message = match phase {
            Phase::Connect => {
                format!("No connection within {limit}. {UNREACHABLE}, or raise timeouts.connect.")
            }
            Phase::Headers => format!(
                "No response headers within {limit}. Raise timeouts.headers; for long answers, stream: true gets the headers \
                 sooner."
            ),
            Phase::Idle => format!(
                "No data for {limit} in the middle of the response. Raise timeouts.idle if the model may pause for longer; \
                 keep-alive comments are not data."
            ),
            Phase::Total => format!(
                "The request did not finish within {limit}. Raise timeouts.total, which includes retries, fallbacks and \
                 the whole answer."
            ),
        };
        Self::of_phase(phase, message)
    }

    /// Returns the error of a request that still waited for its connection when `timeouts.headers` ended the wait.
    pub fn no_connection_within_headers(limit: Duration) -> Self {
        let limit = shown(limit);
        let message = format!("No connection within {limit}. {UNREACHABLE}, or raise timeouts.headers.");
        Self::of_phase(Phase::Connect, message)
    }

    /// Returns the error of a request that `timeouts.total` ended while it waited for its turn under the option `rateLimit`.
    pub fn queued_too_long(limit: Duration, per_minute: u32) -> Self {
        let limit = shown(limit);
        let message = format!(
            "The request did not get its turn under rateLimit ({per_minute} requests per minute) within {limit}, so it was not \
             sent. Raise timeouts.total or rateLimit.requestsPerMinute."
        );
        Self::of_phase(Phase::Total, message)
    }

    fn of_phase(phase: Phase, message: String) -> Self {
        let mut error = Self::new(ErrorKind::Timeout, message);
        error.details_mut().phase = Some(phase);
        error
    }
}

/// Returns a duration as a person reads it: `250 ms`, `1.5 s`.
fn shown(limit: Duration) -> String {
    match limit.as_millis() {
        ms if ms < 1000 => format!("{ms} ms"),
        ms => format!("{} s", ms as f64 / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_shown_as_a_person_reads_it() {
        for (ms, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1 s"),
            (1500, "1.5 s"),
            (600_000, "600 s"),
        ] {
            assert_eq!(shown(Duration::from_millis(ms)), text);
        }
    }
}
