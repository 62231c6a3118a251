//! The idle and total timeouts of a body that is being read.
//!
//! One timer serves all reads of a body. It is set again only when it has fired, because data arrives thousands of times
//! before that.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::error::{Error, Phase};

/// The idle and total timeouts of one body.
#[derive(Debug)]
pub struct ReadTimeout {
    idle: Option<Duration>,
    deadline: Option<(Instant, Duration)>,
    last_data: Instant,
    /// Set for the earliest deadline at the time when it was created or fired last. Deadlines only move to later times, so
    /// that it may fire too early, but never too late.
    timer: Option<Pin<Box<Sleep>>>,
}

impl ReadTimeout {
    /// Creates timeouts of `idle` between two reads with data, and of `total` since `started`. `None` means no limit.
    pub fn new(idle: Option<Duration>, total: Option<Duration>, started: Instant) -> Self {
        Self {
            idle,
            deadline: total.map(|limit| (started + limit, limit)),
            last_data: Instant::now(),
            timer: None,
        }
    }

    /// Restarts the idle timeout, because data arrived, or because the body was not read until now.
    pub fn renew(&mut self) {
        self.last_data = Instant::now();
    }

    /// Awaits `read`, or fails when a timeout is reached. Cancel safe if `read` is.
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
