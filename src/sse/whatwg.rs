//! Parses one whole event with the crate `eventsource-stream`.
//!
//! The crate parses fields correctly, but is unsafe for raw network reads: it panics on a BOM at the start of its input,
//! it delays a line if its input ends with CR, and its time is quadratic in the lines, or in the reads of one line, in
//! its buffer. Therefore it gets one decoded line at a time, each with a line end, and each event gets a new instance.
//! The only field that the standard keeps from one event to the next is `id`, which a chat completion does not need.

use std::convert::Infallible;
use std::iter;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use eventsource_stream::EventStream;
use futures_util::Stream;
use memchr::memchr2;

/// The fields of an event that a chat completion needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawEvent {
    /// The name of the event, unless it is the default `message`.
    pub(super) name: Option<String>,
    /// The values of the `data` lines, separated by LF.
    pub(super) data: String,
}

/// Parses the lines of one event. `block` has no blank lines and not the BOM of the stream; its last line may have no line
/// end. Returns `None` if there is no `data` line.
pub(super) fn read(block: &str) -> Option<RawEvent> {
    // The leading blank line has no meaning in an event stream. It protects the crate from a BOM at the start of the
    // event: there the BOM is part of a field name, but the crate would treat it as the start of the stream, and panic.
    let pieces = iter::once("\n")
        .chain(Lines { rest: block }.flatten())
        .chain(iter::once("\n"))
        .map(Ok::<_, Infallible>);
    let mut events = EventStream::new(futures_util::stream::iter(pieces));

    // The stream is never pending, because its whole input is available, and whole lines of valid UTF-8 cannot fail.
    match Pin::new(&mut events).poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(Ok(event))) => Some(RawEvent {
            name: (event.event != "message").then_some(event.event),
            data: event.data,
        }),
        Poll::Ready(Some(Err(_)) | None) | Poll::Pending => None,
    }
}

/// Iterates over lines. Each item is the text of a line and the line end that has to be added to it: LF and CR LF stay in
/// the text, but the crate would wait for more input after a single CR, or after a line without an end.
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
        // The text is split next to ASCII characters or at its end, so always at a character boundary.
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
    fn lf_cr_crlf_and_the_end_of_the_block_each_end_a_line() {
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
