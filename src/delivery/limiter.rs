//! Limits how often JavaScript is woken: at once while there is little to do, at most once in two milliseconds under load. A
//! fixed interval would delay short answers (back-to-back requests went from 0.3 to 2.8 ms), but a token bucket does not
//! delay a burst of wake-ups. The first batches of a call bypass the limiter, see `mailbox`.

use std::time::{Duration, Instant};

use crate::runtime::token_bucket::TokenBucket;

/// How many wake-ups may follow each other without delay.
const BURST: f64 = 8.0;
/// The time after which one more wake-up is allowed.
const INTERVAL: Duration = Duration::from_millis(2);

/// The token bucket of wake-ups.
#[derive(Debug)]
pub struct WakeLimiter(TokenBucket);

impl Default for WakeLimiter {
    fn default() -> Self {
        Self(TokenBucket::new(BURST, INTERVAL))
    }
}

impl WakeLimiter {
    /// Returns how long to wait before the next wake-up; zero means not at all.
    pub fn take(&mut self, now: Instant) -> Duration {
        self.0.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_not_delayed_but_sustained_load_is() {
        let (mut limiter, start) = (WakeLimiter::default(), Instant::now());
        for _ in 0..8 {
            assert_eq!(limiter.take(start), Duration::ZERO);
        }
        assert_eq!(limiter.take(start), INTERVAL);
        assert_eq!(limiter.take(start + Duration::from_millis(4)), Duration::ZERO);
    }

    #[test]
    fn a_pause_refills_the_bucket_to_its_burst_at_most() {
        let (mut limiter, start) = (WakeLimiter::default(), Instant::now());
        let later = start + Duration::from_secs(60);
        for _ in 0..8 {
            assert_eq!(limiter.take(later), Duration::ZERO);
        }
        assert!(limiter.take(later) > Duration::ZERO);
    }
}
