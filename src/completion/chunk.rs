//! One chunk of a streamed answer, read where it lies: values are slices of its text and nothing is decoded before
//! someone asks. Every field may be absent, `null` or of the wrong kind; that never fails the chunk (S13). Whether
//! the chunk can be a template for those that follow is told by [`Chunk::content_span`].

use std::borrow::Cow;
use std::ops::Range;

use super::fields;
use super::shape::{ChoiceShape, shape_of};
use crate::error::api::error_of;
use crate::json::{self, Object};

/// A chunk of a streamed chat completion.
#[derive(Debug, Clone)]
pub struct Chunk<'a> {
    text: &'a str,
    fields: Object<'a>,
    choices: Vec<Choice<'a>>,
    /// Whether it has the usual shape, see `shape`.
    is_usual: bool,
}

impl<'a> Chunk<'a> {
    /// Reads `text`; `None` when it is not one well-formed JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        let Some(shape) = shape_of(text) else {
            return Self::parse_unusual(text);
        };
        let choices = shape.inner.into_iter().enumerate();
        Some(Self {
            text,
            fields: shape.fields,
            choices: choices
                .map(|(position, choice)| Choice::usual(choice, position))
                .collect(),
            is_usual: true,
        })
    }

    pub(super) fn parse_unusual(text: &'a str) -> Option<Self> {
        let mut fields = Object::parse(text)?;
        let list = fields
            .remove("choices")
            .and_then(fields::list)
            .unwrap_or_default();
        let choices = list.iter().enumerate();
        Some(Self {
            text,
            fields,
            choices: choices
                .filter_map(|(position, item)| Choice::parse(item, position))
                .collect(),
            is_usual: false,
        })
    }

    /// All top-level fields but `choices`.
    pub fn fields(&self) -> &Object<'a> {
        &self.fields
    }

    /// The choices that are objects.
    pub fn choices(&self) -> &[Choice<'a>] {
        &self.choices
    }

    /// The model, as sent.
    pub fn model(&self) -> Option<Cow<'a, str>> {
        self.fields.string("model")
    }

    /// The `usage` object.
    pub fn usage(&self) -> Option<&'a str> {
        object(&self.fields, "usage")
    }

    /// What went wrong: the chunk's `error`, else that of the first choice that has one (S6).
    pub fn error(&self) -> Option<&'a str> {
        error_of(&self.fields).or_else(|| self.choices.iter().find_map(Choice::error))
    }

    /// Whether the answer ends badly with this chunk, also where only `finish_reason: "error"` says so (S6).
    pub fn failed(&self) -> bool {
        self.error().is_some()
            || self
                .choices
                .iter()
                .any(|choice| choice.finish_reason().as_deref() == Some("error"))
    }

    /// Where in the text the body of `choices[0].delta.content` stands, when the chunk is fit to be a template: a
    /// chunk that follows it at once, with the same bytes before and after the span, differs in this text only.
    /// So nothing else in it may add to the answer, and nothing nested may be shared between two chunks.
    pub fn content_span(&self) -> Option<Range<usize>> {
        let [choice] = self.choices.as_slice() else {
            return None;
        };
        let fit = self.is_usual
            && choice.index() == 0
            && self.fields.present("usage").is_none()
            && self.fields.present("error").is_none()
            && choice.fields.present("error").is_none()
            && choice.fields.present("finish_reason").is_none()
            && ["reasoning", "reasoning_content", "refusal"]
                .iter()
                .all(|name| matches!(choice.delta.present(name), None | Some("\"\"")))
            && [&self.fields, &choice.fields, &choice.delta]
                .into_iter()
                .all(is_flat);
        if !fit {
            return None;
        }
        let body = choice.content()?;
        let start = (body.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let span = start..start + body.len();
        std::ptr::eq(self.text.get(span.clone())?, body).then_some(span)
    }
}

/// One choice of a chunk.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    position: u64,
    fields: Object<'a>,
    delta: Object<'a>,
    whole: bool,
}

impl<'a> Choice<'a> {
    fn usual(shape: ChoiceShape<'a>, position: usize) -> Self {
        Self {
            position: position as u64,
            fields: shape.fields,
            delta: shape.inner,
            whole: false,
        }
    }

    fn parse(text: &'a str, position: usize) -> Option<Self> {
        let mut fields = Object::parse(text)?;
        let (delta, whole) = match fields.remove("delta").and_then(Object::parse) {
            Some(delta) => (delta, false),
            None => match fields.object("message") {
                Some(message) => (message, true),
                None => (Object::default(), false),
            },
        };
        Some(Self {
            position: position as u64,
            fields,
            delta,
            whole,
        })
    }

    /// Which choice it is; where `index` is missing, its position.
    pub fn index(&self) -> u64 {
        self.fields
            .present("index")
            .and_then(integer)
            .unwrap_or(self.position)
    }

