//! The plan of a response, which the path of the request contains: `/events=100,gap=20/api/v1/chat/completions`.

use std::time::Duration;

/// What a stream consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Plan {
    /// How many chunks with content are sent.
    pub events: usize,
    /// How many events each write contains.
    pub per: usize,
    /// The time between two writes.
    pub gap: Duration,
    /// The size in bytes of an image that is sent in one event; 0 means no image.
    pub image: usize,
    /// How many embeddings an answer has.
    pub embeddings: usize,
    /// Whether only the first chunk is sent, and the stream then stays open.
    pub idle: bool,
    /// Whether the text of each chunk is the time when it is sent.
    pub timed: bool,
}

impl Plan {
    /// Reads the plan from the first segment of `path`. Missing values are 0, except for `per`, which is 1.
    pub fn of(path: &str) -> Self {
        let mut plan = Self {
            events: 0,
            per: 1,
            gap: Duration::ZERO,
            image: 0,
            embeddings: 0,
            idle: false,
            timed: false,
        };
        let part = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        for (name, value) in part.split(',').filter_map(|pair| pair.split_once('=')) {
            let number = value.parse().unwrap_or(0);
            match name {
                "events" => plan.events = number,
                "per" => plan.per = number.max(1),
                "gap" => plan.gap = Duration::from_millis(number as u64),
                "image" => plan.image = number,
                "embeddings" => plan.embeddings = number,
                "idle" => plan.idle = number > 0,
                "timed" => plan.timed = number > 0,
                _ => {}
            }
        }
        plan
    }
}
