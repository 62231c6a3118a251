//! From the chunks of a stream to the completion that the same request without `stream` would have given: fit to be
//! read at any time, and fit to be sent back as history. [`Chunk`] reads one chunk, [`Completion`] puts them
//! together. Nothing here knows of sockets, of events or of JS, and no input makes it fail: what a field should
//! not hold is kept or left aside.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::{self, Object};

mod arguments;
mod chunk;
mod fields;
mod message;
mod reasoning;
mod shape;
mod tool_calls;
mod usage;

pub use chunk::{Choice, Chunk};
pub use usage::Usage;

use fields::{Fields, entries, push_key};
use message::{Message, push_array};
use tool_calls::AnswerState;

/// A completion under assembly.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    /// The top level but for `choices`, `usage` and `object`.
    fields: Fields,
    usage: Option<String>,
    /// Boxed: a node of this map has room for eleven from the start, and most completions have one.
    choices: BTreeMap<u64, Box<State>>,
}

/// One choice under assembly.
#[derive(Debug, Clone, Default)]
struct State {
    message: Message,
    finish_reason: Option<String>,
    logprobs: Fields,
    fields: Fields,
}

impl Completion {
    /// A completion of which nothing came yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a chunk in.
    pub fn apply(&mut self, chunk: &Chunk<'_>) {
        for (name, value) in chunk.fields().entries() {
            match name {
                "object" => {}
                "usage" if value.starts_with('{') => self.apply_usage(value),
                "usage" => {}
                "id" | "model" | "provider" => self.fields.keep(name, value),
                _ => self.fields.set(name, value),
            }
        }
        for choice in chunk.choices() {
            self.choices.entry(choice.index()).or_default().apply(choice);
        }
    }

    /// Takes the body of choice 0's next content string in: the short way of [`Self::apply`] for a chunk that
    /// differs from the last applied one in its content only (see [`Chunk::content_span`]).
    pub fn append_content(&mut self, body: &str) {
        self.choices.entry(0).or_default().message.push_content(body);
    }

    /// The last usage wins, but zeros win over nothing but zeros (S12).
    fn apply_usage(&mut self, usage: &str) {
        if self.usage.is_none() || Usage::parse(usage).is_some_and(|usage| !usage.is_zero()) {
            self.usage = Some(usage.to_owned());
        }
    }

    /// A copy without the messages, for readers of the facts around them.
    pub fn without_messages(&self) -> Self {
        let bare = |choice: &State| State {
            finish_reason: choice.finish_reason.clone(),
            ..State::default()
        };
        let choices = self.choices.iter();
        Self {
            fields: self.fields.clone(),
            usage: self.usage.clone(),
            choices: choices
                .map(|(index, choice)| (*index, Box::new(bare(choice))))
                .collect(),
        }
    }

