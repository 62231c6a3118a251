//! A token bucket: limits how many events may happen at once, and how often on average. The caller passes the current
//! time, so that tests need no clock.

use std::time::{Duration, Instant};

/// A token bucket that starts full.
#[derive(Debug)]
pub struct TokenBucket {
    /// The capacity in tokens.
    burst: f64,
    /// The time in which one token is added.
    interval: Duration,
    /// Negative if tokens were taken before they were available.
    tokens: f64,
    last: Option<Instant>,
}

impl TokenBucket {
    /// Returns a full bucket of `burst` tokens, to which one token is added in each `interval`.
    pub const fn new(burst: f64, interval: Duration) -> Self {
        Self {
            burst,
            interval,
            tokens: burst,
            last: None,
        }
    }

    /// Takes a token and returns how long the caller has to wait for it; zero if it is available now. Each caller that does
    /// not wait adds a token to the debt, which has no bound.
    pub fn take(&mut self, now: Instant) -> Duration {
        let passed = self
            .last
            .map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        self.last = Some(now);
        self.tokens =
            (self.tokens + passed.as_secs_f64() / self.interval.as_secs_f64()).min(self.burst) - 1.0;
        match self.tokens < 0.0 {
            true => self.interval.mul_f64(-self.tokens),
            false => Duration::ZERO,
        }
    }
}
