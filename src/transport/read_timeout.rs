//! The limits of a body that is being read: how long it may be silent, and how long it may last.
//!
//! One timer serves all reads of a body. It is set again only when it has fired, because data comes thousands of times before
//! that.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::error::{Error, Phase};

/// See the module.
#[derive(Debug)]
pub struct ReadTimeout {
    idle: Option<Duration>,
    deadline: Option<(Instant, Duration)>,
    last_data: Instant,
    /// Set for the limit that came first when the timer was made, or fired last. Limits only ever move to later times.
    timer: Option<Pin<Box<Sleep>>>,
}

impl ReadTimeout {
    /// At most `idle` between two reads that brought data, and at most `total` since `started`.
    pub fn new(idle: Option<Duration>, total: Option<Duration>, started: Instant) -> Self {
        Self {
            idle,
            deadline: total.map(|limit| (started + limit, limit)),
            last_data: Instant::now(),
            timer: None,
        }
    }

    /// Starts the idle limit anew: data came, or the body was not read until now.
    pub fn renew(&mut self) {
        self.last_data = Instant::now();
    }

    /// Awaits `read` until a limit is reached. May be dropped at any time if `read` may.
    pub async fn wait_for<T>(&mut self, read: impl Future<Output = T>) -> Result<T, Error> {
        let idle = self
            .idle
            .map(|limit| (self.last_data + limit, limit, Phase::Idle));
        let total = self.deadline.map(|(at, limit)| (at, limit, Phase::Total));
        let Some((at, limit, phase)) = idle.into_iter().chain(total).min_by_key(|(at, ..)| *at) else {
            return Ok(read.await);
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        tokio::pin!(read);
        loop {
            tokio::select! {
                biased;
                done = &mut read => return Ok(done),
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
