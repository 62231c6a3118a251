//! Detects whether the bytes of a body contain data, without buffering or changing them. Only data may restart the idle
//! timeout: a server that sends nothing but keep-alive comments or white space must time out.
//!
//! Data is what is not white space, in an event stream only in `data:` lines that are not a wrapped comment. So an event that
//! takes long to arrive is data all the time, but `id:`, `event:` and empty `data:` lines are not. A text that begins as JSON
//! or HTML is no event stream, whatever its label says.

use memchr::{memchr2, memrchr2};

const BOM: &[u8] = b"\xEF\xBB\xBF";
const NAME: &[u8] = b"data:";

/// Detects data in one body.
#[derive(Debug, Default)]
pub struct DataDetector(State);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Nothing but white space has arrived.
    #[default]
    Start,
    /// In a text that is no event stream.
    Text,
    /// In a line of an event stream, behind this number of bytes of `data:`.
    Name(usize),
    /// Behind `data:`, in the white space before the value.
    Value,
    /// In the value of a `data:` line.
    Data,
    /// In a line that is not data.
    Other,
}

impl DataDetector {
    /// Takes the next bytes of the body. Returns whether they contain data.
    pub fn has_data(&mut self, mut bytes: &[u8]) -> bool {
        let mut found = false;
        while let Some((first, rest)) = bytes.split_first() {
            match (self.0, *first) {
                (State::Start, byte) if byte.is_ascii_whitespace() || BOM.contains(&byte) => bytes = rest,
                (State::Start, b'{' | b'[' | b'<' | b'"') => self.0 = State::Text,
                (State::Start, _) => self.0 = State::Name(0),
                (State::Text, _) => return found || !bytes.trim_ascii().is_empty(),
                (_, b'\n' | b'\r') => (self.0, bytes) = (State::Name(0), rest),
                (State::Name(known), byte) if NAME.get(known) == Some(&byte) => {
                    self.0 = match known + 1 == NAME.len() {
                        true => State::Value,
                        false => State::Name(known + 1),
                    };
                    bytes = rest;
                }
                (State::Name(_), _) => self.0 = State::Other,
                (State::Value, byte) if byte.is_ascii_whitespace() => bytes = rest,
                // A gateway has wrapped a comment into a `data` line.
                (State::Value, b':') => self.0 = State::Other,
                (State::Value, _) => self.0 = State::Data,
                (State::Data, _) => {
                    let (line, rest) = bytes.split_at(memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len()));
                    found |= !line.trim_ascii().is_empty();
                    bytes = match memrchr2(b'\n', b'\r', rest) {
                        // The lines in between add nothing.
                        Some(last) if found => rest.get(last..).unwrap_or_default(),
                        _ => rest,
                    };
                }
                (State::Other, _) => {
                    let end = memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
                    bytes = bytes.get(end..).unwrap_or_default();
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a body has data. Asserts that the result does not depend on how the body is split.
    fn has_data(body: &str) -> bool {
        let whole = DataDetector::default().has_data(body.as_bytes());
        for at in 0..body.len() {
            let mut detector = DataDetector::default();
            let (one, two) = body.as_bytes().split_at(at);
            let cut = detector.has_data(one) | detector.has_data(two);
            assert_eq!(cut, whole, "{body:?} cut at {at}");
        }
        let mut detector = DataDetector::default();
        let bytes = body.as_bytes().chunks(1);
        assert_eq!(
            bytes.fold(false, |found, byte| detector.has_data(byte) | found),
            whole
        );
        whole
    }

    #[test]
    fn what_only_keeps_a_connection_alive_is_not_data_however_it_is_written_and_split() {
        for idle in [
            "",
            "\n\r\n",
            ": OPENROUTER PROCESSING\n\n",
            ":\r\r:::\n",
            ": data: {}\r\n\r\n",
            "data: : OPENROUTER PROCESSING\n\n",
            "data::x\n\n",
            "\u{FEFF}: comment\n",
            "event: x\n",
            "id:1\n",
            "retry: 5\r\n",
            "data\n",
            "data:\n\n",
            "data:  \t\ndata: \r\n\r\n",
            "dat: x\n\n",
            " data: x\n",
        ] {
            assert_eq!(idle == " data: x\n", has_data(idle), "{idle:?}");
            assert!(has_data(&format!(":\n{idle}data: {{}}\n\n:\n{idle}")), "{idle:?}");
        }
        for data in [
            "data: {}\n",
            "data:[DONE]\r",
            "event: x\ndata:\ndata: y",
            "data: \u{E9}",
        ] {
            assert!(has_data(data), "{data:?}");
        }
    }

    #[test]
    fn white_space_in_json_is_not_data() {
        assert!(has_data(" \n {"));
        let mut detector = DataDetector::default();
        for (bytes, expected) in [
            ("\n ", false),
            ("{\"a\"", true),
            (" \n\t", false),
            (": 1", true),
            ("\n", false),
        ] {
            assert_eq!(detector.has_data(bytes.as_bytes()), expected, "{bytes:?}");
        }
    }

    #[test]
    fn an_event_that_is_still_arriving_is_data_but_white_space_in_it_is_not() {
        let mut detector = DataDetector::default();
        for (bytes, expected) in [
            ("data: {", true),
            ("\"a\":1", true),
            ("  ", false),
            ("}", true),
            ("\n\n", false),
        ] {
            assert_eq!(detector.has_data(bytes.as_bytes()), expected, "{bytes:?}");
        }
    }
}
