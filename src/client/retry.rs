//! Whether and when a failed request is retried. The functions are pure: randomness is passed in, and the wait is returned.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Phase};

/// The longest wait before the first retry, if the API has not requested a wait. It doubles with each retry.
const BASE: Duration = Duration::from_millis(500);
/// The longest wait before any retry, if the API has not requested a wait.
const CAP: Duration = Duration::from_secs(8);
/// The longest server-requested wait that is honoured. A longer one is a quota, not a transient failure, and is not retried.
const MAX_HINT: Duration = Duration::from_secs(30);

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It only reads, so that repeating it does no harm.
    Read,
    /// It may be billed, or change something, so that it is retried only if nothing can have come of it.
    Paid,
}

/// How often, and after which waits, requests are retried.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The most retries of one request.
    pub max_retries: u32,
    /// Returns a random number from 0 to 1, so that clients which failed at the same time do not retry at the same time.
    pub jitter: fn() -> f64,
}

impl Policy {
    /// Returns how long to wait before the retry after `error`; `None` means no retry. `retries` is the number of retries so
    /// far.
    pub fn wait_before_retry(&self, purpose: Purpose, error: &Error, retries: u32) -> Option<Duration> {
        let hint = error.details().retry_after;
        let may_retry = retries < self.max_retries
            && hint.is_none_or(|hint| hint <= MAX_HINT)
            && is_retried(purpose, error, hint.is_some());
        if !may_retry {
            return None;
        }
        // Retry at once: a stale connection is not a sign of trouble at the server.
        if error.details().is_stale_connection {
            return Some(Duration::ZERO);
        }
        Some(hint.unwrap_or_else(|| {
            let longest = BASE.saturating_mul(1_u32.checked_shl(retries).unwrap_or(u32::MAX));
            longest.min(CAP).mul_f64((self.jitter)().clamp(0.0, 1.0))
        }))
    }
}

/// Whether the failure may be transient, and a retry does no harm.
fn is_retried(purpose: Purpose, error: &Error, has_hint: bool) -> bool {
    let details = error.details();
    // A model has generated output, which is billed.
    if details.partial.is_some() || details.billed.is_some() {
        return false;
    }
    match (details.status, error.kind()) {
        // Without a hint the limit may be that of a day, towards which a retry would count too.
        (Some(429), _) => has_hint && !is_daily(error),
        (Some(502 | 503 | 529), _) => true,
        // 504 and 524 say that a gateway gave up: the model behind it may go on, and be paid.
        (Some(status), _) => purpose == Purpose::Read && (status == 408 || status >= 500),
        (None, ErrorKind::ConnectionFailed) => true,
        (None, ErrorKind::Timeout) => details.phase == Some(Phase::Connect),
        (None, ErrorKind::ConnectionReset) => {
            purpose == Purpose::Read || details.is_stale_connection || details.is_unprocessed
        }
        _ => false,
    }
}

