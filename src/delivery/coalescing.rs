//! When the deltas of a stream are merged, and how long one may be held for the next.

use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::Outbox;

/// The shortest and the longest time that may be asked for, in milliseconds.
pub const RANGE_MS: std::ops::RangeInclusive<u64> = 1..=1000;

/// How the plain deltas of a stream are merged. Deltas of any other shape, and the end, are never held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coalescing {
    /// Those that wait for JavaScript already. None is delayed.
    Waiting,
    /// Those that arrive within this time after the last delivery.
    Every(Duration),
}

/// Decides when the deltas of one stream are delivered: the first one at once, then at most one in the time of
/// [`Coalescing::Every`].
#[derive(Debug)]
pub struct Pace {
    interval: Option<Duration>,
    /// When text was delivered last.
    last: Option<Instant>,
}

impl Pace {
    /// Creates the pace of a stream of which nothing was delivered.
    pub fn new(coalescing: Option<Coalescing>) -> Self {
        Self {
            interval: match coalescing {
                Some(Coalescing::Every(interval)) => Some(interval),
                _ => None,
            },
            last: None,
        }
    }

    /// Returns until when `out` is held for more text. `None` means that it is delivered now.
    pub fn held_until(&mut self, out: &Outbox, now: Instant) -> Option<Instant> {
        let interval = self.interval?;
        if !out.has_text() {
            return None;
        }
        let due = self.last.map(|last| last + interval);
        let held = due.filter(|due| out.is_open() && now < *due);
        if held.is_none() {
            self.last = Some(now);
        }
        held
    }
}

/// Waits until `held`; forever if nothing is held.
pub async fn until(held: Option<Instant>) {
    match held {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Flow, Mode};

    const FLOW: Flow = Flow::without_deltas(Mode::Chunks);

    fn holding(content: &str) -> Outbox {
        let mut out = Outbox::default();
        out.merge(
            &format!(r#"{{"choices":[{{"delta":{{"content":"{content}"}}}}]}}"#),
            FLOW,
        );
        out
    }

    #[test]
    fn the_first_text_is_delivered_at_once_and_then_one_in_each_interval() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut pace = Pace::new(Some(Coalescing::Every(Duration::from_millis(33))));
        // The chunk with the role only is no text.
        assert_eq!(pace.held_until(&holding(""), after(0)), None);
        assert_eq!(pace.held_until(&holding("a"), after(1)), None);
        assert_eq!(pace.held_until(&holding("b"), after(2)), Some(after(34)));
        assert_eq!(pace.held_until(&holding("bc"), after(34)), None);
        assert_eq!(pace.held_until(&holding("d"), after(35)), Some(after(67)));
        // A usage event delivers what is held before it.
        let mut out = holding("d");
        out.event("usage", "{}");
        assert_eq!(pace.held_until(&out, after(36)), None);
        assert_eq!(pace.held_until(&holding("e"), after(37)), Some(after(69)));
        // After a pause the next text is delivered at once.
        assert_eq!(pace.held_until(&holding("f"), after(500)), None);
    }

    #[test]
    fn without_an_interval_nothing_is_held() {
        for coalescing in [None, Some(Coalescing::Waiting)] {
            let mut pace = Pace::new(coalescing);
            let now = Instant::now();
            assert_eq!(pace.held_until(&holding("a"), now), None);
            assert_eq!(pace.held_until(&holding("b"), now), None);
        }
    }
}
