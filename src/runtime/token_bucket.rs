//! A token bucket: what may happen at once in a burst, and how often on the whole. It takes the time as an argument, so
//! that its tests, and those of its users, need no clock.

use std::time::{Duration, Instant};

/// A bucket that is full at the start.
#[derive(Debug)]
pub struct TokenBucket {
    /// How many it holds when it is full.
    burst: f64,
    /// The time in which it gets one more.
    interval: Duration,
    tokens: f64,
    last: Option<Instant>,
}

impl TokenBucket {
    /// A bucket of `burst` tokens, that gets one more in each `interval`.
    pub const fn new(burst: f64, interval: Duration) -> Self {
        Self {
            burst,
            interval,
            tokens: burst,
            last: None,
        }
    }

    /// Takes a token; how long until it is there. Zero is now.
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
