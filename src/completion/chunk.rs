//! Parses one chunk of a streamed completion. Values are slices of the chunk's text, and are decoded only by the
//! functions that return them. A field that is absent, `null` or of the wrong type is never an error, because providers
//! differ in what they send.

use std::borrow::Cow;
use std::ops::Range;

use super::fields;
use super::limits::MAX_CHOICES;
use super::shape::{ChoiceShape, shape_of};
use crate::error::api::failure_in;
use crate::json::{self, Object};

/// A chunk of a streamed chat completion.
#[derive(Debug, Clone)]
pub struct Chunk<'a> {
    text: &'a str,
    fields: Object<'a>,
    choices: Vec<Choice<'a>>,
    /// Whether the chunk has the usual shape, see the module `shape`.
    is_usual: bool,
}

impl<'a> Chunk<'a> {
    /// Parses `text`. Returns `None` if it is not exactly one well-formed JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        let Some(shape) = shape_of(text) else {
            return Self::parse_unusual(text);
        };
        let choices = shape.inner.0.into_iter().enumerate();
        Some(Self {
            text,
            fields: shape.fields,
            choices: choices
                .map(|(position, choice)| Choice::usual(choice, position))
                .collect(),
            is_usual: true,
        })
    }

    /// Parses a chunk of any shape, one level at a time.
    pub(super) fn parse_unusual(text: &'a str) -> Option<Self> {
        let mut fields = Object::parse(text)?;
        let list = fields
            .remove("choices")
            .and_then(fields::list)
            .unwrap_or_default();
        // One more than a completion may have, so that the completion notices that there are more.
        let choices = list.iter().enumerate().take(MAX_CHOICES + 1);
        Some(Self {
            text,
            fields,
            choices: choices
                .filter_map(|(position, item)| Choice::parse(item, position))
                .collect(),
            is_usual: false,
        })
    }

    /// Returns all top-level fields except `choices`.
    pub fn fields(&self) -> &Object<'a> {
        &self.fields
    }

    /// Returns the choices; items that are not objects are left out.
    pub fn choices(&self) -> &[Choice<'a>] {
        &self.choices
    }

    /// Returns the model's id as the server sent it.
    pub fn model(&self) -> Option<Cow<'a, str>> {
        self.fields.string("model")
    }

    /// Returns the `usage` object.
    pub fn usage(&self) -> Option<&'a str> {
        object(&self.fields, "usage")
    }

    /// Returns the failure that the chunk reports: its own error, else that of the first choice with one; `{}` if only a
    /// `finish_reason: "error"` reports it. It is the whole chunk, if the chunk says that it is an error itself:
    /// `{"type":"error",…}`, as of Anthropic and OpenAI, or `{"object":"error",…}`, as of vLLM.
    pub fn failure(&self) -> Option<&'a str> {
        let is_error = |name| self.fields.present(name) == Some("\"error\"");
        failure_in(&self.fields, self.choices.iter().map(Choice::fields))
            .or_else(|| (is_error("type") || is_error("object")).then_some(self.text))
    }

    /// Returns the position of the body of `choices[0].delta.content` in the text, if the chunk can be a template (see
    /// `delivery::template`) for the chunk right after it.
    ///
    /// A following chunk with the same bytes before and after this span differs in its content only, so the content alone
    /// is applied and delivered. Therefore nothing else in a template may add to the completion (such as reasoning, a
    /// finish reason or usage), and no value in it may be an object or an array: JavaScript's copies would share it.
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
        let body = choice.delta.present("content").and_then(json::string_body)?;
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

    /// Returns the choice's `index`, or its position in the chunk if `index` is missing.
    pub fn index(&self) -> u64 {
        self.fields
            .present("index")
            .and_then(integer)
            .unwrap_or(self.position)
    }

    /// Returns all fields except `delta`.
    pub fn fields(&self) -> &Object<'a> {
        &self.fields
    }

    /// Returns the delta with its unknown fields, or the `message` if the server sent a completion that is not streamed.
    pub fn delta(&self) -> &Object<'a> {
        &self.delta
    }

    /// Whether [`Self::delta`] is a `message`, because the choice has no delta.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Returns the body of the content string, with its escapes; if the content is a list of parts, of their texts, joined.
    pub fn content(&self) -> Option<Cow<'a, str>> {
        let content = self.delta.present("content")?;
        match json::string_body(content) {
            Some(body) => Some(Cow::Borrowed(body)),
            None => joined(fields::list(content)?, text_of_part),
        }
    }

    /// Returns the reasoning text for a consumer that reads text: [`Self::reasoning`], else that of the parts of the content
    /// that are thinking. The completion keeps those parts as they are.
    pub fn shown_reasoning(&self) -> Option<Cow<'a, str>> {
        self.reasoning().or_else(|| {
            let content = self.delta.present("content")?;
            joined(json::array(content)?, thinking_of_part)
        })
    }

    /// Returns the body of the reasoning text, with its escapes, if it is not empty. Providers send it under three names,
    /// some under two at once. Only the first that is not empty is read: `reasoning`, `reasoning_content`, or the texts and
    /// summaries in `reasoning_details`.
    pub fn reasoning(&self) -> Option<Cow<'a, str>> {
        for name in ["reasoning", "reasoning_content"] {
            let body = self.delta.present(name).and_then(json::string_body);
            if let Some(body) = body.filter(|body| !body.is_empty()) {
                return Some(Cow::Borrowed(body));
            }
        }
        joined(self.reasoning_details(), |item| {
            let detail = Object::parse(item)?;
            let name = match detail.string("type").as_deref() {
                Some("reasoning.summary") => "summary",
                Some("reasoning.text") | None => "text",
                Some(_) => return None,
            };
            detail
                .present(name)
                .and_then(json::string_body)
                .map(Cow::Borrowed)
        })
    }

    /// Returns the items of `reasoning_details`.
    pub fn reasoning_details(&self) -> Vec<&'a str> {
        self.list("reasoning_details")
    }

    /// Returns the items of `tool_calls`, which are pieces of tool calls.
    pub fn tool_calls(&self) -> Vec<&'a str> {
        self.list("tool_calls")
    }

    /// Returns the finish reason. An empty string counts as absent.
    pub fn finish_reason(&self) -> Option<Cow<'a, str>> {
        self.fields
            .string("finish_reason")
            .filter(|reason| !reason.is_empty())
    }

    fn list(&self, name: &str) -> Vec<&'a str> {
        self.delta
            .present(name)
            .and_then(fields::list)
            .unwrap_or_default()
    }
}

