//! One event of a stream, or a whole answer, which is read like an event.

use std::borrow::Cow;

use crate::error::api::{error_of, failure_in};
use crate::json::{self, Object};

/// The shape of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The Responses API: `response.created` … `response.completed`.
    Response,
    /// Anthropic's Messages: `message_start` … `message_stop`.
    Message,
    /// Legacy completions: chunks with `choices[].text`, then `[DONE]`.
    Completion,
    /// Images: `image_generation.partial_image` … `image_generation.completed`, one for each image, then `[DONE]`.
    Image,
    /// Any other.
    Other,
}

/// A parsed event.
#[derive(Debug)]
pub struct Event<'a> {
    text: &'a str,
    fields: Object<'a>,
    kind: Cow<'a, str>,
    /// The answer that the event carries: `response` of a Responses event, `message` of a Messages event.
    carried: Option<Object<'a>>,
}

impl<'a> Event<'a> {
    /// Parses the data of an event, or a whole answer. Returns `None` if it is not a JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        let fields = Object::parse(text)?;
        let kind = fields.string("type").unwrap_or_default();
        let carried = match &*kind {
            "message_start" => fields.object("message"),
            _ if kind.starts_with("response.") => fields.object("response"),
            _ => None,
        };
        Some(Self {
            text,
            fields,
            kind,
            carried,
        })
    }

    /// Returns the text that was parsed.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the fields.
    pub fn fields(&self) -> &Object<'a> {
        &self.fields
    }

    /// Returns its `type`; empty if it has none.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the answer that it carries, else the event itself.
    pub fn answer(&self) -> &Object<'a> {
        self.carried.as_ref().unwrap_or(&self.fields)
    }

    /// Returns the text of the field `response` of a Responses event, or `message` of a Messages event.
    pub fn carried_text(&self) -> Option<&'a str> {
        self.carried.as_ref()?;
        self.fields.get("response").or_else(|| self.fields.get("message"))
    }

    /// Returns to which shape the event belongs.
    pub fn family(&self) -> Family {
        match &*self.kind {
            kind if kind.starts_with("response.") => Family::Response,
            kind if kind.starts_with("message_") || kind.starts_with("content_block_") => Family::Message,
            kind if kind.starts_with("image_generation.") => Family::Image,
            "" if self.fields.present("choices").is_some() => Family::Completion,
            _ => Family::Other,
        }
    }

    /// Returns the error that it reports, as JSON text; `{}` if only a status reports it.
    pub fn failure(&self) -> Option<&'a str> {
        match &*self.kind {
            "error" => error_of(&self.fields).or(Some(self.text)),
            "response.failed" => Some(error_of(self.answer()).unwrap_or("{}")),
            // The items of an answer, such as a tool call, may have failed without it.
            kind if kind.starts_with("response.") => None,
            _ => {
                let choices: Vec<Object<'a>> = self.choices().filter_map(Object::parse).collect();
                failure_in(&self.fields, choices.iter()).or_else(|| self.failed_response())
            }
        }
    }

    /// A whole answer of the Responses API says with its status that it has failed.
    fn failed_response(&self) -> Option<&'a str> {
        let is = |name, value| self.fields.string(name).as_deref() == Some(value);
        (is("object", "response") && is("status", "failed")).then_some("{}")
    }

    /// Whether the answer is complete with it. Chunks of completions are followed by `[DONE]`, and may be by their usage.
    pub fn ends_answer(&self) -> bool {
        matches!(
            &*self.kind,
            "response.completed" | "response.incomplete" | "message_stop" | "transcript.text.done"
        )
    }

    /// Whether a chunk of a completion has a finish reason, or an image is made, after which the body may end.
    pub fn finishes(&self) -> bool {
        let mut choices = self.choices().filter_map(Object::parse);
        let is_image = self.kind == "image_generation.completed";
        self.ends_answer() || is_image || choices.any(|choice| choice.present("finish_reason").is_some())
    }

    /// Whether it carries a piece of what the model writes: text, reasoning, or the arguments of a call.
    pub fn is_piece(&self) -> bool {
        self.kind.ends_with("delta") || self.family() == Family::Completion
    }

    /// Returns the text that it adds to the answer: the body of a JSON string, with its escapes.
    pub fn text_delta(&self) -> Option<&'a str> {
        match &*self.kind {
            "response.output_text.delta" | "transcript.text.delta" => {
                self.fields.get("delta").and_then(json::string_body)
            }
            "content_block_delta" => {
                let delta = self.fields.object("delta")?;
                delta.get("text").and_then(json::string_body)
            }
            "" => {
                let choice = Object::parse(self.choices().next()?)?;
                let is_first = choice.number("index").is_none_or(|index| index == 0.0);
                choice
                    .get("text")
                    .filter(|_| is_first)
                    .and_then(json::string_body)
            }
            _ => None,
        }
    }

    /// Returns the texts of its choices.
    pub fn choices(&self) -> impl Iterator<Item = &'a str> {
        let choices = self.fields.present("choices").and_then(json::array);
        choices.unwrap_or_default().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Event<'_> {
        Event::parse(text).unwrap()
    }

    #[test]
    fn failures_are_found_in_every_shape() {
        for (text, failure) in [
            (
                r#"{"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}}"#,
                Some(r#"{"code":"server_error","message":"m"}"#),
            ),
            (
                r#"{"type":"response.failed","response":{"error":null}}"#,
                Some("{}"),
            ),
            (
                r#"{"type":"error","message":"m"}"#,
                Some(r#"{"type":"error","message":"m"}"#),
            ),
            (
                r#"{"type":"error","error":{"message":"m"}}"#,
                Some(r#"{"message":"m"}"#),
            ),
            (r#"{"choices":[{"text":"","finish_reason":"error"}]}"#, Some("{}")),
            (r#"{"error":{"code":502}}"#, Some(r#"{"code":502}"#)),
            (
                r#"{"object":"response","status":"failed","error":null}"#,
                Some("{}"),
            ),
            (r#"{"object":"response","status":"completed","error":null}"#, None),
            (
                r#"{"type":"response.output_item.done","item":{"status":"failed"},"error":{"x":1}}"#,
                None,
            ),
            (
                r#"{"type":"response.incomplete","response":{"error":null}}"#,
                None,
            ),
        ] {
            assert_eq!(of(text).failure(), failure, "{text}");
        }
    }

    #[test]
    fn text_is_found_in_every_shape() {
        for (text, delta) in [
            (
                r#"{"type":"response.output_text.delta","delta":"a\n"}"#,
                Some(r"a\n"),
            ),
            (
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b"}}"#,
                Some("b"),
            ),
            (
                r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"b"}}"#,
                None,
            ),
            (r#"{"choices":[{"index":0,"text":"c"}]}"#, Some("c")),
            (r#"{"choices":[{"index":1,"text":"c"}]}"#, None),
            (r#"{"type":"response.reasoning_text.delta","delta":"d"}"#, None),
            (r#"{"usage":{}}"#, None),
        ] {
            assert_eq!(of(text).text_delta(), delta, "{text}");
        }
    }
}
