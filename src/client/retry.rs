//! Whether and when a failed request is tried again. Pure: randomness comes in, a wait goes out (E3, E4, E8).

use std::time::Duration;

use crate::error::{Error, ErrorKind, Phase};

/// The longest wait of the first retry by itself; it doubles with each.
const BASE: Duration = Duration::from_millis(500);
/// The longest wait without a hint.
const CAP: Duration = Duration::from_secs(8);
/// The longest wait that the API may ask for; what asks for more is not tried again: a daily limit is no hiccup.
const MAX_HINT: Duration = Duration::from_secs(30);

/// What a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It only reads, and may be asked as often as one likes.
    Read,
    /// It may be billed: it is tried again only where no model can have answered it.
    Chat,
}

/// How the requests of a client are tried again.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// How often at most.
    pub max_retries: u32,
    /// A random number from 0 to 1: all clients that failed together must not come back together.
    pub jitter: fn() -> f64,
}

impl Policy {
    /// How long to wait before trying again after `error`, which followed `retries` of them; `None`: not at all.
    pub fn wait(&self, purpose: Purpose, error: &Error, retries: u32) -> Option<Duration> {
        let hint = error.details().retry_after;
        let may_be = retries < self.max_retries
            && hint.is_none_or(|hint| hint <= MAX_HINT)
            && passes(purpose, error, hint.is_some());
        if !may_be {
            return None;
        }
        // A connection that had gone stale says nothing about the server.
        if error.details().is_stale_connection {
            return Some(Duration::ZERO);
        }
        Some(hint.unwrap_or_else(|| {
            let longest = BASE.saturating_mul(1_u32.checked_shl(retries).unwrap_or(u32::MAX));
            longest.min(CAP).mul_f64((self.jitter)().clamp(0.0, 1.0))
        }))
    }
}

/// Whether the failure may pass by itself, and trying again does no harm.
fn passes(purpose: Purpose, error: &Error, has_hint: bool) -> bool {
    let details = error.details();
    // Something was generated, and charged.
    if details.partial.is_some() {
        return false;
    }
    match (details.status, error.kind()) {
        (Some(429), _) => has_hint && !is_daily(error),
        (Some(502 | 503 | 504 | 524 | 529), _) => true,
        (Some(status), _) => purpose == Purpose::Read && (status == 408 || status >= 500),
        (None, ErrorKind::ConnectionFailed) => true,
        (None, ErrorKind::Timeout) => details.phase == Some(Phase::Connect),
        (None, ErrorKind::ConnectionReset) => purpose == Purpose::Read || details.is_stale_connection,
        _ => false,
    }
}

/// Whether a 429 is about a day: a retry would only use it up (E4).
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

    /// As a client's: at random times.
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
    fn e8_only_what_may_pass_is_tried_again_and_a_chat_only_where_nothing_can_be_billed() {
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
            (504, true, true),
            (524, true, true),
            (529, true, true),
        ] {
            let error = of_status(status);
            assert_eq!(POLICY.wait(Purpose::Read, &error, 0).is_some(), read, "{status}");
            assert_eq!(POLICY.wait(Purpose::Chat, &error, 0).is_some(), chat, "{status}");
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
            assert_eq!(POLICY.wait(Purpose::Read, &error, 0).is_some(), read, "{kind:?}");
            assert_eq!(POLICY.wait(Purpose::Chat, &error, 0).is_some(), chat, "{kind:?}");
        }
        for (phase, again) in [
            (Phase::Connect, true),
            (Phase::Headers, false),
            (Phase::Idle, false),
            (Phase::Total, false),
        ] {
            let error = Error::timeout(phase, Duration::from_secs(1));
            assert_eq!(
                POLICY.wait(Purpose::Chat, &error, 0).is_some(),
                again,
                "{phase:?}"
            );
        }
    }

    #[test]
    fn waits_double_up_to_a_cap_and_are_spread_to_zero() {
        let waits: Vec<_> = (0..7)
            .filter_map(|retries| POLICY.wait(Purpose::Chat, &of_status(503), retries))
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
                    .wait(Purpose::Chat, &of_status(503), 0)
                    .unwrap()
                    .as_millis(),
                ms
            );
        }
        assert!(at_most(1).wait(Purpose::Chat, &of_status(503), 0).unwrap() <= BASE);
    }

    #[test]
    fn there_are_no_more_than_asked_for() {
        assert!(at_most(2).wait(Purpose::Chat, &of_status(503), 1).is_some());
        assert!(at_most(2).wait(Purpose::Chat, &of_status(503), 2).is_none());
        assert!(at_most(0).wait(Purpose::Read, &of_status(503), 0).is_none());
    }

    #[test]
    fn e4_a_hint_is_honoured_up_to_30_seconds_and_a_daily_limit_is_not_waited_for() {
        let limited = |hint| failure(ErrorKind::RateLimited, Some(429), Some(hint));
        for purpose in [Purpose::Read, Purpose::Chat] {
            for (ms, again) in [
                (0, true),
                (1234, true),
                (30_000, true),
                (30_001, false),
                (54_000_000, false),
            ] {
                let hint = Duration::from_millis(ms);
                assert_eq!(
                    POLICY.wait(purpose, &limited(hint), 0),
                    again.then_some(hint),
                    "{ms}"
                );
            }
        }
        let mut daily = limited(Duration::from_secs(1));
        daily.details_mut().cause = Some("Rate limit exceeded: free-models-per-day".into());
        assert!(POLICY.wait(Purpose::Chat, &daily, 0).is_none());
        let overloaded = failure(ErrorKind::Overloaded, Some(529), Some(Duration::from_secs(31)));
        assert!(POLICY.wait(Purpose::Read, &overloaded, 0).is_none());
    }

    #[test]
    fn e6_a_stale_connection_is_left_at_once() {
        let mut error = failure(ErrorKind::ConnectionReset, None, None);
        error.details_mut().is_stale_connection = true;
        assert_eq!(POLICY.wait(Purpose::Chat, &error, 0), Some(Duration::ZERO));
    }

    #[test]
    fn what_was_generated_is_not_asked_for_again() {
        let error = of_status(502).with_partial("{}".into());
        assert!(POLICY.wait(Purpose::Chat, &error, 0).is_none());
    }
}
