//! How often JavaScript is woken: at once while there is little to do, at most once in two milliseconds under load.
//! A fixed interval would delay short answers (back-to-back requests went from 0.3 to 2.8 ms); a token bucket lets
//! bursts through and only then gathers. The first batches of a call do not ask here at all, see `hub`.

use std::time::{Duration, Instant};

use crate::runtime::token_bucket::TokenBucket;

/// Wake-ups that may follow each other at once.
const BURST: f64 = 8.0;
/// The time in which one more may.
const INTERVAL: Duration = Duration::from_millis(2);

/// The bucket of wake-ups.
#[derive(Debug)]
pub struct WakeLimiter(TokenBucket);

impl Default for WakeLimiter {
    fn default() -> Self {
        Self(TokenBucket::new(BURST, INTERVAL))
    }
}

impl WakeLimiter {
    /// How long to wait before the next wake-up; zero is now.
    pub fn take(&mut self, now: Instant) -> Duration {
        self.0.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_through_and_load_is_gathered() {
        let (mut limiter, start) = (WakeLimiter::default(), Instant::now());
        for _ in 0..8 {
            assert_eq!(limiter.take(start), Duration::ZERO);
        }
        assert_eq!(limiter.take(start), INTERVAL);
        assert_eq!(limiter.take(start + Duration::from_millis(4)), Duration::ZERO);
    }

    #[test]
    fn a_rest_fills_the_bucket_and_no_more() {
        let (mut limiter, start) = (WakeLimiter::default(), Instant::now());
        let later = start + Duration::from_secs(60);
        for _ in 0..8 {
            assert_eq!(limiter.take(later), Duration::ZERO);
        }
        assert!(limiter.take(later) > Duration::ZERO);
    }
}
