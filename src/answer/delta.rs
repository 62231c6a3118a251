//! The texts that an event adds to an answer.

use std::ops::Range;

use super::event::{Event, Family};
use crate::json::{self, Object};

/// To which text of an answer an event adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    family: Family,
    /// The index of the output item of a response, of the block of a message, or of the choice of a completion.
    index: u64,
    /// The name of the text in it.
    name: &'static str,
    /// Where the event has the text, by the names of its fields.
    place: &'static str,
}

/// Where the parts of an event are that differ in the event after it.
#[derive(Debug, PartialEq, Eq)]
pub struct Spans {
    /// To what it adds.
    pub delta: Delta,
    /// The body of the string of its text.
    pub text: Range<usize>,
    /// Its number, which is one higher in the next event.
    pub number: Option<Range<usize>>,
}

impl Delta {
    /// Returns the shape of the answer.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Returns the index of the part of the answer.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Returns the name of the text in the part.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns where the event has the text. `lib/bridge/template.js` knows these names.
    pub fn place(&self) -> &'static str {
        self.place
    }

    /// Whether it adds to the text that a person reads.
    pub fn is_text(&self) -> bool {
        self.name == "text" && (self.family != Family::Completion || self.index == 0)
    }
}

impl<'a> Event<'a> {
    /// Returns the texts that it adds, as bodies of JSON strings.
    pub fn deltas(&self) -> Vec<(Delta, &'a str)> {
        let family = self.family();
        let mut all = Vec::new();
        let mut add = |fields: &Object<'a>, field, index, name, place| {
            let delta = Delta {
                family,
                index,
                name,
                place,
            };
            all.extend(
                fields
                    .get(field)
                    .and_then(json::string_body)
                    .map(|body| (delta, body)),
            );
        };
        match family {
            Family::Response => {
                let name = match self.kind() {
                    "response.output_text.delta" => "text",
                    "response.refusal.delta" => "refusal",
                    "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => "reasoning",
                    "response.function_call_arguments.delta" => "arguments",
                    _ => return all,
                };
                let index = index_of(self.fields(), "output_index");
                add(self.fields(), "delta", index, name, "delta");
            }
            Family::Message if self.kind() == "content_block_delta" => {
                let index = index_of(self.fields(), "index");
                let fields = self.fields().object("delta").unwrap_or_default();
                for (name, place) in [
                    ("text", "delta.text"),
                    ("thinking", "delta.thinking"),
                    ("signature", "delta.signature"),
                    ("partial_json", "delta.partial_json"),
                ] {
                    add(&fields, name, index, name, place);
                }
            }
            Family::Completion => {
                for choice in self.choices().filter_map(Object::parse) {
                    let index = index_of(&choice, "index");
                    add(&choice, "text", index, "text", "choices.text");
                }
            }
            Family::Message | Family::Image | Family::Other => {}
        }
        all
    }

    /// Returns what differs in the event right after it, if the event can be a template (see `delivery::template`) for that one.
    ///
    /// A following event with the same bytes outside of the spans adds to the same text, so that its text alone is added and
    /// delivered. Therefore nothing else in a template may tell anything of the answer, and no value in it may be an object or
    /// an array that JavaScript's copies would share: `lib/bridge/template.js` copies those that are allowed here.
    pub fn spans(&self) -> Option<Spans> {
        let deltas = self.deltas();
        let [(delta, body)] = deltas.as_slice() else {
            return None;
        };
        let mut number = None;
        let is_fit = match delta.family {
            Family::Response => {
                if let Some(value) = self.fields().get("sequence_number") {
                    number = Some(self.span_of(value).filter(|_| is_counter(value))?);
                }
                is_flat(self.fields(), |name, value| name == "logprobs" && value == "[]")
            }
            Family::Message => {
                is_flat(self.fields(), |name, _| name == "delta")
                    && is_flat(&self.fields().object("delta")?, |_, _| false)
            }
            Family::Completion => {
                let mut choices = self.choices();
                let choice = Object::parse(choices.next()?)?;
                choices.next().is_none()
                    && choice.present("finish_reason").is_none()
                    && is_flat(&choice, |_, _| false)
                    && is_flat(self.fields(), |name, _| name == "choices")
            }
            Family::Image | Family::Other => false,
        };
        let text = self.span_of(body).filter(|_| is_fit)?;
        Some(Spans {
            delta: delta.clone(),
            text,
            number,
        })
    }

    /// Returns where a part of the event's text is.
    fn span_of(&self, part: &str) -> Option<Range<usize>> {
        let start = (part.as_ptr() as usize).checked_sub(self.text().as_ptr() as usize)?;
        let span = start..start + part.len();
        std::ptr::eq(self.text().get(span.clone())?, part).then_some(span)
    }
}

