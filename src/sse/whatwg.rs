//! The reading of one whole event through `eventsource-stream`.
//!
//! That crate is correct on fields, but not safe on raw network reads: a BOM at the start of its input makes it panic,
//! a CR at the end of its input holds a line back, and its time grows with the square of the lines, or of the reads of
//! one line, that it has in its buffer. So it is fed one decoded line at a time, each with an end, and a fresh
//! instance reads each event: no field outlives its event but `id`, which a chat completion has no use for.

use std::convert::Infallible;
use std::iter;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use eventsource_stream::EventStream;
use futures_util::Stream;
use memchr::memchr2;

/// The parts of an event that a chat completion can use.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawEvent {
    /// The name, unless it is the default.
    pub(super) name: Option<String>,
    /// The values of the `data` lines, a LF between them.
    pub(super) data: String,
}

/// Reads the lines of one event: blank lines and the BOM of the stream have been taken away, the last line end may be.
/// `None` where there is no `data` line.
pub(super) fn read(block: &str) -> Option<RawEvent> {
    // The blank line in front means nothing to an event stream. It is there for the BOM: one at the start of a later
    // event is part of that line's field name, but the crate would take it for the start of the stream, and panic.
    let pieces = iter::once("\n")
        .chain(Lines { rest: block }.flatten())
        .chain(iter::once("\n"))
        .map(Ok::<_, Infallible>);
    let mut events = EventStream::new(futures_util::stream::iter(pieces));

    // All of the input is here, so the stream never waits; and it cannot fail on whole lines of valid UTF-8.
    match Pin::new(&mut events).poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(Ok(event))) => Some(RawEvent {
            name: (event.event != "message").then_some(event.event),
            data: event.data,
        }),
        Poll::Ready(Some(Err(_)) | None) | Poll::Pending => None,
    }
}

/// Lines, each as the text to feed and what its end lacks: the crate takes LF and CR LF, but it would wait for what
/// follows a CR alone, or a line without an end.
struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Lines<'a> {
    type Item = [&'a str; 2];

    fn next(&mut self) -> Option<[&'a str; 2]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr2(b'\n', b'\r', self.rest.as_bytes()).unwrap_or(self.rest.len());
        // All cuts are beside ASCII, so each is at a character boundary.
        let (line, rest) = self.rest.split_at_checked(end)?;
        let known = if rest.starts_with("\r\n") {
            2
        } else {
            usize::from(rest.starts_with('\n'))
        };
        if known > 0 {
            let (line, rest) = self.rest.split_at_checked(end + known)?;
            self.rest = rest;
            return Some([line, ""]);
        }
        self.rest = rest.strip_prefix('\r').unwrap_or(rest);
        Some([line, "\n"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(block: &str) -> Option<String> {
        read(block).map(|fields| fields.data)
    }

    #[test]
    fn every_line_end_and_none_ends_a_line() {
        let lines = Lines {
            rest: "a\nb\rc\r\nd\n\re",
        };
        let expected = [
            ["a\n", ""],
            ["b", "\n"],
            ["c\r\n", ""],
            ["d\n", ""],
            ["", "\n"],
            ["e", "\n"],
        ];
        assert_eq!(lines.collect::<Vec<_>>(), expected);
        for end in ["", "\n", "\r", "\r\n"] {
            assert_eq!(data(&format!("data: x{end}")).as_deref(), Some("x"));
        }
    }

    #[test]
    fn a_bom_at_the_start_of_an_event_is_part_of_a_field_name() {
        assert_eq!(data("\u{FEFF}data: x\n"), None);
        assert_eq!(data("\u{FEFF}data: x\ndata: y\n").as_deref(), Some("y"));
    }
}
