//! Tells whether what passes of an event stream is more than keep-alive comments, without keeping or changing a byte:
//! comments must not feed the idle limit (S9).

use memchr::memchr2;

/// As many bytes of a line as tell what it is: `data: :`, a comment that a gateway has wrapped, is the longest.
const HEAD: usize = 7;

/// The line that is passing.
#[derive(Debug, Default)]
pub struct DataDetector {
    head: [u8; HEAD],
    size: usize,
}

impl DataDetector {
    /// Takes what passes; whether there is a line in it that is neither blank nor a comment. One that is still too
    /// short to be told from a comment counts when it goes on.
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

    /// Whether a stream has data, however it is cut.
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
    fn s9_comments_are_no_data_however_they_are_written_and_cut() {
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
