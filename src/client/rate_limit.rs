//! The queue of the option `rateLimit`. It limits how many requests of chats begin per minute, in the order in which they
//! came, in all clients of the process with the same key. A retry and a fallback take a turn of their own, because the API
//! counts them, too. A caller that stops waiting leaves the queue.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::stats::STATS;

const MINUTE: Duration = Duration::from_secs(60);

static QUEUES: LazyLock<Mutex<Queues>> = LazyLock::new(Mutex::default);

/// The queues of all keys.
#[derive(Default)]
struct Queues {
    /// By the digest of the API key.
    by_key: HashMap<[u8; 32], Arc<Queue>>,
    /// The keys, in the order in which they are checked for disuse.
    to_check: VecDeque<[u8; 32]>,
}

/// How many queues are checked for disuse by each request. Each request adds at most one, so that two forget the unused ones
/// sooner than new ones come, and the time of a request does not depend on the number of keys.
const CHECKS: usize = 2;

impl Queues {
    fn of(&mut self, digest: [u8; 32]) -> Arc<Queue> {
        for _ in 0..CHECKS {
            let Some(key) = self.to_check.pop_front() else {
                break;
            };
            match self.by_key.get(&key).is_some_and(is_used) {
                true => self.to_check.push_back(key),
                false => drop(self.by_key.remove(&key)),
            }
        }
        let queue = self.by_key.entry(digest).or_insert_with(|| {
            self.to_check.push_back(digest);
            Arc::default()
        });
        queue.clone()
    }
}

/// Whether a request waits in the queue, or one began in the last minute. Any other queue limits nothing.
fn is_used(queue: &Arc<Queue>) -> bool {
    let has_begun = |begun: &VecDeque<Instant>| begun.back().is_some_and(|last| last.elapsed() < MINUTE);
    Arc::strong_count(queue) > 1 || queue.try_lock().is_ok_and(|begun| has_begun(&begun))
}

/// The times at which the requests of the last minute began. The first request in the queue holds the lock while it waits.
/// tokio's mutex is fair, so that the order of the requests is kept.
type Queue = tokio::sync::Mutex<VecDeque<Instant>>;

/// Waits until a request of the key with `digest` may begin, so that no more than `per_minute` begin in a minute.
pub async fn turn(digest: [u8; 32], per_minute: u32) {
    let queue = QUEUES.lock().unwrap_or_else(PoisonError::into_inner).of(digest);
    let waiting = Waiting::start();
    let mut begun = queue.lock().await;
    while begun.front().is_some_and(|first| first.elapsed() >= MINUTE) {
        begun.pop_front();
    }
    // More requests than `limit` may have begun, because another client of the same key may have a higher limit.
    let limit = per_minute.max(1) as usize;
    let before = begun.len().checked_sub(limit).and_then(|at| begun.get(at));
    if let Some(before) = before {
        sleep_until(*before + MINUTE).await;
    }
    begun.push_back(Instant::now());
    drop(waiting);
}

/// Counts a request as queued until it is dropped.
struct Waiting;

impl Waiting {
    fn start() -> Self {
        STATS.queued.add();
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        STATS.queued.subtract();
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    /// Returns the seconds since `started` on the paused clock of the tests.
    fn seconds(started: Instant) -> u64 {
        started.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_requests_begin_in_a_minute_than_the_limit() {
        let started = Instant::now();
        let mut begun = Vec::new();
        for _ in 0..7 {
            turn([1; 32], 3).await;
            begun.push(seconds(started));
        }
        assert_eq!(begun, [0, 0, 0, 60, 60, 60, 120]);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_begin_in_order_and_a_caller_that_stops_waiting_leaves_the_queue() {
        let started = Instant::now();
        turn([2; 32], 1).await;
        let (first, second, third) = (turn([2; 32], 1), turn([2; 32], 1), turn([2; 32], 1));
        let (mut first, mut second, mut third) = (Box::pin(first), Box::pin(second), Box::pin(third));
        for waiting in [&mut first, &mut second, &mut third] {
            let context = &mut Context::from_waker(Waker::noop());
            assert!(waiting.as_mut().poll(context).is_pending());
        }
        drop(first);
        let order = tokio::sync::Mutex::new(Vec::new());
        tokio::join!(
            async {
                third.await;
                order.lock().await.push(("third", seconds(started)));
            },
            async {
                second.await;
                order.lock().await.push(("second", seconds(started)));
            },
        );
        assert_eq!(*order.lock().await, [("second", 60), ("third", 120)]);
    }

    #[tokio::test(start_paused = true)]
    async fn each_key_has_its_own_queue_and_each_client_its_own_limit() {
        let started = Instant::now();
        turn([3; 32], 2).await;
        turn([4; 32], 2).await;
        turn([3; 32], 2).await;
        assert_eq!(seconds(started), 0);
        turn([3; 32], 1).await;
        assert_eq!(seconds(started), 60);
        turn([3; 32], 2).await;
        turn([3; 32], 2).await;
        assert_eq!(seconds(started), 120);
    }

    #[tokio::test(start_paused = true)]
    async fn queues_that_nobody_uses_are_forgotten() {
        let mut queues = Queues::default();
        let digest = |n: u8| [n; 32];
        for n in 0..100 {
            queues.of(digest(n)).lock().await.push_back(Instant::now());
        }
        let waiting = queues.of(digest(7));
        tokio::time::advance(MINUTE).await;
        queues.of(digest(200)).lock().await.push_back(Instant::now());
        for _ in 0..100 {
            queues.of(digest(200));
        }
        let mut left: Vec<u8> = queues.by_key.keys().map(|key| key[0]).collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [7, 200],
            "the one with a waiting request and the one of the last minute"
        );
        assert_eq!(queues.to_check.len(), 2);
        drop(waiting);
    }
}
