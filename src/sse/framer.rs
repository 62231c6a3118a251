//! Splits a byte stream into events, no matter how the network has split the stream.
//!
//! The framer owns the buffer: it appends network reads and removes the events that were read, in time linear in the
//! bytes. The [`cursor`](super::cursor) finds the events in the buffer, and [`event`](super::event) classifies them. Only
//! whole events are decoded, so that a character that is split over two reads stays whole.

use std::fmt;

use super::cursor::{Block, Cursor, Shape, Step};
use super::event::{self, Event, Reading};

/// The capacity, in bytes, that the buffer may keep between events. The capacity that a larger event needed is freed.
const KEPT_CAPACITY: usize = 256 * 1024;

/// The smallest capacity to allocate, so that a stream of tiny reads does not start with many tiny allocations.
const FIRST_CAPACITY: usize = 1024;

/// The error of an event, or an endless line, that is larger than the framer's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTooLarge {
    /// The limit, in bytes.
    pub limit: usize,
}

impl fmt::Display for EventTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a stream event is larger than {} bytes", self.limit)
    }
}

impl std::error::Error for EventTooLarge {}

/// Splits a response body into [`Event`]s.
///
/// After each [`push`](Self::push), call [`next`](Self::next) until it returns `None`; at the end of the body, call
/// [`finish`](Self::finish) until it returns `None`. The buffer then never holds more bytes than the limit plus one read.
pub struct Framer {
    buffer: Vec<u8>,
    cursor: Cursor,
    limit: usize,
    last_read: usize,
    failed: bool,
}

impl Framer {
    /// Returns a framer for a new stream, with events of up to `max_event_bytes` bytes, line ends included.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            buffer: Vec::new(),
            cursor: Cursor::default(),
            limit: max_event_bytes,
            last_read: 0,
            failed: false,
        }
    }

    /// Appends the bytes of one network read, of any size.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed {
            return;
        }
        self.compact(bytes.len());
        self.reserve(bytes.len());
        self.buffer.extend_from_slice(bytes);
        self.last_read = bytes.len();
    }

    /// Returns the next whole event that matters for a chat completion, or `None` until more bytes are pushed.
    ///
    /// # Errors
    /// [`EventTooLarge`] for an event larger than the limit, after all events before it were returned, and for every later
    /// call.
    #[expect(clippy::should_implement_trait, reason = "an event borrows from the framer")]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, EventTooLarge> {
        self.read(false)
    }

    /// Returns the next event at the end of the stream. Unlike [`Self::next`] it also returns a last event that no blank
    /// line ends.
    ///
    /// The standard drops such an event, but real servers omit the last blank line.
    pub fn finish(&mut self) -> Option<Event<'_>> {
        self.read(true).ok().flatten()
    }

    /// Returns the number of comments so far: lines that start with a colon, and those wrapped into a `data` line.
    ///
    /// Servers send comments to keep the connection alive.
    pub fn comments(&self) -> u64 {
        self.cursor.comments
    }

    /// Returns the number of buffered bytes after the last event that was returned.
    pub fn unread(&mut self) -> usize {
        self.cursor.behind(&self.buffer)
    }

    fn read(&mut self, at_end: bool) -> Result<Option<Event<'_>>, EventTooLarge> {
        let too_large = EventTooLarge { limit: self.limit };
        if self.failed {
            return Err(too_large);
        }
        loop {
            let block = match self.cursor.advance(&self.buffer, self.limit) {
                Step::Block(block) => Some(block),
                Step::Incomplete if at_end => self.cursor.last_block(&self.buffer),
                Step::Incomplete => None,
                Step::TooLarge => {
                    self.failed = true;
                    return Err(too_large);
                }
            };
            let Some(Block { range, shape }) = block else {
                return Ok(None);
            };
            let block = self.buffer.get(range).unwrap_or_default();
            let reading = match shape {
                Shape::Plain => event::read_plain(block),
                Shape::Named => event::read_named(block),
                Shape::Empty | Shape::Name | Shape::Other => event::read_other(block),
            };
            match reading {
                Reading::Event(event) => return Ok(Some(event)),
                Reading::Comment => self.cursor.comments += 1,
                Reading::Nothing => {}
            }
        }
    }

    /// Removes the bytes of the events that were read. `incoming` is the size of the read that will be appended.
    fn compact(&mut self, incoming: usize) {
        let start = self.cursor.start;
        let pending = self.buffer.len().saturating_sub(start);
        // A move copies at most as many bytes as it frees or as the last read brought. All moves together are therefore
        // linear in the stream, also for a caller that pushes faster than it reads.
        if start == 0 || pending > start.max(self.last_read) {
            return;
        }
        self.buffer.drain(..start);
        self.cursor.rebase(start);
        if self.buffer.capacity() > KEPT_CAPACITY && pending.saturating_add(incoming) <= KEPT_CAPACITY {
            self.buffer.shrink_to(KEPT_CAPACITY);
        }
    }

    /// Doubles the capacity as a `Vec` does, but not beyond the limit plus the incoming read.
    fn reserve(&mut self, incoming: usize) {
        let needed = self.buffer.len().saturating_add(incoming);
        let most = self.limit.saturating_add(incoming);
        if needed > self.buffer.capacity() && needed <= most {
            let doubled = self.buffer.capacity().saturating_mul(2).max(FIRST_CAPACITY);
            let capacity = doubled.min(most).max(needed);
            self.buffer
                .reserve_exact(capacity.saturating_sub(self.buffer.len()));
        }
    }
}

