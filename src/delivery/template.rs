//! Templates save most of the JSON of a stream. Of consecutive chunks that differ in `choices[0].delta.content` only, just
//! that content crosses, and JavaScript inserts it into a copy of the last whole chunk. Each chunk is compared with the last
//! one byte by byte; a chunk that differs elsewhere crosses as whole JSON.

use std::ops::Range;

/// The text before and after the content of the last whole chunk.
#[derive(Debug, Clone)]
pub struct Template {
    before: String,
    after: String,
}

impl Template {
    /// Creates the template of the chunk `text`, whose content is at `span`.
    pub fn new(text: &str, span: &Range<usize>) -> Option<Self> {
        Some(Self {
            before: text.get(..span.start)?.to_owned(),
            after: text.get(span.end..)?.to_owned(),
        })
    }

    /// Returns the content of `text`, with its escapes, if `text` differs from the template in nothing else.
    pub fn content<'t>(&self, text: &'t str) -> Option<&'t str> {
        let body = text
            .strip_prefix(self.before.as_str())?
            .strip_suffix(self.after.as_str())?;
        is_string_body(body.as_bytes()).then_some(body)
    }
}

/// Whether `body` may stand between the quotes of a JSON string.
fn is_string_body(body: &[u8]) -> bool {
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' | 0..=0x1F => return false,
            b'\\' => match bytes.next() {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(b'u') => {
                    let hex = bytes.as_slice().get(..4);
                    if !hex.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) {
                        return false;
                    }
                    bytes.nth(3);
                }
                _ => return false,
            },
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn template() -> Template {
        let text = r#"{"a":1,"content":"x"}"#;
        Template::new(text, &(18..19)).unwrap()
    }

    #[test]
    fn a_template_matches_chunks_that_differ_in_their_content_only() {
        let fits = |text| template().content(text);
        assert_eq!(fits(r#"{"a":1,"content":"hé\n\u00e9"}"#), Some(r"hé\n\u00e9"));
        assert_eq!(fits(r#"{"a":1,"content":""}"#), Some(""));
        assert_eq!(fits(r#"{"a":2,"content":"x"}"#), None);
        assert_eq!(fits(r#"{"a":1,"content":"x","b":"y"}"#), None);
        assert_eq!(fits(r#"{"a":1,"content":"x\"}"#), None);
        assert_eq!(fits(r#"{"a":1,"content":"\ud8"}"#), None);
        assert_eq!(fits("{\"a\":1,\"content\":\"\u{1}\"}"), None);
        assert_eq!(fits(r#"{"a":1,"content""#), None);
    }

    proptest! {
        #[test]
        fn a_template_matches_valid_json_strings_only(body in r#"[a"\\u0-9é/n{}\x00-\x20]{0,12}"#) {
            let whole = format!(r#"{{"a":1,"content":"{body}"}}"#);
            let is_string = crate::json::is_valid(&format!("\"{body}\""));
            prop_assert_eq!(template().content(&whole), is_string.then_some(body.as_str()));
        }
    }
}
