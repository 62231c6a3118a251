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
    /// Whether the last read ended after the idle timeout, and nobody has found data in it since.
    is_overdue: bool,
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
            is_overdue: false,
            timer: None,
        }
    }

    /// Restarts the idle timeout, because data arrived, or because the body was not read until now.
    pub fn renew(&mut self) {
        self.last_data = Instant::now();
        self.is_overdue = false;
    }

    /// Waits for the total timeout, and returns its error. For times in which the body is not read. Never returns if there
    /// is no total timeout.
    pub fn total(&self) -> impl Future<Output = Error> + use<> {
        let deadline = self.deadline;
        async move {
            match deadline {
                Some((at, limit)) => {
                    sleep_until(at).await;
                    Error::timeout(Phase::Total, limit)
                }
                None => std::future::pending().await,
            }
        }
    }

    /// Awaits `read`, or fails when a timeout is reached. Cancel safe if `read` is.
    ///
    /// A server that always has something to read cannot outwit the timeouts: the total timeout is checked before each
    /// read, and of the reads after the idle timeout one may still contain the data that was awaited.
    pub async fn wait_for<T>(&mut self, read: impl Future<Output = T>) -> Result<T, Error> {
        let idle = self
            .idle
            .map(|limit| (self.last_data + limit, limit, Phase::Idle));
        let total = self.deadline.map(|(at, limit)| (at, limit, Phase::Total));
        let Some((at, limit, phase)) = idle.into_iter().chain(total).min_by_key(|(at, ..)| *at) else {
            return Ok(read.await);
        };
        if let Some((at, limit)) = self.deadline
            && at <= Instant::now()
        {
            return Err(Error::timeout(Phase::Total, limit));
        }
        if self.is_overdue {
            return Err(Error::timeout(phase, limit));
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        tokio::pin!(read);
        loop {
            tokio::select! {
                biased;
                done = &mut read => {
                    self.is_overdue = at <= Instant::now();
                    return Ok(done);
                }
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
