//! Assembles the message of one choice from its deltas. Strings are appended as bodies with their escapes, so that a
//! surrogate pair that is split over two deltas becomes whole. A known field of the wrong type is treated like an unknown
//! field: arrays are appended, objects are merged shallowly, and of other values the last that is not `null` is kept.

use super::chunk::Choice;
use super::fields::{
    Fields, arguments_body, entries, items_of, list, push_array, push_body, push_items, push_key,
};
use super::limits::{MAX_ITEMS, Room, TooMany};
use super::reasoning::Details;
use super::tool_calls::{AnswerState, ToolCalls};
use crate::json::{self, Object};

/// The known fields that may be `null`.
const KNOWN: [&str; 11] = [
    "content",
    "role",
    "refusal",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "tool_calls",
    "images",
    "annotations",
    "audio",
    "function_call",
];

/// The message received so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    role: Option<String>,
    /// The body of the content string.
    content: Option<String>,
    /// Content that is sent as an array of parts: the items of the array.
    parts: String,
    refusal: Option<String>,
    reasoning: String,
    details: Details,
    pub(super) calls: ToolCalls,
    function_call: Fields,
    /// `images` and `annotations` are ordered sets: an item that is sent twice, byte for byte, is kept once.
    images: Fields,
    annotations: Fields,
    audio: Fields,
    unknown: Fields,
}

impl Message {
    /// Whether the message has no content so far, of any kind. Its role and unknown fields do not count.
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

    /// Whether the message contains a legacy `function_call`.
    pub(super) fn has_function_call(&self) -> bool {
        !self.function_call.is_empty()
    }

    /// Applies the delta of `choice`. An error says what the message has too many of; the rest of the delta is then left out.
    pub(super) fn apply(&mut self, choice: &Choice<'_>) -> Result<(), TooMany> {
        if let Some(text) = choice.reasoning() {
            self.reasoning.push_str(&text);
        }
        for (name, value) in entries(choice.delta()) {
            if !self.apply_known(name, value)? {
                self.unknown.merge(name, value);
            }
        }
        Ok(())
    }

    /// Returns a copy of what fits: the beginnings of the texts, and of everything else what fits as a whole.
    pub(super) fn excerpt(&self, room: &mut Room) -> Self {
        Self {
            role: self.role.clone(),
            content: self.content.as_deref().map(|text| room.beginning(text)),
            parts: room.whole(self.parts.as_str(), self.parts.len()).to_owned(),
            refusal: self.refusal.as_deref().map(|text| room.beginning(text)),
            calls: self.calls.excerpt(room),
            function_call: self.function_call.excerpt(room),
            reasoning: room.beginning(&self.reasoning),
            details: self.details.excerpt(room),
            images: self.images.excerpt(room),
            annotations: self.annotations.excerpt(room),
            audio: self.audio.excerpt(room),
            unknown: self.unknown.excerpt(room),
        }
    }

    /// Appends the body of a content string.
    pub(super) fn push_content(&mut self, text: &str) {
        if self.parts.is_empty() {
            self.content.get_or_insert_default().push_str(text);
        } else if !text.is_empty() {
            push_items(&mut self.parts, &text_part(text));
        }
    }

    /// Applies a known field. Returns `false` if the field is unknown or its value has the wrong type.
    fn apply_known(&mut self, name: &str, value: &str) -> Result<bool, TooMany> {
        let text = json::string_body(value);
        let absent = value == "null";
        match (name, text) {
            ("content", Some(text)) => self.push_content(text),
            ("content", None) => return Ok(absent || self.push_parts(value)),
            ("role", Some("")) | ("reasoning" | "reasoning_content", Some(_)) => {}
            ("role", Some(_)) if self.role.as_deref() == Some(value) => {}
            ("role", Some(_)) => self.role = Some(value.to_owned()),
            ("refusal", Some(text)) => self.refusal.get_or_insert_default().push_str(text),
            (_, None) if absent => return Ok(KNOWN.contains(&name)),
            ("reasoning_details", None) => return each(value, |item| self.details.apply(item)),
            ("tool_calls", None) => return each(value, |item| self.calls.apply(item)),
            ("images", None) => return each(value, |item| add(&mut self.images, item, "images in a choice")),
            ("annotations", None) => {
                return each(value, |item| {
                    add(&mut self.annotations, item, "annotations in a choice")
                });
            }
            ("audio", None) => return Ok(apply_audio(&mut self.audio, value)),
            ("function_call", None) => return Ok(apply_function_call(&mut self.function_call, value)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Appends an array of content parts; a content string that was received before becomes the first part. Returns
    /// `false` if `value` is not an array.
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

    /// Writes the message as JSON. Its unfinished tool calls are not written but returned, as array items.
    pub(super) fn write(&self, out: &mut String, state: AnswerState) -> String {
        let (calls, unfinished) = self.calls.write(state);
        // An empty text beside tool calls or a refusal is written as `null`, as the API does without `stream`.
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
                fields.write(out);
            }
        }
        self.unknown.write_entries(out, &written);
        out.push('}');
        unfinished
    }
}

/// Calls `apply` for each item of an array that is not `null`; an object counts as one item. Returns `false` for any other
/// value.
fn each(value: &str, mut apply: impl FnMut(&str) -> Result<(), TooMany>) -> Result<bool, TooMany> {
    let items = list(value);
    let found = items.is_some();
    for item in items.unwrap_or_default() {
        if item != "null" {
            apply(item)?;
        }
    }
    Ok(found)
}

/// Adds an item to an ordered set.
fn add(set: &mut Fields, item: &str, what: &'static str) -> Result<(), TooMany> {
    if !set.has(item) {
        TooMany::check(what, set.names().count() + 1, MAX_ITEMS)?;
        set.set(item, "null");
    }
    Ok(())
}

/// Applies a piece of `audio`: appends `data` and `transcript`, and replaces all other fields. Returns `false` if the piece
/// is not an object.
fn apply_audio(audio: &mut Fields, value: &str) -> bool {
    let Some(piece) = Object::parse(value) else {
        return false;
    };
    for (name, value) in entries(&piece) {
        match name {
            "data" | "transcript" => audio.append(name, value),
            _ => {
                audio.set(name, value);
            }
        }
    }
    true
}

/// Applies a piece of `function_call`: appends the arguments, and replaces all other fields. Returns `false` if the piece
/// is not an object.
fn apply_function_call(call: &mut Fields, value: &str) -> bool {
    let Some(piece) = Object::parse(value) else {
        return false;
    };
    for (name, value) in entries(&piece) {
        match name {
            "arguments" if value != "null" => call.append_body(name, &arguments_body(value)),
            _ => {
                call.keep(name, value);
            }
        }
    }
    true
}

/// Returns a content part for the body of a string.
fn text_part(text: &str) -> String {
    format!("{{\"type\":\"text\",\"text\":\"{text}\"}}")
}

fn push_string(out: &mut String, name: &str, body: &str) {
    push_key(out, name);
    push_body(out, body);
}
