//! The message of one choice under assembly. Strings are joined as escaped bodies, so that halves of a surrogate
//! pair from two deltas become whole (S15). A known field of the wrong kind is treated as an unknown one: unknown
//! arrays are appended, objects merged shallowly, anything else replaced by the latest that is not `null` (S13).

use super::chunk::Choice;
use super::fields::{Fields, entries, items_of, list, push_body, push_items, push_key};
use super::reasoning::Details;
use super::tool_calls::{AnswerState, ToolCalls, body};
use crate::json::{self, Object};

/// A message under assembly.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    role: Option<String>,
    content: Option<String>,
    /// Content that came as parts: the items of the array.
    parts: String,
    refusal: Option<String>,
    reasoning: String,
    details: Details,
    pub(super) calls: ToolCalls,
    function_call: Fields,
    /// Ordered sets of items: one that is sent twice, byte for byte, is kept once (T7).
    images: Fields,
    annotations: Fields,
    audio: Fields,
    unknown: Fields,
}

impl Message {
    /// Whether nothing came that a reader would miss.
    pub(super) fn is_empty(&self) -> bool {
        self.content.as_deref().unwrap_or_default().is_empty()
            && self.refusal.as_deref().unwrap_or_default().is_empty()
            && self.parts.is_empty()
            && self.reasoning.is_empty()
            && self.details.is_empty()
            && self.calls.is_empty()
            && self.function_call.is_empty()
            && self.images.is_empty()
            && self.annotations.is_empty()
            && self.audio.is_empty()
    }

    /// Whether a legacy function call came.
    pub(super) fn has_function_call(&self) -> bool {
        !self.function_call.is_empty()
    }

    /// Takes a delta in.
    pub(super) fn apply(&mut self, choice: &Choice<'_>) {
        if let Some(text) = choice.reasoning() {
            self.reasoning.push_str(&text);
        }
        for (name, value) in entries(choice.delta()) {
            if !self.apply_known(name, value) {
                self.unknown.merge(name, value);
            }
        }
    }

    /// Takes the body of a content string in.
    pub(super) fn push_content(&mut self, text: &str) {
        if self.parts.is_empty() {
            self.content.get_or_insert_default().push_str(text);
        } else if !text.is_empty() {
            push_items(&mut self.parts, &text_part(text));
        }
    }

    /// Takes a field in; false when it is none of the known ones or not of its kind.
    fn apply_known(&mut self, name: &str, value: &str) -> bool {
        let text = json::string_body(value);
        let absent = value == "null";
        match (name, text) {
            ("content", Some(text)) => self.push_content(text),
            ("content", None) => return absent || self.push_parts(value),
            ("role", Some("")) | ("reasoning" | "reasoning_content", Some(_)) => {}
            ("role", Some(_)) if self.role.as_deref() == Some(value) => {}
            ("role", Some(_)) => self.role = Some(value.to_owned()),
            ("refusal", Some(text)) => self.refusal.get_or_insert_default().push_str(text),
            ("role" | "refusal" | "reasoning" | "reasoning_content", None) => return absent,
            ("reasoning_details", None) => {
                return absent || each(value, |item| self.details.apply(item));
            }
            ("tool_calls", None) => return absent || each(value, |item| self.calls.apply(item)),
            ("images", None) => return absent || each(value, |item| self.images.set(item, "null")),
            ("annotations", None) => {
                return absent || each(value, |item| self.annotations.set(item, "null"));
            }
            ("audio", None) => return absent || apply_audio(&mut self.audio, value),
            ("function_call", None) => {
                return absent || apply_function_call(&mut self.function_call, value);
            }
            _ => return false,
        }
        true
    }

    /// Takes content parts in; text that came as a string before becomes the first of them.
    fn push_parts(&mut self, value: &str) -> bool {
        let Some(items) = items_of(value) else {
            return false;
        };
        if let Some(text) = self.content.take_if(|_| !items.is_empty())
            && !text.is_empty()
        {
            self.parts = text_part(&text);
        }
        push_items(&mut self.parts, items);
        true
    }

    /// The message as JSON; the calls that are not finished are given back as array items.
    pub(super) fn write(&self, out: &mut String, state: AnswerState) -> String {
        let (calls, unfinished) = self.calls.write(state);
        // Beside calls or a refusal an empty text is no content, as in the answer without stream.
        let is_answer = calls.is_empty() && self.function_call.is_empty() && self.refusal.is_none();
        let mut written = vec!["role"];
        out.push('{');
        push_key(out, "role");
        out.push_str(self.role.as_deref().unwrap_or("\"assistant\""));
        if !self.parts.is_empty() {
            written.push("content");
            push_array(out, "content", &self.parts);
        } else if let Some(text) = self
            .content
            .as_deref()
            .filter(|text| !text.is_empty() || is_answer)
        {
            written.push("content");
            push_string(out, "content", text);
        } else if !self.unknown.has("content") {
            push_key(out, "content");
            out.push_str("null");
        }
        if let Some(text) = &self.refusal {
            written.push("refusal");
            push_string(out, "refusal", text);
        }
        if !self.reasoning.is_empty() {
            written.push("reasoning");
            push_string(out, "reasoning", &self.reasoning);
        }
        let mut details = String::new();
        self.details.write(&mut details);
        let [images, annotations] = [&self.images, &self.annotations].map(|set| {
            let items: Vec<&str> = set.names().collect();
            items.join(",")
        });
        let arrays = [
            ("reasoning_details", &details),
            ("tool_calls", &calls),
            ("images", &images),
            ("annotations", &annotations),
        ];
        for (name, items) in arrays {
            if !items.is_empty() {
                written.push(name);
                push_array(out, name, items);
            }
        }
        let objects = [("function_call", &self.function_call), ("audio", &self.audio)];
        for (name, fields) in objects {
            if !fields.is_empty() {
                written.push(name);
                push_key(out, name);
                fields.write(out, &[]);
            }
        }
        self.unknown.write_entries(out, &written);
        out.push('}');
        unfinished
    }
}

/// Runs over the items of an array (or the one object in its place); false when it is neither.
fn each(value: &str, mut apply: impl FnMut(&str)) -> bool {
    let items = list(value);
    let found = items.is_some();
    for item in items.unwrap_or_default() {
        if item != "null" {
            apply(item);
        }
    }
    found
}

/// `data` and `transcript` are joined, the rest is the latest.
fn apply_audio(audio: &mut Fields, value: &str) -> bool {
    let Some(piece) = Object::parse(value) else {
        return false;
    };
    for (name, value) in entries(&piece) {
        match name {
            "data" | "transcript" => audio.append(name, value),
            _ => audio.set(name, value),
        }
    }
    true
}

/// The name counts once, the arguments are joined.
fn apply_function_call(call: &mut Fields, value: &str) -> bool {
    let Some(piece) = Object::parse(value) else {
        return false;
    };
    for (name, value) in entries(&piece) {
        match name {
            "arguments" if value != "null" => call.append_body(name, &body(value)),
            _ => call.keep(name, value),
        }
    }
    true
}

fn text_part(text: &str) -> String {
    format!("{{\"type\":\"text\",\"text\":\"{text}\"}}")
}

fn push_string(out: &mut String, name: &str, body: &str) {
    push_key(out, name);
    push_body(out, body);
}

/// Writes an array from its items.
pub(super) fn push_array(out: &mut String, name: &str, items: &str) {
    push_key(out, name);
    out.push('[');
    out.push_str(items);
    out.push(']');
}
