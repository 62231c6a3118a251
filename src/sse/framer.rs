//! Cuts a byte stream into events, whatever the network did to it.
//!
//! The framer owns the buffer and its size: it takes reads in, drops what has been read, and keeps both linear in the
//! bytes. The [`cursor`](super::cursor) finds the events in it, and [`event`](super::event) says what they mean. Only
//! whole events are decoded, so that a character split over two reads stays whole.

use std::fmt;

use super::cursor::{Block, Cursor, Step};
use super::event::{self, Event, Reading};

/// Buffer space that is kept from one event to the next; the space of a large event is given back.
const KEPT_CAPACITY: usize = 256 * 1024;

/// The least space to ask for, so that a stream of tiny reads does not start with many tiny allocations.
const FIRST_CAPACITY: usize = 1024;

/// An event, or a line without an end, went past the framer's limit.
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

/// Turns the reads of a response body into [`Event`]s.
///
/// After each [`push`](Self::push), call [`next`](Self::next) until it gives `None`; at the end of the body, call
/// [`finish`](Self::finish) until it does. The buffer then never holds more than the limit and one read.
pub struct Framer {
    buffer: Vec<u8>,
    cursor: Cursor,
    limit: usize,
    last_read: usize,
    failed: bool,
}

impl Framer {
    /// A framer at the start of a stream, for events of up to `max_event_bytes` bytes, line ends included.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            buffer: Vec::new(),
            cursor: Cursor::default(),
            limit: max_event_bytes,
            last_read: 0,
            failed: false,
        }
    }

    /// Takes one read of the network, of any size.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed {
            return;
        }
        self.compact(bytes.len());
        self.reserve(bytes.len());
        self.buffer.extend_from_slice(bytes);
        self.last_read = bytes.len();
    }

    /// The next whole event that means something, or `None` until more bytes are pushed.
    ///
    /// # Errors
    /// [`EventTooLarge`] past the limit, after all events before it, and from then on at each call.
    #[expect(clippy::should_implement_trait, reason = "an event borrows from the framer")]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, EventTooLarge> {
        self.read(false)
    }

    /// The same at the end of the stream, where the last event is read although no blank line ends it.
    ///
    /// The standard drops such an event, but real servers leave the last blank line out.
    pub fn finish(&mut self) -> Option<Event<'_>> {
        self.read(true).ok().flatten()
    }

    /// How many comments have passed: lines that start with a colon, also those wrapped into a `data` line.
    ///
    /// They carry nothing, but show that the other end is alive.
    pub fn comments(&self) -> u64 {
        self.cursor.comments
    }

    /// How many bytes stand behind the event that was read last.
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
            let Some(Block { range, plain }) = block else {
                return Ok(None);
            };
            let block = self.buffer.get(range).unwrap_or_default();
            let reading = match plain {
                true => event::read_plain(block),
                false => event::read_other(block),
            };
            match reading {
                Reading::Event(event) => return Ok(Some(event)),
                Reading::Comment => self.cursor.comments += 1,
                Reading::Nothing => {}
            }
        }
    }

    /// Drops the bytes of the events that have been read.
    fn compact(&mut self, incoming: usize) {
        let start = self.cursor.start;
        let pending = self.buffer.len().saturating_sub(start);
        // A move costs no more than the bytes that it frees or that the last read brought, so all moves together stay
        // linear in the stream, even for a caller that pushes faster than it reads.
        if start == 0 || pending > start.max(self.last_read) {
            return;
        }
        self.buffer.drain(..start);
        self.cursor.rebase(start);
        if self.buffer.capacity() > KEPT_CAPACITY && pending.saturating_add(incoming) <= KEPT_CAPACITY {
            self.buffer.shrink_to(KEPT_CAPACITY);
        }
    }

    /// Doubles the space as a `Vec` does, but not past what the limit can ever need.
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
    /// Shows no byte of the stream: it is somebody's conversation.
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

    /// Bytes that reading `stream` in reads of `size` moved or looked at again, and the most that the buffer held.
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
            // The cursor is at the end, and it never goes back: each byte has been looked at once.
            assert_eq!(framer.cursor.scan, framer.buffer.len());
        }
        (moved, most)
    }

    #[test]
    fn work_and_memory_are_bounded_by_the_bytes() {
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
    fn a_caller_that_pushes_faster_than_it_reads_moves_little() {
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
    fn the_space_of_a_large_event_is_given_back() {
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
