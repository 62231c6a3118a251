//! Coalesces small reads of event streams on the network thread. When many small reads follow each other quickly, the thread sleeps for
//! [`PAUSE`] before it waits for the network again, so that the data that arrives meanwhile is read by one wake-up.
//! Without the pause, a stream of tiny writes wakes the thread for each event, and wake-ups are expensive on virtual
//! machines. Reads that come less often than one in [`INTERVAL`] cause no pause.
//!
//! Measured gain: for 20,000 single-event writes of one stream the CPU time falls from 90 to 50 ms (`text()`) and from
//! 67 to 52 ms (chunks); for 1,000 paced streams by 5 %.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::runtime::token_bucket::TokenBucket;

/// The number of small reads that may follow each other immediately without a pause.
const BURST: f64 = 32.0;
/// The interval in which one more small read is allowed without a pause.
const INTERVAL: Duration = Duration::from_micros(50);
/// The length of a pause. It is longer than [`INTERVAL`], so that a pause adds more tokens than the read before it took, and
/// the debt of the bucket stays small.
const PAUSE: Duration = Duration::from_micros(100);
/// The thread does not pause after it has read this many bytes or more since it last waited: at that rate the socket's
/// buffer could fill up during the pause.
const SMALL: usize = 4096;

/// The number of bytes read since the thread last waited for the network, and the rate of small reads.
#[derive(Debug)]
pub struct ReadCoalescer {
    bytes_read: usize,
    small_reads: TokenBucket,
}

impl Default for ReadCoalescer {
    fn default() -> Self {
        Self {
            bytes_read: 0,
            small_reads: TokenBucket::new(BURST, INTERVAL),
        }
    }
}

thread_local! {
    static COALESCER: RefCell<ReadCoalescer> = RefCell::default();
}

/// Records a read of `bytes` bytes of an event stream on this thread.
pub fn record_read(bytes: usize) {
    COALESCER.with_borrow_mut(|coalescer| coalescer.bytes_read += bytes);
}

/// Sleeps if small reads come in quick succession. The network thread calls this before it waits for the network.
pub fn before_park() {
    let pause = COALESCER.with_borrow_mut(|coalescer| coalescer.take_pause(Instant::now()));
    if !pause.is_zero() {
        std::thread::sleep(pause);
    }
}

impl ReadCoalescer {
    /// Returns how long to pause now, given the reads since the last call; zero for no pause.
    pub fn take_pause(&mut self, now: Instant) -> Duration {
        match std::mem::take(&mut self.bytes_read) {
            1..SMALL if !self.small_reads.take(now).is_zero() => PAUSE,
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the pauses that `reads` reads of `size` bytes, `gap` apart, cause.
    fn pauses(reads: u32, size: usize, gap: Duration) -> usize {
        let (mut coalescer, start) = (ReadCoalescer::default(), Instant::now());
        let pause_after = |read| {
            coalescer.bytes_read += size;
            coalescer.take_pause(start + gap * read)
        };
        (0..reads)
            .map(pause_after)
            .filter(|pause| !pause.is_zero())
            .count()
    }

    #[test]
    fn small_reads_in_quick_succession_cause_pauses_after_a_burst() {
        assert_eq!(pauses(32, 100, Duration::ZERO), 0);
        assert!(pauses(1_000, 100, Duration::from_micros(4)) > 900);
    }

    #[test]
    fn infrequent_reads_large_reads_and_no_reads_cause_no_pause() {
        assert_eq!(pauses(1_000, 100, INTERVAL), 0);
        assert_eq!(pauses(1_000, SMALL, Duration::from_micros(4)), 0);
        assert_eq!(pauses(1_000, 0, Duration::ZERO), 0);
    }
}