/// Returns an index. One that is absent or no whole number counts as 0.
pub(super) fn index_of(fields: &Object<'_>, name: &str) -> u64 {
    fields.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Whether no value is an object or an array, except those that `is_allowed` names.
fn is_flat(fields: &Object<'_>, is_allowed: impl Fn(&str, &str) -> bool) -> bool {
    fields
        .entries()
        .all(|(name, value)| !value.starts_with(['{', '[']) || is_allowed(name, value))
}

/// Whether a number is a whole one in its shortest form, which JavaScript counts up exactly.
fn is_counter(text: &str) -> bool {
    let is_short = matches!(text.as_bytes(), [b'0'] | [b'1'..=b'9', ..]) && text.len() <= 15;
    is_short && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &str = r#"{"type":"response.output_text.delta","sequence_number":9,"item_id":"m","output_index":1,"logprobs":[],"delta":"a\n"}"#;
    const MESSAGE: &str =
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"b"}}"#;
    const COMPLETION: &str =
        r#"{"id":"c","choices":[{"index":0,"text":"d","finish_reason":null}],"usage":null}"#;

    fn spans(text: &str) -> Option<Spans> {
        Event::parse(text).unwrap().spans()
    }

    #[test]
    fn the_text_and_the_number_of_an_event_are_found() {
        for (text, added, number, place) in [
            (RESPONSE, r"a\n", Some("9"), "delta"),
            (MESSAGE, "b", None, "delta.text"),
            (COMPLETION, "d", None, "choices.text"),
        ] {
            let found = spans(text).unwrap();
            assert_eq!(&text[found.text], added);
            assert_eq!(found.number.map(|span| &text[span]), number);
            assert_eq!(found.delta.place(), place);
            assert!(found.delta.is_text());
        }
        let thinking = MESSAGE.replace(r#""text":"b""#, r#""thinking":"b""#);
        let found = spans(&thinking).unwrap();
        assert_eq!(found.delta.place(), "delta.thinking");
        assert!(!found.delta.is_text());
    }

    #[test]
    fn an_event_that_tells_more_than_its_text_is_no_template() {
        for (text, from, to) in [
            (RESPONSE, r#""logprobs":[]"#, r#""logprobs":[1]"#),
            (RESPONSE, r#""logprobs":[]"#, r#""other":[]"#),
            (RESPONSE, r#""logprobs":[]"#, r#""response":{"id":"r"}"#),
            (RESPONSE, ":9,", ":9.0,"),
            (RESPONSE, ":9,", ":\"9\","),
            (RESPONSE, ":9,", ":-9,"),
            (RESPONSE, ":9,", ":9007199254740993,"),
            (RESPONSE, r#""a\n""#, "null"),
            (RESPONSE, "output_text.delta", "output_text.done"),
            (RESPONSE, "output_text.delta", "output_item.added"),
            (MESSAGE, r#""text":"b""#, r#""text":"b","thinking":"c""#),
            (MESSAGE, r#""text":"b""#, r#""text":"b","citation":{}"#),
            (MESSAGE, r#""index":2"#, r#""usage":{"cost":1}"#),
            (COMPLETION, r#""usage":null"#, r#""usage":{"cost":1}"#),
            (COMPLETION, r#""finish_reason":null"#, r#""finish_reason":"stop""#),
            (COMPLETION, r#""finish_reason":null"#, r#""logprobs":{}"#),
            (COMPLETION, "null}]", "null},{\"index\":1}]"),
        ] {
            let other = text.replace(from, to);
            assert_ne!(other, text, "{from}");
            assert_eq!(spans(&other), None, "{other}");
        }
    }
}
