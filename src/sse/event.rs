//! Classifies one whole event: data, the `[DONE]` mark, a comment that a gateway has wrapped into a `data` line, or no data.
//!
//! A plain event (one `data:` line), and one with its name before it, are read in place and borrowed, unless their UTF-8 is
//! invalid. Events of any other shape are parsed by the [`whatwg`] module, which takes longer than all else that is done with
//! an event. All are classified by the same function, so that they get the same meaning.

use std::borrow::Cow;

use memchr::memchr;

use super::whatwg;

/// An event that matters for a chat completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A payload that is not empty. OpenRouter sends JSON.
    Data {
        /// The event's name, if it is not the default `message`. Some gateways send `event: error`.
        name: Option<Cow<'a, str>>,
        /// The payload, borrowed from the framer's buffer if the event is plain and valid UTF-8.
        data: Cow<'a, str>,
    },
    /// `data: [DONE]`, the end mark of OpenAI-compatible streams.
    Done,
}

/// The classification of a block of lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading<'a> {
    /// An event for the caller.
    Event(Event<'a>),
    /// A comment that a gateway has wrapped into a `data` line.
    Comment,
    /// A block without data, which the standard does not dispatch, or with blank data.
    Nothing,
}

/// Reads, in place, a block that is exactly one `data:` line that ends with LF.
pub(super) fn read_plain(block: &[u8]) -> Reading<'_> {
    judge(None, value_of(block, b"data:"))
}

/// Reads, in place, a block that is exactly one `event:` line and one `data:` line, which end with LF.
pub(super) fn read_named(block: &[u8]) -> Reading<'_> {
    let end = memchr(b'\n', block).map_or(block.len(), |at| at + 1);
    let (name, data) = block.split_at_checked(end).unwrap_or_default();
    let name = value_of(name, b"event:");
    let is_default = matches!(&*name, "" | "message");
    judge((!is_default).then_some(name), value_of(data, b"data:"))
}

/// Returns the value of a line that ends with LF.
fn value_of<'a>(line: &'a [u8], field: &[u8]) -> Cow<'a, str> {
    let value = line.strip_prefix(field).unwrap_or_default();
    let value = value.strip_prefix(b" ").unwrap_or(value);
    decode(value.strip_suffix(b"\n").unwrap_or(value))
}

/// Reads a block of arbitrary lines.
pub(super) fn read_other(block: &[u8]) -> Reading<'_> {
    match whatwg::read(&decode(block)) {
        Some(event) => judge(event.name.map(Cow::Owned), Cow::Owned(event.data)),
        None => Reading::Nothing,
    }
}

/// Decodes as the standard's "UTF-8 decode" does: each invalid sequence becomes U+FFFD.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // Used for invalid text only, because `from_utf8_lossy` decodes byte by byte, while `from_utf8` checks ASCII a
        // word at a time.
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

fn judge<'a>(name: Option<Cow<'a, str>>, data: Cow<'a, str>) -> Reading<'a> {
    // JSON text never starts with a colon, so data that does, also after white space, is a wrapped comment.
    match data.trim_ascii() {
        "" => Reading::Nothing,
        "[DONE]" => Reading::Event(Event::Done),
        text if text.starts_with(':') => Reading::Comment,
        _ => Reading::Event(Event::Data { name, data }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_event_is_borrowed() {
        let Reading::Event(Event::Data { data, .. }) = read_plain(b"data: {}\n") else {
            panic!("not data");
        };
        assert!(matches!(data, Cow::Borrowed("{}")));
    }

    #[test]
    fn invalid_utf8_is_replaced_in_plain_and_other_events() {
        let block = b"data: a\xF0\x9F\x98b\xFF\xED\xA0\x80c\n";
        let expected = "a\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}c";
        for reading in [read_plain(block), read_other(block)] {
            let data = Cow::Borrowed(expected);
            assert_eq!(reading, Reading::Event(Event::Data { name: None, data }));
        }
    }

    proptest! {
        #[test]
        fn read_plain_and_read_other_agree_on_every_plain_event(
            space in "[ \t:\u{FEFF}]{0,3}",
            value in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..60),
                "\\PC{0,40}".prop_map(String::into_bytes),
                "[ \t]{0,2}(\\[DONE\\])?[ \t:]{0,2}".prop_map(String::into_bytes),
            ],
        ) {
            let mut block = format!("data:{space}").into_bytes();
            block.extend(value.into_iter().filter(|byte| !matches!(byte, b'\r' | b'\n')));
            block.push(b'\n');
            prop_assert_eq!(read_plain(&block), read_other(&block));
        }

        #[test]
        fn read_named_and_read_other_agree_on_every_named_event(
            space in "[ \t:\u{FEFF}]{0,3}",
            name in prop_oneof!["[ \t:]?(message|error)?[ \0]?", "\\PC{0,12}"],
            value in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..40),
                "[ \t]{0,2}(\\[DONE\\])?[ \t:]{0,2}".prop_map(String::into_bytes),
            ],
        ) {
            let mut block = format!("event:{name}\ndata:{space}").into_bytes();
            block.extend(value.into_iter().filter(|byte| !matches!(byte, b'\r' | b'\n')));
            block.push(b'\n');
            prop_assert_eq!(read_named(&block), read_other(&block));
        }
    }
}