impl fmt::Debug for Framer {
    /// Does not show the bytes of the stream, which are a user's conversation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framer")
            .field("buffered", &self.buffer.len())
            .field("limit", &self.limit)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `stream` in pieces of `size` bytes. Returns the number of bytes that were moved in the buffer, and the largest
    /// capacity of the buffer.
    fn work(stream: &[u8], size: usize, limit: usize) -> (usize, usize) {
        let (mut framer, mut moved, mut most) = (Framer::new(limit), 0, 0);
        for read in stream.chunks(size) {
            let (start, held) = (framer.cursor.start, framer.buffer.len());
            framer.push(read);
            if framer.cursor.start < start {
                moved += held - start;
            }
            most = most.max(framer.buffer.capacity());
            while framer.next().unwrap().is_some() {}
            // The cursor is at the end and never moves back, so each byte was examined once.
            assert_eq!(framer.cursor.scan, framer.buffer.len());
        }
        (moved, most)
    }

    #[test]
    fn moved_bytes_are_bounded_by_the_stream_and_memory_by_the_limit() {
        let small = "data: {\"n\":1}\n\n: comment\r\n\r\n".repeat(3_000);
        let large = format!("data: {}\n\n{small}", "x".repeat(200_000)).repeat(3);
        let limit = 210_000;
        for size in [1, 2, 7, 1_460, 16_384, 65_536, 1 << 20] {
            let (moved, most) = work(large.as_bytes(), size, limit);
            assert!(moved <= large.len(), "{moved} bytes moved, reads of {size}");
            assert!(most <= limit + size, "{most} bytes held, reads of {size}");
        }
    }

    #[test]
    fn pushing_faster_than_reading_moves_no_more_bytes_than_were_pushed() {
        let event = b"data: 0123456789\n\n";
        let (mut framer, mut moved) = (Framer::new(1_000), 0);
        for _ in 0..20_000 {
            let (start, held) = (framer.cursor.start, framer.buffer.len());
            framer.push(&event.repeat(2));
            if framer.cursor.start < start {
                moved += held - start;
            }
            framer.next().unwrap().unwrap();
        }
        assert!(moved <= 2 * 20_000 * event.len(), "{moved} bytes moved");
        assert_eq!(std::iter::from_fn(|| framer.finish().map(drop)).count(), 20_000);
    }

    #[test]
    fn the_buffer_shrinks_after_a_large_event() {
        let mut framer = Framer::new(8 << 20);
        framer.push(format!("data: {}\n\n", "x".repeat(4 << 20)).as_bytes());
        assert!(framer.next().unwrap().is_some());
        framer.push(b"data: {}\n\n");
        assert!(framer.buffer.capacity() <= KEPT_CAPACITY);
    }

    #[test]
    fn debug_shows_no_content() {
        let mut framer = Framer::new(1_000);
        framer.push(b"data: secret");
        assert!(!format!("{framer:?}").contains("secret"));
    }
}
