//! The form of a body. Its content decides, not its label: gateways send JSON as `text/event-stream`, event streams as
//! `application/json` or without a type, and bare lines of JSON.

use memchr::{memchr, memmem};

use crate::completion::Chunk;
use crate::sse::Framer;

/// The fields of server-sent events, with which an event stream begins, unless it begins with a comment.
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// How much of a body that has arrived as a whole is searched for its first line, in bytes.
const FIRST_LINE: usize = 1 << 20;

/// How a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Server-sent events.
    Events,
    /// Lines of JSON, each of which is a chunk.
    Lines,
    /// A single text: a completion, an error or a page.
    Whole,
}

/// Collects the beginning of a body until its form is known.
#[derive(Debug)]
pub(super) struct Sniffer {
    /// The bytes so far, without white space and a byte order mark at the start.
    beginning: Vec<u8>,
    is_labelled_events: bool,
}

impl Sniffer {
    /// Creates a sniffer. The label counts only where the beginning could be anything.
    pub(super) fn new(is_labelled_events: bool) -> Self {
        Self {
            beginning: Vec::new(),
            is_labelled_events,
        }
    }

    /// Takes the next bytes of the body. Returns its form, once it is known, and its beginning.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<(Form, Vec<u8>)> {
        let mut known = self.beginning.len();
        self.beginning.extend_from_slice(bytes);
        if known <= BOM.len() {
            self.skip_blank();
            known = 0;
        }
        let form = self.form(known)?;
        Some((form, std::mem::take(&mut self.beginning)))
    }

    /// Returns the form of a body that ends here, and its beginning, which is all of it.
    pub(super) fn finish(&mut self) -> (Form, Vec<u8>) {
        let form = match self.beginning.is_empty() && self.is_labelled_events {
            true => Form::Events,
            false => Form::Whole,
        };
        (form, std::mem::take(&mut self.beginning))
    }

    /// Returns how many bytes are collected.
    pub(super) fn len(&self) -> usize {
        self.beginning.len()
    }

    fn skip_blank(&mut self) {
        let rest = self.beginning.trim_ascii_start();
        let rest = rest.strip_prefix(BOM).map_or(rest, <[u8]>::trim_ascii_start);
        let blank = self.beginning.len() - rest.len();
        self.beginning.drain(..blank);
    }

    /// Returns the form if the beginning tells it. The bytes before `known` have no line end.
    fn form(&self, known: usize) -> Option<Form> {
        let beginning = self.beginning.as_slice();
        match beginning.first()? {
            b'{' => {
                let end = known + memchr(b'\n', beginning.get(known..)?)?;
                let line = beginning.get(..end).map(String::from_utf8_lossy)?;
                match is_chunk(&line) {
                    true => Some(Form::Lines),
                    false => Some(Form::Whole),
                }
            }
            b'[' | b'<' | b'"' => Some(Form::Whole),
            b':' => Some(Form::Events),
            _ if BOM.starts_with(beginning) => None,
            _ if self.is_labelled_events => Some(Form::Events),
            _ => FIELDS
                .iter()
                .find_map(|name| match beginning.strip_prefix(*name) {
                    Some([]) => Some(None),
                    Some([b':' | b'\n' | b'\r', ..]) => Some(Some(Form::Events)),
                    None if name.starts_with(beginning) => Some(None),
                    _ => None,
                })
                .unwrap_or(Some(Form::Whole)),
        }
    }
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Whether a JSON text is a chunk of a stream, and not a whole completion or an error.
pub(super) fn is_chunk(text: &str) -> bool {
    Chunk::parse(text).is_some_and(|chunk| {
        let is_named = chunk
            .fields()
            .string("object")
            .is_some_and(|kind| kind.ends_with(".chunk"));
        chunk.failure().is_none() && (is_named || chunk.choices().iter().any(|choice| !choice.is_whole()))
    })
}

/// Whether the content of a body that has arrived as a whole is a stream.
pub(super) fn is_stream(text: &str) -> bool {
    // A stream tells its form with its first line.
    let beginning = text.as_bytes().get(..FIRST_LINE).unwrap_or(text.as_bytes());
    match Sniffer::new(false).push(beginning) {
        Some((form, _)) => form != Form::Whole,
        // A single line. The search is much faster than parsing, which few texts need.
        None => memmem::find(text.as_bytes(), b"\"delta\"").is_some() && is_chunk(text),
    }
}

/// Rewrites lines of JSON as server-sent events, so that one reader serves both.
#[derive(Debug, Default)]
pub(super) struct Lines {
    has_begun: bool,
}

impl Lines {
    /// Appends the next bytes of the lines to `framer`.
    pub(super) fn push(&mut self, bytes: &[u8], framer: &mut Framer) {
        let mut events = Vec::with_capacity(bytes.len() + 64);
        if !std::mem::replace(&mut self.has_begun, true) {
            events.extend_from_slice(b"data: ");
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            events.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                events.extend_from_slice(b"\ndata: ");
            }
        }
        framer.push(&events);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: &str = r#"{"choices":[{"delta":{"content":"a"}}]}"#;

    /// The form of a body, however it is split.
    fn form(body: &str, is_labelled_events: bool) -> Form {
        let whole = read(&[body.as_bytes()], is_labelled_events);
        for at in 0..body.len() {
            let (one, two) = body.as_bytes().split_at(at);
            assert_eq!(
                read(&[one, two], is_labelled_events),
                whole,
                "{body:?} split at {at}"
            );
        }
        let bytes: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes, is_labelled_events), whole, "{body:?}");
        whole
    }

    fn read(pieces: &[&[u8]], is_labelled_events: bool) -> Form {
        let mut sniffer = Sniffer::new(is_labelled_events);
        let known = pieces.iter().find_map(|piece| sniffer.push(piece));
        known.unwrap_or_else(|| sniffer.finish()).0
    }

    #[test]
    fn the_content_decides_the_form_under_any_label() {
        for labelled in [true, false] {
            for events in [
                "data: {}\n\n",
                ": hi\n",
                "event: x\n",
                "id\n",
                "\n\r\n retry:1",
                "\u{FEFF}data:1",
            ] {
                assert_eq!(form(events, labelled), Form::Events, "{events:?}");
            }
            for lines in [format!("{CHUNK}\n"), format!("\n \u{FEFF} {CHUNK}\r\n{CHUNK}\n")] {
                assert_eq!(form(&lines, labelled), Form::Lines, "{lines:?}");
            }
            for whole in [
                "{\n\"choices\":[]}\n",
                "{\"choices\":[{\"message\":{}}]}\n",
                "{\"error\":{}}\n\n",
                "{\"object\":\"error\"}\n",
                CHUNK,
                "[{\"error\":1}]",
                "<html>",
            ] {
                assert_eq!(form(whole, labelled), Form::Whole, "{whole:?}");
            }
        }
    }

    #[test]
    fn a_beginning_that_could_be_anything_is_what_its_label_says() {
        for text in ["hello\n", "database: down\n", "x: y\n\n", "", " \n"] {
            assert_eq!(form(text, true), Form::Events);
            assert_eq!(form(text, false), Form::Whole);
        }
    }

    #[test]
    fn white_space_before_the_body_is_not_collected() {
        let mut sniffer = Sniffer::new(false);
        for _ in 0..1000 {
            assert_eq!(sniffer.push(b"   \n"), None);
            assert_eq!(sniffer.len(), 0);
        }
        assert_eq!(sniffer.push(b" <p>"), Some((Form::Whole, b"<p>".to_vec())));
    }
}