    /// The generation's id.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.fields.whole("id").and_then(json::string)
    }

    /// The model as it was last sent.
    pub fn model(&self) -> Option<Cow<'_, str>> {
        self.fields.whole("model").and_then(json::string)
    }

    /// The provider's display name.
    pub fn provider(&self) -> Option<Cow<'_, str>> {
        self.fields.whole("provider").and_then(json::string)
    }

    /// The `openrouter_metadata` object.
    pub fn metadata(&self) -> Option<&str> {
        self.fields.whole("openrouter_metadata")
    }

    /// The `usage` object as it came.
    pub fn usage(&self) -> Option<&str> {
        self.usage.as_deref()
    }

    /// The figures of the `usage` object.
    pub fn usage_figures(&self) -> Option<Usage<'_>> {
        Usage::parse(self.usage.as_deref()?)
    }

    /// What was charged, in USD.
    pub fn cost(&self) -> Option<f64> {
        self.usage_figures()?.cost()
    }

    /// Why choice 0 ended, as sent.
    pub fn finish_reason(&self) -> Option<&str> {
        self.choices.get(&0)?.finish_reason.as_deref()
    }

    /// Why choice 0 ended, by what it holds (T3): `tool_calls` exactly when there are finished calls to run and
    /// the answer was not cut short; else `stop`, `length`, `content_filter`, `error`, `function_call` or what the
    /// provider said. `None` before the end.
    pub fn stop_kind(&self) -> Option<&str> {
        let choice = self.choices.get(&0)?;
        let reason = choice.finish_reason.as_deref()?;
        Some(match reason {
            "length" | "max_tokens" => "length",
            "content_filter" | "error" => reason,
            _ if choice.message.calls.any_finished(choice.answer_state()) => "tool_calls",
            "function_call" if choice.message.has_function_call() => reason,
            "tool_calls" | "tool_use" | "function_call" | "end_turn" | "eos" => "stop",
            other => other,
        })
    }

    /// Whether every choice that began has its `finish_reason`.
    pub fn has_finished(&self) -> bool {
        !self.choices.is_empty() && self.choices.values().all(|choice| choice.finish_reason.is_some())
    }

    /// Whether a model has said anything. What comes before that is not billed (API reference, errors).
    pub fn has_output(&self) -> bool {
        self.choices.values().any(|choice| !choice.message.is_empty())
    }

    /// The completion so far in non-stream shape.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(512);
        out.push('{');
        self.write_field(&mut out, "id");
        push_key(&mut out, "object");
        out.push_str("\"chat.completion\"");
        for name in ["created", "model", "provider"] {
            self.write_field(&mut out, name);
        }
        push_key(&mut out, "choices");
        out.push('[');
        for (at, (index, choice)) in self.choices.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            choice.write(&mut out, *index);
        }
        out.push(']');
        if let Some(usage) = &self.usage {
            push_key(&mut out, "usage");
            out.push_str(usage);
        }
        let written = ["id", "created", "model", "provider"];
        self.fields.write_entries(&mut out, &written);
        out.push('}');
        out
    }

    fn write_field(&self, out: &mut String, name: &str) {
        if let Some(value) = self.fields.whole(name) {
            push_key(out, name);
            out.push_str(value);
        }
    }
}

impl State {
    fn apply(&mut self, choice: &Choice<'_>) {
        // A message that repeats in one piece what came in deltas adds nothing.
        if !choice.is_whole() || self.message.is_empty() {
            self.message.apply(choice);
        }
        for (name, value) in choice.fields().entries() {
            match name {
                "index" | "message" | "finish_reason" => {}
                "logprobs" => self.apply_logprobs(value),
                "native_finish_reason" if self.fields.whole(name).is_some() => {}
                _ => self.fields.set(name, value),
            }
        }
        if let Some(reason) = choice.finish_reason() {
            // The accounting chunk repeats the reason: the first one counts (S11), unless things went wrong later.
            if self.finish_reason.is_none() || reason == "error" {
                self.finish_reason = Some(reason.into_owned());
            }
        }
    }

    fn apply_logprobs(&mut self, value: &str) {
        if let Some(piece) = Object::parse(value) {
            for (name, value) in entries(&piece) {
                self.logprobs.merge(name, value);
            }
        }
    }

    fn answer_state(&self) -> AnswerState {
        match self.finish_reason.as_deref() {
            None => AnswerState::Running,
            Some("length" | "max_tokens" | "error") => AnswerState::Cut,
            Some(_) => AnswerState::Done,
        }
    }

    fn write(&self, out: &mut String, index: u64) {
        out.push('{');
        push_key(out, "index");
        out.push_str(&index.to_string());
        push_key(out, "message");
        let unfinished = self.message.write(out, self.answer_state());
        push_key(out, "finish_reason");
        match &self.finish_reason {
            Some(reason) => json::push_quoted(out, reason),
            None => out.push_str("null"),
        }
        if let Some(native) = self.fields.whole("native_finish_reason") {
            push_key(out, "native_finish_reason");
            out.push_str(native);
        }
        if !self.logprobs.is_empty() {
            push_key(out, "logprobs");
            self.logprobs.write(out, &[]);
        }
        if !unfinished.is_empty() {
            push_array(out, "unfinished_tool_calls", &unfinished);
        }
        let written = ["native_finish_reason", "unfinished_tool_calls"];
        self.fields.write_entries(out, &written);
        out.push('}');
    }
}
