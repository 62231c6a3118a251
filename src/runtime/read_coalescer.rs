//! The coalescer of the network thread. Where small reads follow each other faster than a wake-up costs, it rests for a
//! moment before it waits for the next: what comes meanwhile is read in one go, by one wake-up. Without that a stream
//! of tiny writes has reader and server run in step, one wake-up an event, and wake-ups of a virtual machine are dear.
//! It is under load only: reads that come less often than [`INTERVAL`] never wait.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::runtime::token_bucket::TokenBucket;

/// Small reads that may follow each other at once.
const BURST: f64 = 32.0;
/// The time in which one more may.
const INTERVAL: Duration = Duration::from_micros(50);
/// How long it rests.
const REST: Duration = Duration::from_micros(100);
/// Reads that bring more between two rests are no small ones: the socket would be full meanwhile.
const SMALL: usize = 4096;

/// What was read since the thread last waited for the network, and how often that was little.
#[derive(Debug)]
pub struct ReadCoalescer {
    brought: usize,
    small_reads: TokenBucket,
}

impl Default for ReadCoalescer {
    fn default() -> Self {
        Self {
            brought: 0,
            small_reads: TokenBucket::new(BURST, INTERVAL),
        }
    }
}

thread_local! {
    static COALESCER: RefCell<ReadCoalescer> = RefCell::default();
}

/// A body was read on this thread.
pub fn note(bytes: usize) {
    COALESCER.with_borrow_mut(|coalescer| coalescer.brought += bytes);
}

/// Called by the network thread before it waits for the network.
pub fn before_park() {
    let rest = COALESCER.with_borrow_mut(|coalescer| coalescer.rest(Instant::now()));
    if !rest.is_zero() {
        std::thread::sleep(rest);
    }
}

impl ReadCoalescer {
    /// How long to rest now, after what was read since the last time.
    pub fn rest(&mut self, now: Instant) -> Duration {
        match std::mem::take(&mut self.brought) {
            1..SMALL if !self.small_reads.take(now).is_zero() => REST,
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `reads` of `size` bytes, `gap` apart, it rests after.
    fn rests(reads: u32, size: usize, gap: Duration) -> usize {
        let (mut coalescer, start) = (ReadCoalescer::default(), Instant::now());
        let after = |read| {
            coalescer.brought += size;
            coalescer.rest(start + gap * read)
        };
        (0..reads).map(after).filter(|rest| !rest.is_zero()).count()
    }

    #[test]
    fn it_rests_after_small_reads_that_follow_each_other_at_once() {
        assert_eq!(rests(32, 100, Duration::ZERO), 0);
        assert!(rests(1_000, 100, Duration::from_micros(4)) > 900);
    }

    #[test]
    fn it_never_rests_after_few_large_or_no_reads() {
        assert_eq!(rests(1_000, 100, INTERVAL), 0);
        assert_eq!(rests(1_000, SMALL, Duration::from_micros(4)), 0);
        assert_eq!(rests(1_000, 0, Duration::ZERO), 0);
    }
}