/// Joins the texts that `text_of` finds in items. Returns `None` if there is no text.
fn joined<'a>(
    items: Vec<&'a str>,
    text_of: impl Fn(&'a str) -> Option<Cow<'a, str>>,
) -> Option<Cow<'a, str>> {
    let mut text = Cow::Borrowed("");
    for piece in items.into_iter().filter_map(text_of) {
        // The usual single piece is not copied.
        match text.is_empty() {
            true => text = piece,
            false => text.to_mut().push_str(&piece),
        }
    }
    Some(text).filter(|text| !text.is_empty())
}

/// Returns the text of a content part: `{"type":"text","text":"…"}`.
fn text_of_part(part: &str) -> Option<Cow<'_, str>> {
    let part = Object::parse(part)?;
    let is_text = matches!(
        part.string("type").as_deref(),
        Some("text" | "output_text") | None
    );
    let text = part.present("text").and_then(json::string_body);
    text.filter(|_| is_text).map(Cow::Borrowed)
}

/// Returns the text of a content part that is thinking: `{"type":"thinking","thinking":"…"}`, or with a list of parts.
fn thinking_of_part(part: &str) -> Option<Cow<'_, str>> {
    let part = Object::parse(part)?;
    let kind = part.string("type");
    let kind = kind
        .as_deref()
        .filter(|kind| matches!(*kind, "thinking" | "reasoning"))?;
    let thinking = part.present(kind).or_else(|| part.present("text"))?;
    match json::string_body(thinking) {
        Some(body) => Some(Cow::Borrowed(body)),
        None => joined(fields::list(thinking)?, text_of_part),
    }
}

/// Returns a whole number that was sent as `1`, `1.0` or `"1"`.
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
    fn content_span_covers_the_content_between_its_quotes() {
        let chunk = Chunk::parse(PLAIN).unwrap();
        assert_eq!(&PLAIN[chunk.content_span().unwrap()], r"a\n");
        let padded = format!(" {}", PLAIN.replace(':', " : "));
        let chunk = Chunk::parse(&padded).unwrap();
        assert_eq!(&padded[chunk.content_span().unwrap()], r"a\n");
    }

    #[test]
    fn a_chunk_with_more_than_content_is_no_template() {
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
    fn indexes_are_read_from_integers_floats_and_strings() {
        assert_eq!(integer("3"), Some(3));
        assert_eq!(integer("\"3\""), Some(3));
        assert_eq!(integer("3.0"), Some(3));
        assert_eq!(integer("-1"), None);
        assert_eq!(integer("1.5"), None);
        assert_eq!(integer("[]"), None);
    }
}
