//! How long a body may be silent, and last. One timer serves all of its reads: it is set again only when it has rung,
//! since data comes thousands of times before that.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::error::{Error, Phase};

/// The limits of a body that is being read.
#[derive(Debug)]
pub struct Patience {
    idle: Option<Duration>,
    deadline: Option<(Instant, Duration)>,
    last_data: Instant,
    /// Set for the limit that was the next when it was first needed, or later; limits only ever move on.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// At most `idle` between two data, and `total` since `started`.
    pub fn new(idle: Option<Duration>, total: Option<Duration>, started: Instant) -> Self {
        Self {
            idle,
            deadline: total.map(|limit| (started + limit, limit)),
            last_data: Instant::now(),
            timer: None,
        }
    }

    /// Data has come, or the time until now is not the server's.
    pub fn renew(&mut self) -> Instant {
        self.last_data = Instant::now();
        self.last_data
    }

    /// Waits for `work`, as long as may be.
    pub async fn wait_for<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Error> {
        let idle = self
            .idle
            .map(|limit| (self.last_data + limit, limit, Phase::Idle));
        let total = self.deadline.map(|(at, limit)| (at, limit, Phase::Total));
        let Some((at, limit, phase)) = idle.into_iter().chain(total).min_by_key(|(at, ..)| *at) else {
            return Ok(work.await);
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = timer.as_mut() => {
                    if at <= Instant::now() {
                        return Err(Error::timeout(phase, limit));
                    }
                    timer.as_mut().reset(at);
                }
            }
        }
    }
}
