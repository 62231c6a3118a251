//! Merges the plain chunks in the bytes of an event stream. Every other byte stays as it is, in its place.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use crate::delivery::{Flow, Mode, Outbox};

/// The form in which merged chunks are written.
const FLOW: Flow = Flow::without_deltas(Mode::Bytes);
/// How a chunk begins that may be merged: one line of data, as the API writes it.
const START: &[u8] = b"data: {";
/// How long the event of a chunk may be that is held until it is whole. A longer one is no delta.
const MAX_HELD: usize = 64 * 1024;

/// Reads the bytes of one event stream, and writes them with the plain chunks merged.
#[derive(Default)]
pub struct Coalescer {
    /// The beginning of an event that may be a plain chunk.
    held: Vec<u8>,
    place: Place,
}

/// Where the next byte is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of an event.
    #[default]
    Start,
    /// In an event that passes on as it comes, at the start of a line.
    LineStart,
    /// In such an event, in a line that has bytes already.
    Line,
}

impl Coalescer {
    /// Takes the bytes of one network read, and writes what is whole.
    pub fn take(&mut self, read: &Bytes, out: &mut Outbox) {
        // Looks for the end of a line in the new bytes only, so that the time is linear in the bytes.
        if self.held.len() >= START.len()
            && self.held.last() != Some(&b'\n')
            && self.held.len() + read.len() <= MAX_HELD
            && memchr::memchr2(b'\n', b'\r', read).is_none()
        {
            self.held.extend_from_slice(read);
            return;
        }
        if self.held.is_empty() {
            return self.scan(read, out);
        }
        let mut whole = std::mem::take(&mut self.held);
        whole.extend_from_slice(read);
        self.scan(&whole.into(), out);
    }

    /// Writes what is held, because nothing follows it.
    pub fn finish(&mut self, out: &mut Outbox) {
        if !self.held.is_empty() {
            out.bytes(std::mem::take(&mut self.held).into());
        }
    }

    fn scan(&mut self, bytes: &Bytes, out: &mut Outbox) {
        // The bytes between the two pass on unchanged.
        let (mut from, mut at) = (0, 0);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.place != Place::Start {
                at += self.skip(rest);
                continue;
            }
            match beginning(rest) {
                Beginning::Unfinished => {
                    self.held = rest.to_vec();
                    return pass(bytes, from..at, out);
                }
                Beginning::Event(json, size) => {
                    pass(bytes, from..at, out);
                    from = at;
                    at += size;
                    if out.merge(json, FLOW) {
                        from = at;
                    }
                }
                Beginning::Other => self.place = Place::LineStart,
            }
        }
        pass(bytes, from..at, out);
    }

    /// Returns how many bytes of an event that passes on there are.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            self.place = match (byte, self.place) {
                (b'\n', Place::LineStart) => Place::Start,
                // The line feed after a carriage return ends the line.
                (b'\n', _) | (b'\r', Place::LineStart) => Place::LineStart,
                _ => Place::Line,
            };
            if self.place == Place::Start {
                return at + 1;
            }
        }
        bytes.len()
    }
}

fn pass(bytes: &Bytes, range: Range<usize>, out: &mut Outbox) {
    if !range.is_empty() {
        out.bytes(bytes.slice(range));
    }
}

