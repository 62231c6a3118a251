//! What is asked for, read from the address: `/events=100,gap=20/api/v1/chat/completions`.

use std::time::Duration;

/// A stream's plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Plan {
    /// Chunks with content.
    pub events: usize,
    /// Events in one write.
    pub per: usize,
    /// Time between two writes.
    pub gap: Duration,
    /// An image of so many bytes, in one event.
    pub image: usize,
    /// Send the first chunk, and then nothing for ever.
    pub idle: bool,
}

impl Plan {
    /// The plan in the first part of `path`; what it does not say is 0, or 1 event a write.
    pub fn of(path: &str) -> Self {
        let mut plan = Self {
            events: 0,
            per: 1,
            gap: Duration::ZERO,
            image: 0,
            idle: false,
        };
        let part = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        for (name, value) in part.split(',').filter_map(|pair| pair.split_once('=')) {
            let number = value.parse().unwrap_or(0);
            match name {
                "events" => plan.events = number,
                "per" => plan.per = number.max(1),
                "gap" => plan.gap = Duration::from_millis(number as u64),
                "image" => plan.image = number,
                "idle" => plan.idle = number > 0,
                _ => {}
            }
        }
        plan
    }
}
