//! Finds the lines of a byte stream, and the events that they make, and looks at each byte once.
//!
//! The cursor remembers how far it has come, what line it is in, and which shape the event has had so far, so that the
//! next read goes on where the last one ended. It decodes nothing and owns no bytes.
//! Grammar: <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>.

use std::ops::Range;

use memchr::memchr2;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The lines of one event, without the blank line that ended it.
pub(super) struct Block {
    /// Where they are in the buffer.
    pub(super) range: Range<usize>,
    /// Exactly one `data:` line, ended by LF.
    pub(super) plain: bool,
}

/// How far one search for an event came.
pub(super) enum Step {
    /// To the end of an event.
    Block(Block),
    /// To the end of the buffer.
    Incomplete,
    /// Past the limit.
    TooLarge,
}

/// What the lines of the current event have been so far.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// No line but comments, which are dropped at once: however many a server sends, they never add up to an event.
    #[default]
    Empty,
    /// Exactly one `data:` line, ended by LF.
    Plain,
    /// Anything else.
    Other,
}

/// How far the buffer has been read: `start` <= `line` <= `scan` <= its length.
#[derive(Default)]
pub(super) struct Cursor {
    /// First byte of the current event.
    pub(super) start: usize,
    /// First byte of the current line.
    line: usize,
    /// First byte that was not looked at yet.
    pub(super) scan: usize,
    shape: Shape,
    /// The last line ended in CR, so a LF at `scan` belongs to that end.
    after_cr: bool,
    /// The first bytes have been seen, so no BOM can follow.
    started: bool,
    /// Comments so far.
    pub(super) comments: u64,
}

impl Cursor {
    /// Goes to the end of the next event that has any line but comments.
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
                Some(b'\n') => Some(0), // a blank line, mostly: not worth a search
                _ => memchr2(b'\n', b'\r', unseen),
            };
            let end = self.scan + found.unwrap_or(unseen.len());
            let lf = unseen.get(end - self.scan) == Some(&b'\n');
            self.scan = end + usize::from(found.is_some());
            // Checked at each stop, so that the same stream fails at the same event however it is cut.
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

    /// What is left when the stream has ended.
    pub(super) fn last_block(&mut self, buffer: &[u8]) -> Option<Block> {
        let line = buffer.get(self.line..).unwrap_or_default();
        self.scan = buffer.len();
        if !line.is_empty() {
            self.end_line(line, false);
        }
        self.take_block(buffer.len())
    }

    /// Notes a line that is not blank, and goes to the next, which starts at `scan`.
    fn end_line(&mut self, line: &[u8], lf: bool) {
        self.line = self.scan;
        let comment = line.first() == Some(&b':');
        self.comments += u64::from(comment);
        if self.shape != Shape::Empty {
            self.shape = Shape::Other;
        } else if comment {
            self.start = self.scan;
        } else if lf && line.starts_with(b"data:") {
            self.shape = Shape::Plain;
        } else {
            self.shape = Shape::Other;
        }
    }

    /// The event that a blank line, or the end of the stream, at `end` closes, if it has lines.
    fn take_block(&mut self, end: usize) -> Option<Block> {
        let range = self.start..end;
        self.start = self.scan;
        self.line = self.scan;
        let shape = std::mem::take(&mut self.shape);
        let plain = shape == Shape::Plain;
        (shape != Shape::Empty).then_some(Block { range, plain })
    }

    /// Passes the LF of a CR LF. A CR ends its line at once, not when the next byte is there: in a stream of CR LF the
    /// next byte may be minutes away. `false` while that byte is not known.
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

    /// Passes a BOM at the very start of the stream. `false` while the bytes may become one.
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

    /// How many bytes of the buffer stand behind the event that was found last. The LF of its last CR LF does not.
    pub(super) fn behind(&mut self, buffer: &[u8]) -> usize {
        if self.after_cr {
            self.skip_lf(buffer);
        }
        buffer.len().saturating_sub(self.start)
    }

    /// Follows the buffer after its first `removed` bytes have gone.
    pub(super) fn rebase(&mut self, removed: usize) {
        self.start -= removed;
        self.line -= removed;
        self.scan -= removed;
    }
}