/// Whether a 429 is about a daily limit. A retry would only count towards it.
fn is_daily(error: &Error) -> bool {
    let details = error.details();
    let words = [details.cause.as_deref(), details.metadata.as_deref()];
    words.into_iter().flatten().any(|words| {
        let words = words.to_ascii_lowercase();
        words.contains("per-day") || words.contains("per day") || words.contains("daily")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        max_retries: 10,
        jitter: || 0.5,
    };

    /// Returns a policy with random waits, as clients have it.
    fn at_most(max_retries: u32) -> Policy {
        Policy {
            max_retries,
            jitter: fastrand::f64,
        }
    }

    fn failure(kind: ErrorKind, status: Option<u16>, hint: Option<Duration>) -> Error {
        let mut error = Error::new(kind, "m");
        error.details_mut().status = status;
        error.details_mut().retry_after = hint;
        error
    }

    fn of_status(status: u16) -> Error {
        failure(ErrorKind::ServerError, Some(status), None)
    }

    #[test]
    fn only_transient_failures_are_retried_and_a_chat_only_if_nothing_can_have_been_billed() {
        for (status, read, chat) in [
            (400, false, false),
            (401, false, false),
            (402, false, false),
            (403, false, false),
            (404, false, false),
            (408, true, false),
            (413, false, false),
            (422, false, false),
            (429, false, false),
            (500, true, false),
            (501, true, false),
            (502, true, true),
            (503, true, true),
            (504, true, false),
            (524, true, false),
            (529, true, true),
        ] {
            let error = of_status(status);
            assert_eq!(
                POLICY.wait_before_retry(Purpose::Read, &error, 0).is_some(),
                read,
                "{status}"
            );
            assert_eq!(
                POLICY.wait_before_retry(Purpose::Paid, &error, 0).is_some(),
                chat,
                "{status}"
            );
        }
        for (kind, read, chat) in [
            (ErrorKind::ConnectionFailed, true, true),
            (ErrorKind::ConnectionReset, true, false),
            (ErrorKind::TlsError, false, false),
            (ErrorKind::ProxyError, false, false),
            (ErrorKind::Aborted, false, false),
            (ErrorKind::StreamTruncated, false, false),
            (ErrorKind::EmptyResponse, false, false),
        ] {
            let error = failure(kind, None, None);
            assert_eq!(
                POLICY.wait_before_retry(Purpose::Read, &error, 0).is_some(),
                read,
                "{kind:?}"
            );
            assert_eq!(
                POLICY.wait_before_retry(Purpose::Paid, &error, 0).is_some(),
                chat,
                "{kind:?}"
            );
        }
        for (phase, again) in [
            (Phase::Connect, true),
            (Phase::Headers, false),
            (Phase::Idle, false),
            (Phase::Total, false),
        ] {
            let error = Error::timeout(phase, Duration::from_secs(1));
            assert_eq!(
                POLICY.wait_before_retry(Purpose::Paid, &error, 0).is_some(),
                again,
                "{phase:?}"
            );
        }
    }

    #[test]
    fn waits_double_up_to_a_cap_and_are_random_from_zero() {
        let waits: Vec<_> = (0..7)
            .filter_map(|retries| POLICY.wait_before_retry(Purpose::Paid, &of_status(503), retries))
            .collect();
        assert_eq!(
            waits.iter().map(Duration::as_millis).collect::<Vec<_>>(),
            [250, 500, 1000, 2000, 4000, 4000, 4000]
        );
        for (jitter, ms) in [((|| 0.0) as fn() -> f64, 0), (|| 1.0, 500), (|| 7.0, 500)] {
            let policy = Policy {
                max_retries: 1,
                jitter,
            };
            assert_eq!(
                policy
                    .wait_before_retry(Purpose::Paid, &of_status(503), 0)
                    .unwrap()
                    .as_millis(),
                ms
            );
        }
        assert!(
            at_most(1)
                .wait_before_retry(Purpose::Paid, &of_status(503), 0)
                .unwrap()
                <= BASE
        );
    }

    #[test]
    fn a_request_is_retried_at_most_max_retries_times() {
        assert!(
            at_most(2)
                .wait_before_retry(Purpose::Paid, &of_status(503), 1)
                .is_some()
        );
        assert!(
            at_most(2)
                .wait_before_retry(Purpose::Paid, &of_status(503), 2)
                .is_none()
        );
        assert!(
            at_most(0)
                .wait_before_retry(Purpose::Read, &of_status(503), 0)
                .is_none()
        );
    }

    #[test]
    fn a_requested_wait_is_honoured_up_to_30_seconds_and_a_daily_limit_is_not_retried() {
        let limited = |hint| failure(ErrorKind::RateLimited, Some(429), Some(hint));
        for purpose in [Purpose::Read, Purpose::Paid] {
            for (ms, again) in [
                (0, true),
                (1234, true),
                (30_000, true),
                (30_001, false),
                (54_000_000, false),
            ] {
                let hint = Duration::from_millis(ms);
                assert_eq!(
                    POLICY.wait_before_retry(purpose, &limited(hint), 0),
                    again.then_some(hint),
                    "{ms}"
                );
            }
        }
        let mut daily = limited(Duration::from_secs(1));
        daily.details_mut().cause = Some("Rate limit exceeded: free-models-per-day".into());
        assert!(POLICY.wait_before_retry(Purpose::Paid, &daily, 0).is_none());
        let overloaded = failure(ErrorKind::Overloaded, Some(529), Some(Duration::from_secs(31)));
        assert!(POLICY.wait_before_retry(Purpose::Read, &overloaded, 0).is_none());
    }

    #[test]
    fn a_request_on_a_stale_connection_is_retried_at_once() {
        let mut error = failure(ErrorKind::ConnectionReset, None, None);
        error.details_mut().is_stale_connection = true;
        assert_eq!(
            POLICY.wait_before_retry(Purpose::Paid, &error, 0),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn a_request_with_generated_output_is_not_retried() {
        let error = of_status(502).with_partial("{}".into());
        assert!(POLICY.wait_before_retry(Purpose::Paid, &error, 0).is_none());
    }
}
