//! Keeps a connection to each origin that is in use, so that a chat after a pause does not wait for one.
//!
//! reqwest closes a connection that was idle for its time limit, and tells nobody when a server closes one. So a task per origin
//! looks after it: it asks the pool for the connection (which sends nothing, and restarts the time limit), gives an HTTP/1
//! connection up before its server does, and, for as long as [`Origin::is_warm`], opens another one in place of one that is gone.
//! The task ends when there is no connection any more and none is wanted. A look takes microseconds.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::Transport;
use super::origin::Origin;

/// The time between two looks at an origin that is kept warm.
const LOOK: Duration = Duration::from_secs(1);
/// The time between two looks at another one. It is shorter than the time limit of the pool.
const SELDOM: Duration = Duration::from_secs(10);
/// The longest time between two attempts to open a connection.
const LONGEST: Duration = Duration::from_secs(60);
/// A server that closes a connection sooner than this is left in peace for longer and longer times.
const LIVED: Duration = Duration::from_secs(3);

/// Begins to look after `origin`, unless that is done already.
pub fn begin(pool: &Arc<Transport>, origin: &Arc<Origin>) {
    if !origin.is_tended.load(Ordering::Relaxed) && !origin.is_tended.swap(true, Ordering::AcqRel) {
        tokio::spawn(tend(Arc::downgrade(pool), origin.clone()));
    }
}

async fn tend(pool: Weak<Transport>, origin: Arc<Origin>) {
    let mut attempts = Attempts::default();
    let mut pause = LOOK;
    loop {
        sleep(pause).await;
        let Some(pool) = pool.upgrade() else { return };
        let is_warm = origin.is_warm();
        pause = match is_warm {
            true => LOOK,
            false => SELDOM,
        };
        if has_connection(&origin).await {
            attempts.record_alive();
        } else if is_warm {
            if attempts.may_begin() {
                attempts.record(pool.renew(&origin).await.is_ok());
            }
        } else {
            origin.remove_expired();
            origin.is_tended.store(false, Ordering::Release);
            // A request that has come meanwhile relies on this task.
            if !origin.is_in_use() || origin.is_tended.swap(true, Ordering::AcqRel) {
                return;
            }
        }
    }
}

/// Whether the next request finds a connection.
async fn has_connection(origin: &Origin) -> bool {
    let Some(shard) = origin.first() else {
        return false;
    };
    // A connection that is in use is not in the pool, and comes back.
    if shard.connections.is_http1() && shard.live() > 0 {
        return true;
    }
    let question = shard.connections.probing();
    // A connection that has no time for the question exists.
    let answer = timeout(LIVED, shard.reach(&origin.url, &question)).await;
    !shard.is_expired() && answer.is_ok_and(|answer| answer.is_ok())
}

/// The attempts to open a connection in place of one that is gone.
#[derive(Debug, Default)]
struct Attempts {
    /// When the last connection was opened, and when it was last seen.
    lived: Option<(Instant, Instant)>,
    /// How long to wait after an attempt.
    delay: Duration,
    not_before: Option<Instant>,
}

impl Attempts {
    fn record_alive(&mut self) {
        if let Some((_, seen)) = &mut self.lived {
            *seen = Instant::now();
        }
    }

    fn may_begin(&mut self) -> bool {
        if self.lived.is_some_and(|(opened, seen)| seen - opened >= LIVED) {
            *self = Self::default();
        }
        self.not_before.is_none_or(|time| Instant::now() >= time)
    }

    fn record(&mut self, is_opened: bool) {
        let now = Instant::now();
        self.lived = is_opened.then_some((now, now));
        self.delay = (self.delay * 2).clamp(LOOK, LONGEST);
        // Clients that lost their connections together do not return together.
        self.not_before = Some(now + self.delay.mul_f64(0.75 + fastrand::f64() / 2.0));
    }
}
