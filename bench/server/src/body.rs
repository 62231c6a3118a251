//! A response body that is written in pieces.

use std::convert::Infallible;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::events::{Frames, timed};
use crate::plan::Plan;

/// A body that sends each piece in a write of its own, at the times that the plan sets.
pub struct Pieces {
    frames: Frames,
    next: usize,
    gap: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether hyper has written out the last piece.
    flushed: bool,
    /// Whether the body stays open after the last piece.
    open: bool,
    /// The pieces whose text is the time when they are sent.
    timed: Range<usize>,
}

impl Pieces {
    /// Creates a body of `frames`, which are those of `plan`.
    pub fn new(frames: Frames, plan: Plan) -> Self {
        Self {
            frames,
            next: 0,
            gap: plan.gap,
            timer: None,
            flushed: true,
            open: plan.idle,
            timed: if plan.timed { 1..plan.events + 1 } else { 0..0 },
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    /// True after the last piece, so that hyper sends the end of the body with it.
    fn is_end_stream(&self) -> bool {
        self.next >= self.frames.len() && !self.open
    }

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let gap = self.gap;
        if let Some(timer) = &mut self.timer {
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            // Count from the time when this piece was due, so that delays do not add up.
            let due = timer.deadline() + gap;
            timer.as_mut().reset(due);
        } else if !std::mem::replace(&mut self.flushed, true) {
            // hyper writes out its buffer when the body is pending.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(frame) = self.frames.get(self.next).cloned() else {
            return if self.open {
                Poll::Pending
            } else {
                Poll::Ready(None)
            };
        };
        let frame = if self.timed.contains(&self.next) {
            timed()
        } else {
            frame
        };
        self.next += 1;
        self.flushed = false;
        if self.next == 1 && !self.gap.is_zero() {
            self.timer = Some(Box::pin(sleep_until(Instant::now() + self.gap)));
        }
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }
}
