//! Detects whether the bytes of an event stream contain more than keep-alive comments, without buffering or changing them.
//! Only data may restart the idle timeout: a server that sends nothing but comments must time out.

use memchr::memchr2;

/// The number of bytes that identify a comment line. The longest comment start is `data: :`, a comment that a gateway has
/// wrapped into a `data` line.
const HEAD: usize = 7;

/// The start of the current line of an event stream.
#[derive(Debug, Default)]
pub struct DataDetector {
    head: [u8; HEAD],
    size: usize,
}

impl DataDetector {
    /// Takes the next bytes of the stream. Returns whether they contain a line that is neither blank nor a comment. A line
    /// is judged when its first 7 bytes are known, or when it ends.
    pub fn has_data(&mut self, mut bytes: &[u8]) -> bool {
        let mut found = false;
        while let Some((first, rest)) = bytes.split_first() {
            if matches!(first, b'\n' | b'\r') {
                found |= self.is_data();
                self.size = 0;
                bytes = rest;
                continue;
            }
            let end = memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
            let (line, rest) = bytes.split_at(end);
            for (known, byte) in self.head.iter_mut().skip(self.size).zip(line) {
                *known = *byte;
            }
            self.size = HEAD.min(self.size + line.len());
            found |= self.size == HEAD && self.is_data();
            bytes = rest;
        }
        found
    }

    fn is_data(&self) -> bool {
        let line = self.head.get(..self.size).unwrap_or_default();
        let value = line.strip_prefix(b"data:").map(<[u8]>::trim_ascii_start);
        !line.is_empty() && !line.starts_with(b":") && !value.is_some_and(|value| value.starts_with(b":"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a stream has data. Asserts that the result does not depend on how the stream is split.
    fn has_data(stream: &str) -> bool {
        let whole = DataDetector::default().has_data(stream.as_bytes());
        for at in 0..stream.len() {
            let mut detector = DataDetector::default();
            let (one, two) = stream.as_bytes().split_at(at);
            let cut = detector.has_data(one) | detector.has_data(two);
            assert_eq!(cut, whole, "{stream:?} cut at {at}");
        }
        let mut detector = DataDetector::default();
        let bytes = stream.as_bytes().chunks(1);
        assert_eq!(
            bytes.fold(false, |found, byte| detector.has_data(byte) | found),
            whole
        );
        whole
    }

    #[test]
    fn comments_are_not_data_however_they_are_written_and_split() {
        for comment in [
            "",
            "\n\r\n",
            ": OPENROUTER PROCESSING\n\n",
            ":\r\r:::\n",
            ": data: {}\r\n\r\n",
            "data: : OPENROUTER PROCESSING\n\n",
            "data::x\n\n",
        ] {
            assert!(!has_data(comment), "{comment:?}");
            assert!(has_data(&format!("{comment}data: {{}}\n\n{comment}")));
        }
        for data in [
            "data: {}\n",
            "data:[DONE]\r",
            "event: x\n",
            "id:1\n",
            "data\n",
            "{\"json\":1}",
        ] {
            assert!(has_data(data), "{data:?}");
        }
    }
}
