//! Finds the lines and events in a byte stream, and looks at each byte once.
//!
//! The cursor stores its position, the start of the current line and the shape of the current event, so that it
//! continues in the next read where the last one ended. It neither decodes nor owns bytes.
//! Grammar: <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>.

use std::ops::Range;

use memchr::memchr2;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The lines of one event, without the blank line that ends it.
pub(super) struct Block {
    /// The position of the lines in the buffer.
    pub(super) range: Range<usize>,
    /// Its shape.
    pub(super) shape: Shape,
}

/// The result of a search for the next event.
pub(super) enum Step {
    /// The event is complete.
    Block(Block),
    /// The buffer ends before the event does.
    Incomplete,
    /// The event is larger than the limit.
    TooLarge,
}

/// The shape of an event, as far as its lines are known.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// No lines except comments. Comments are dropped immediately, so that any number of them never reaches the limit of
    /// an event.
    #[default]
    Empty,
    /// Exactly one `data:` line that ends with LF.
    Plain,
    /// Exactly one `event:` line that ends with LF.
    Name,
    /// Exactly one `event:` line and then one `data:` line, which end with LF: an event of most APIs beside chats.
    Named,
    /// Anything else.
    Other,
}

/// A position in the buffer: `start` <= `line` <= `scan` <= length of the buffer.
#[derive(Default)]
pub(super) struct Cursor {
    /// The first byte of the current event.
    pub(super) start: usize,
    /// The first byte of the current line.
    line: usize,
    /// The first byte that was not examined yet.
    pub(super) scan: usize,
    shape: Shape,
    /// Whether the last line ended with CR, so that an LF at `scan` belongs to the same line end.
    after_cr: bool,
    /// Whether the first bytes of the stream were examined, so that a byte order mark (BOM) can no longer follow.
    started: bool,
    /// The number of comments so far.
    pub(super) comments: u64,
}

impl Cursor {
    /// Searches for the end of the next event that has at least one line that is not a comment.
    pub(super) fn advance(&mut self, buffer: &[u8], limit: usize) -> Step {
        if !self.started && !self.skip_bom(buffer) {
            return Step::Incomplete;
        }
        loop {
            if self.after_cr && !self.skip_lf(buffer) {
                return Step::Incomplete;
            }
            let unseen = buffer.get(self.scan..).unwrap_or_default();
            let found = match unseen.first() {
                Some(b'\n') => Some(0), // usually the blank line after an event: no search is needed
                _ => memchr2(b'\n', b'\r', unseen),
            };
            let end = self.scan + found.unwrap_or(unseen.len());
            let lf = unseen.get(end - self.scan) == Some(&b'\n');
            self.scan = end + usize::from(found.is_some());
            // Checked after each line and at the end of the buffer, so that a stream fails at the same event no matter how
            // the network has split it.
            if self.scan - self.start > limit {
                return Step::TooLarge;
            }
            if found.is_none() {
                return Step::Incomplete;
            }
            self.after_cr = !lf;
            let line = buffer.get(self.line..end).unwrap_or_default();
            if !line.is_empty() {
                self.end_line(line, lf);
            } else if let Some(block) = self.take_block(end) {
                return Step::Block(block);
            }
        }
    }

    /// Returns the lines that remain at the end of the stream as an event.
    pub(super) fn last_block(&mut self, buffer: &[u8]) -> Option<Block> {
        let line = buffer.get(self.line..).unwrap_or_default();
        self.scan = buffer.len();
        if !line.is_empty() {
            self.end_line(line, false);
        }
        self.take_block(buffer.len())
    }

    /// Updates the shape for a line that is not blank, and begins the next line at `scan`.
    fn end_line(&mut self, line: &[u8], lf: bool) {
        self.line = self.scan;
        let comment = line.first() == Some(&b':');
        self.comments += u64::from(comment);
        self.shape = match self.shape {
            Shape::Empty if comment => {
                self.start = self.scan;
                return;
            }
            Shape::Empty if lf && line.starts_with(b"data:") => Shape::Plain,
            Shape::Empty if lf && line.starts_with(b"event:") => Shape::Name,
            Shape::Name if lf && line.starts_with(b"data:") => Shape::Named,
            _ => Shape::Other,
        };
    }

    /// Returns the event that ends at `end`, by a blank line or the end of the stream, if it has lines.
    fn take_block(&mut self, end: usize) -> Option<Block> {
        let range = self.start..end;
        self.start = self.scan;
        self.line = self.scan;
        let shape = std::mem::take(&mut self.shape);
        (shape != Shape::Empty).then_some(Block { range, shape })
    }

    /// Skips the LF of a CR LF. A CR ends its line immediately, because the next byte, even the LF of the same CR LF, may
    /// arrive much later. Returns `false` while the next byte is unknown.
    fn skip_lf(&mut self, buffer: &[u8]) -> bool {
        let Some(byte) = buffer.get(self.scan) else {
            return false;
        };
        self.after_cr = false;
        if *byte == b'\n' {
            self.scan += 1;
            self.line = self.scan;
            if self.shape == Shape::Empty {
                self.start = self.scan;
            }
        }
        true
    }

    /// Skips a BOM at the start of the stream. Returns `false` while the bytes are an incomplete BOM.
    fn skip_bom(&mut self, buffer: &[u8]) -> bool {
        if buffer.starts_with(BOM) {
            self.start = BOM.len();
            self.line = BOM.len();
            self.scan = BOM.len();
        } else if BOM.starts_with(buffer) {
            return false;
        }
        self.started = true;
        true
    }

    /// Returns the number of bytes in the buffer after the last event found. The LF of the event's last CR LF belongs to
    /// the event.
    pub(super) fn behind(&mut self, buffer: &[u8]) -> usize {
        if self.after_cr {
            self.skip_lf(buffer);
        }
        buffer.len().saturating_sub(self.start)
    }

    /// Adapts the positions after the first `removed` bytes were removed from the buffer.
    pub(super) fn rebase(&mut self, removed: usize) {
        self.start -= removed;
        self.line -= removed;
        self.scan -= removed;
    }
}
