//! The meaning of one whole event: data, the `[DONE]` mark, a comment in disguise, or nothing at all.
//!
//! A plain event is read in place: it is borrowed, not copied, unless its UTF-8 is broken. Each other shape goes to
//! the [`whatwg`] module. Both end in the same judgement, so that a shape never changes a meaning.

use std::borrow::Cow;

use super::whatwg;

/// An event that means something to a reader of chat completions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A payload, not empty. On OpenRouter it is JSON.
    Data {
        /// The event's name, where the server gave one other than `message` (some gateways send `event: error`).
        name: Option<String>,
        /// The payload; borrowed from the framer's buffer where the event was plain and valid UTF-8.
        data: Cow<'a, str>,
    },
    /// The end mark of OpenAI-like streams, `data: [DONE]`.
    Done,
}

/// What a block of lines turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading<'a> {
    /// Something to hand on.
    Event(Event<'a>),
    /// A comment that a gateway has wrapped into a `data` line.
    Comment,
    /// No data: nothing that the standard, or a chat client, would dispatch.
    Nothing,
}

/// Reads a block that is exactly one `data:` line with its LF, in place.
pub(super) fn read_plain(block: &[u8]) -> Reading<'_> {
    let value = block.strip_prefix(b"data:").unwrap_or_default();
    let value = value.strip_prefix(b" ").unwrap_or(value);
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    judge(None, decode(value))
}

/// Reads a block of any lines.
pub(super) fn read_other(block: &[u8]) -> Reading<'_> {
    match whatwg::read(&decode(block)) {
        Some(event) => judge(event.name, Cow::Owned(event.data)),
        None => Reading::Nothing,
    }
}

/// Decodes as the standard's "UTF-8 decode": each broken sequence becomes U+FFFD.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // Not called for valid text: it goes byte by byte, while `from_utf8` takes ASCII in words.
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

fn judge(name: Option<String>, data: Cow<'_, str>) -> Reading<'_> {
    // No JSON text starts with a colon, so white space before it need not be kept apart either.
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
    fn broken_utf8_is_replaced_in_both_readings() {
        let block = b"data: a\xF0\x9F\x98b\xFF\xED\xA0\x80c\n";
        let expected = "a\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}c";
        for reading in [read_plain(block), read_other(block)] {
            let data = Cow::Borrowed(expected);
            assert_eq!(reading, Reading::Event(Event::Data { name: None, data }));
        }
    }

    proptest! {
        #[test]
        fn both_readings_agree_on_every_plain_event(
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
    }
}