impl fmt::Debug for Coalescer {
    /// Shows no bytes, because they are part of a conversation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coalescer")
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

/// What the bytes at the start of an event are.
enum Beginning<'b> {
    /// They may become an event of one line.
    Unfinished,
    /// The JSON text of a whole event of one line, and the size of the event.
    Event(&'b str, usize),
    /// Anything else.
    Other,
}

fn beginning(bytes: &[u8]) -> Beginning<'_> {
    let known = START.len().min(bytes.len());
    if bytes.get(..known) != START.get(..known) {
        return Beginning::Other;
    }
    match memchr::memchr2(b'\n', b'\r', bytes) {
        None if bytes.len() <= MAX_HELD => Beginning::Unfinished,
        Some(end) if bytes.get(end) == Some(&b'\n') && end <= MAX_HELD => match bytes.get(end + 1) {
            None => Beginning::Unfinished,
            Some(b'\n') => {
                let json = bytes.get(START.len() - 1..end).unwrap_or_default();
                std::str::from_utf8(json).map_or(Beginning::Other, |json| Beginning::Event(json, end + 2))
            }
            Some(_) => Beginning::Other,
        },
        _ => Beginning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completion::plain_texts;
    use proptest::prelude::*;

    /// Passes a stream through, in pieces of these sizes in turn. `delivers` says whether each piece is delivered at once.
    fn coalesced(stream: &[u8], sizes: &[usize], delivers: bool) -> String {
        let (mut coalescer, mut out, mut written) = (Coalescer::default(), Outbox::default(), Vec::new());
        let mut deliver = |out: &mut Outbox| {
            out.seal();
            written.extend(out.take_bytes().concat());
        };
        let (mut rest, mut sizes) = (stream, sizes.iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
            coalescer.take(&Bytes::copy_from_slice(piece), &mut out);
            rest = after;
            if delivers {
                deliver(&mut out);
            }
        }
        coalescer.finish(&mut out);
        deliver(&mut out);
        String::from_utf8(written).unwrap()
    }

    fn delta(content: &str) -> String {
        format!(
            "data: {{\"id\":\"g\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{content}\"}},\"finish_reason\":null}}]}}\n\n"
        )
    }

    fn reasoning(text: &str) -> String {
        delta("").replace(
            r#""content":"""#,
            &format!(r#""content":"","reasoning":"{text}""#),
        )
    }

    #[test]
    fn plain_chunks_become_one_and_every_other_byte_stays() {
        let usage = "data: {\"id\":\"g\",\"choices\":[],\"usage\":{\"cost\":1}}\n\n";
        let stream = [
            ": OPENROUTER PROCESSING\n\n",
            &reasoning("h"),
            &reasoning("m"),
            &delta("a"),
            &delta("b"),
            &delta("é"),
            usage,
            &delta("c"),
            "data: [DONE]\n\n",
        ]
        .concat();
        let expected = [
            ": OPENROUTER PROCESSING\n\n",
            &reasoning("hm"),
            &delta("abé"),
            usage,
            &delta("c"),
            "data: [DONE]\n\n",
        ]
        .concat();
        for size in [1, 2, 7, 100, 10_000] {
            assert_eq!(coalesced(stream.as_bytes(), &[size], false), expected, "{size}");
        }
        assert_eq!(coalesced(stream.as_bytes(), &[1], true), stream);
    }

    #[test]
    fn other_line_ends_other_fields_and_broken_events_pass_unchanged() {
        let a = delta("a");
        for stream in [
            a.replace('\n', "\r\n").repeat(3),
            a.replace('\n', "\r").repeat(3),
            a.replace("data: ", "data:").repeat(3),
            format!("event: x\n{a}id: 1\n{a}").repeat(2),
            format!("\u{feff}{}", a.replace("data", "data: x\ndata")),
            format!("{}data: {{\n\n", a.replace('}', "")).repeat(2),
            a.trim_end().to_owned(),
            format!("data: {{{}\n\n", "x".repeat(2 * MAX_HELD)),
            "data: {\"a\":1}\ndata: x\n\n".repeat(2),
        ] {
            for size in [1, 3, 50, 1_000_000] {
                assert_eq!(coalesced(stream.as_bytes(), &[size], false), stream, "{size}");
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_pass_unchanged() {
        let mut stream = delta("a").repeat(2).into_bytes();
        stream[70] = 0xFF;
        let (mut coalescer, mut out) = (Coalescer::default(), Outbox::default());
        coalescer.take(&stream.clone().into(), &mut out);
        out.seal();
        assert_eq!(out.take_bytes().concat(), stream);
    }

    fn event() -> impl Strategy<Value = String> {
        let body = || r"([a-z é💡]|\\\\|\\n|\\ud83d|\\ude00){0,6}";
        prop_oneof![
            6 => body().prop_map(|body| delta(&body)),
            2 => body().prop_map(|body| reasoning(&body)),
            1 => body().prop_map(|body| delta(&body).replace("\"index\":0", "\"index\":1")),
            1 => Just("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}\n\n".to_owned()),
            1 => Just(": OPENROUTER PROCESSING\n\n".to_owned()),
            1 => Just("event: error\ndata: {\"error\":{\"code\":502}}\n\n".to_owned()),
            1 => "[a-z:\r\n {}\"]{0,12}",
        ]
    }

    /// Splits a stream after each empty line.
    fn blocks(stream: &str) -> Vec<String> {
        let mut blocks = vec![String::new()];
        for line in stream.split_inclusive('\n') {
            blocks.last_mut().unwrap().push_str(line);
            if line.ends_with('\n') && line.trim_matches(['\r', '\n']).is_empty() {
                blocks.push(String::new());
            }
        }
        blocks
    }

    /// Returns the texts in order, each with the bytes around it. Texts with the same bytes around them are joined.
    fn meaning(stream: &str) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for block in blocks(stream) {
            let (mut around, mut texts) = (block.clone(), String::new());
            let json = block
                .strip_prefix("data: ")
                .and_then(|block| block.strip_suffix("\n\n"));
            if let Some(plain) = json.and_then(plain_texts) {
                for span in plain.spans.iter().rev() {
                    let range = span.range.start + START.len() - 1..span.range.end + START.len() - 1;
                    texts.insert_str(0, &block[range.clone()]);
                    around.replace_range(range, "");
                }
            }
            match found.last_mut() {
                Some((last, text))
                    if *last == around && json.is_some_and(|json| plain_texts(json).is_some()) =>
                {
                    text.push_str(&texts);
                }
                _ => found.push((around, texts)),
            }
        }
        found
    }

    proptest! {
        #[test]
        fn nothing_but_the_number_of_chunks_changes(
            events in proptest::collection::vec(event(), 0..24),
            sizes in proptest::collection::vec(1_usize..200, 1..8),
            delivers: bool,
        ) {
            let stream = events.concat();
            let merged = coalesced(stream.as_bytes(), &sizes, delivers);
            prop_assert!(merged.len() <= stream.len());
            prop_assert_eq!(meaning(&merged), meaning(&stream));
            // How the network cuts the stream changes nothing.
            let whole = coalesced(stream.as_bytes(), &[1 << 20], false);
            prop_assert_eq!(coalesced(stream.as_bytes(), &sizes, false), whole);
        }
    }
}