    /// All fields but `delta`.
    pub fn fields(&self) -> &Object<'a> {
        &self.fields
    }

    /// The delta, unknown fields included; or the `message` of a server that answers with a plain completion.
    pub fn delta(&self) -> &Object<'a> {
        &self.delta
    }

    /// Whether a `message` stood in the place of the delta.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The body of the content string, escapes untouched.
    pub fn content(&self) -> Option<&'a str> {
        self.delta.present("content").and_then(json::string_body)
    }

    /// The body of the reasoning text, escapes untouched and never empty. Providers name it in three ways, some in
    /// two of them at once: `reasoning` goes before `reasoning_content`, that before the texts and summaries of
    /// `reasoning_details` (T5).
    pub fn reasoning(&self) -> Option<Cow<'a, str>> {
        for name in ["reasoning", "reasoning_content"] {
            let body = self.delta.present(name).and_then(json::string_body);
            if let Some(body) = body.filter(|body| !body.is_empty()) {
                return Some(Cow::Borrowed(body));
            }
        }
        let mut text = Cow::Borrowed("");
        for item in self.reasoning_details() {
            let Some(detail) = Object::parse(item) else {
                continue;
            };
            let name = match detail.string("type").as_deref() {
                Some("reasoning.summary") => "summary",
                Some("reasoning.text") | None => "text",
                Some(_) => continue,
            };
            // Adding to an empty Cow borrows, so the usual single piece is not copied.
            text += detail
                .present(name)
                .and_then(json::string_body)
                .unwrap_or_default();
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// The pieces of `reasoning_details`.
    pub fn reasoning_details(&self) -> Vec<&'a str> {
        self.list("reasoning_details")
    }

    /// The pieces of tool calls.
    pub fn tool_calls(&self) -> Vec<&'a str> {
        self.list("tool_calls")
    }

    /// Why it ended; an empty string counts as absent.
    pub fn finish_reason(&self) -> Option<Cow<'a, str>> {
        self.fields
            .string("finish_reason")
            .filter(|reason| !reason.is_empty())
    }

    /// What went wrong with this choice.
    pub fn error(&self) -> Option<&'a str> {
        error_of(&self.fields)
    }

    fn list(&self, name: &str) -> Vec<&'a str> {
        self.delta
            .present(name)
            .and_then(fields::list)
            .unwrap_or_default()
    }
}

/// A whole number, also where it is sent as `1.0` or `"1"`.
pub(super) fn integer(value: &str) -> Option<u64> {
    let text = json::string_body(value).unwrap_or(value).trim();
    text.parse().ok().or_else(|| {
        json::number(text)
            .filter(|number| (0.0..9e15).contains(number) && number.fract() == 0.0)
            .map(|number| number as u64)
    })
}

fn object<'a>(fields: &Object<'a>, name: &str) -> Option<&'a str> {
    fields.present(name).filter(|value| value.starts_with('{'))
}

/// Whether no value is an object or an array.
fn is_flat(fields: &Object<'_>) -> bool {
    fields.entries().all(|(_, value)| !value.starts_with(['{', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"{"id":"gen-1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a\n"},"finish_reason":null}],"usage":null}"#;

    #[test]
    fn the_span_is_the_content_between_its_quotes() {
        let chunk = Chunk::parse(PLAIN).unwrap();
        assert_eq!(&PLAIN[chunk.content_span().unwrap()], r"a\n");
        let padded = format!(" {}", PLAIN.replace(':', " : "));
        let chunk = Chunk::parse(&padded).unwrap();
        assert_eq!(&padded[chunk.content_span().unwrap()], r"a\n");
    }

    #[test]
    fn a_chunk_that_says_more_than_its_content_is_no_template() {
        for (from, to) in [
            (r#""usage":null"#, r#""usage":{}"#),
            (r#""usage":null"#, r#""error":"x""#),
            (r#""usage":null"#, r#""debug":[]"#),
            (r#""usage":null"#, r#""choices":3"#),
            (r#""model":"m""#, r#""choices":[]"#),
            (r#""finish_reason":null"#, r#""finish_reason":"stop""#),
            (r#""finish_reason":null"#, r#""logprobs":{}"#),
            (r#""finish_reason":null"#, r#""error":0"#),
            (r#""role":"assistant""#, r#""reasoning":"r""#),
            (r#""role":"assistant""#, r#""refusal":"r""#),
            (r#""role":"assistant""#, r#""tool_calls":[]"#),
            (r#""index":0"#, r#""index":1"#),
            (r#""delta""#, r#""message""#),
            (r#""a\n""#, "null"),
            (r#"null}]"#, r#"null},{"index":1}]"#),
            (r#"null}]"#, r#"null},null]"#),
        ] {
            let text = PLAIN.replace(from, to);
            assert_ne!(text, PLAIN, "{from}");
            let chunk = Chunk::parse(&text).unwrap();
            assert_eq!(chunk.content_span(), None, "{text}");
        }
    }

    #[test]
    fn indexes_are_read_in_every_spelling() {
        assert_eq!(integer("3"), Some(3));
        assert_eq!(integer("\"3\""), Some(3));
        assert_eq!(integer("3.0"), Some(3));
        assert_eq!(integer("-1"), None);
        assert_eq!(integer("1.5"), None);
        assert_eq!(integer("[]"), None);
    }
}
