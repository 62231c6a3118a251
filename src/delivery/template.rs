//! Templates save most of the JSON of a stream. Of consecutive events that differ in one text only, such as
//! `choices[0].delta.content`, just that text crosses, and JavaScript inserts it into a copy of the last whole event. Each event
//! is compared with the last one byte by byte; an event that differs elsewhere crosses as whole JSON. A number that counts the
//! events may differ too, if it is one higher in each: JavaScript counts it up itself.

use std::fmt::Write;
use std::ops::Range;

/// The last whole event, without the text that differs.
#[derive(Debug, Clone)]
pub struct Template {
    before: String,
    after: String,
    counter: Option<Counter>,
}

/// The number of the next event, and the constant text on its other side than that of the content.
#[derive(Debug, Clone)]
struct Counter {
    next: u64,
    digits: String,
    is_before_content: bool,
    outside: String,
}

impl Template {
    /// Creates the template of the event `text`, whose content is at `span`. `number` is where its number is, whole and in its
    /// shortest form, if it has one.
    pub fn new(text: &str, span: &Range<usize>, number: Option<&Range<usize>>) -> Option<Self> {
        let (mut start, mut end, mut counter) = (0, text.len(), None);
        if let Some(number) = number {
            let is_before_content = number.end <= span.start;
            let outside = match is_before_content {
                true => text.get(..number.start)?,
                false => text.get(number.end..)?,
            };
            match is_before_content {
                true => start = number.end,
                false => end = number.start,
            }
            let mut first = Counter {
                next: text.get(number.clone())?.parse().ok()?,
                digits: String::new(),
                is_before_content,
                outside: outside.to_owned(),
            };
            first.count();
            counter = Some(first);
        }
        Some(Self {
            before: text.get(start..span.start)?.to_owned(),
            after: text.get(span.end..end)?.to_owned(),
            counter,
        })
    }

    /// Returns the content of `text`, with its escapes, if `text` differs from the event before it in nothing else.
    pub fn content<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let rest = match &self.counter {
            Some(counter) => counter.strip(text)?,
            None => text,
        };
        let body = rest
            .strip_prefix(self.before.as_str())?
            .strip_suffix(self.after.as_str())?;
        if !is_string_body(body.as_bytes()) {
            return None;
        }
        if let Some(counter) = &mut self.counter {
            counter.count();
        }
        Some(body)
    }
}

impl Counter {
    /// Removes the next number, and what is outside of it, from `text`.
    fn strip<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (outside, digits) = (self.outside.as_str(), self.digits.as_str());
        match self.is_before_content {
            true => text.strip_prefix(outside)?.strip_prefix(digits),
            false => text.strip_suffix(outside)?.strip_suffix(digits),
        }
    }

    fn count(&mut self) {
        self.next += 1;
        self.digits.clear();
        let _ = write!(self.digits, "{}", self.next);
    }
}

/// Whether `body` may stand between the quotes of a JSON string.
fn is_string_body(body: &[u8]) -> bool {
    string_length(body) == Some(body.len())
}

/// Returns where the JSON string ends whose body `text` begins with: the place of the closing quote. `None` if it has none, or if
/// the body before it is not that of a JSON string.
pub(super) fn string_end(text: &[u8]) -> Option<usize> {
    string_length(text).filter(|end| *end < text.len())
}

/// Returns how many bytes come before the first quote, or before the end; `None` if they are not the body of a JSON string.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut bytes = text.iter();
    loop {
        let rest = bytes.as_slice().len();
        match bytes.next() {
            None => return Some(text.len()),
            Some(b'"') => return Some(text.len() - rest),
            Some(0..=0x1F) => return None,
            Some(b'\\') => match bytes.next()? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    let hex = bytes.as_slice().get(..4)?;
                    if !hex.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    bytes.nth(3);
                }
                _ => return None,
            },
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn template() -> Template {
        let text = r#"{"a":1,"content":"x"}"#;
        Template::new(text, &(18..19), None).unwrap()
    }

    /// The template of an event of the text `@`, before or after its number.
    fn counted(text: &str, number: &str) -> Template {
        let at = |part: &str| {
            let start = text.find(part).unwrap();
            start..start + part.len()
        };
        Template::new(text, &at("@"), Some(&at(number))).unwrap()
    }

    #[test]
    fn a_number_counts_up_on_either_side_of_the_content() {
        for form in [r#"{"n":N,"a":true,"text":"T"}"#, r#"{"text":"T","a":true,"n":N}"#] {
            let event = |n: u64, text: &str| form.replace('N', &n.to_string()).replace('T', text);
            let mut template = counted(&event(8, "@"), "8");
            for (n, text) in [(9, "a"), (10, ""), (11, "b")] {
                assert_eq!(template.content(&event(n, text)), Some(text));
            }
            // The same number again, and one that is left out.
            assert_eq!(template.content(&event(11, "c")), None);
            assert_eq!(template.content(&event(13, "c")), None);
            assert_eq!(template.content(&event(12, "c")), Some("c"));
        }
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
