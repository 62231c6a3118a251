//! Assembles the chunks of a stream into the completion that the same request would return without `stream`. The completion
//! can be read at any time, and can be sent back as history. [`Chunk`] parses one chunk, [`Completion`] combines them.
//! This module does not depend on sockets, server-sent events or JavaScript. No chunk makes it fail: a field of an
//! unexpected type is kept as it is, or ignored.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::json::{self, Object};

mod arguments;
mod chunk;
mod fields;
mod limits;
mod message;
mod plain;
mod reasoning;
mod shape;
mod tool_calls;
mod usage;

pub use chunk::{Choice, Chunk};
pub use limits::TooMany;
pub use plain::{PlainTexts, TextKind, plain_texts};
pub use usage::Usage;

use fields::{Fields, entries, push_array, push_key};
use limits::{MAX_CHOICES, Room};
use message::Message;
use tool_calls::AnswerState;

/// The completion received so far.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    /// The top-level fields except `choices`, `usage` and `object`.
    fields: Fields,
    usage: Option<String>,
    /// Boxed, because a node of this map has room for eleven choices, and most completions have one.
    choices: BTreeMap<u64, Box<State>>,
    /// How many bytes of JSON were applied, about. What replaces an equal value does not count.
    size: usize,
    /// Whether nothing more is added to the messages, see [`Self::freeze_messages`].
    is_frozen: bool,
    /// What the server has sent too many of.
    excess: Option<TooMany>,
    /// How many bytes an excerpt has.
    kept: Option<usize>,
}

/// To how many bytes the answer so far is cut in an error, about.
pub const MAX_PARTIAL: usize = 4 << 20;

/// One choice, as received so far.
#[derive(Debug, Clone, Default)]
struct State {
    message: Message,
    finish_reason: Option<String>,
    /// The provider's own word for `finish_reason`, as JSON text.
    native_finish_reason: Option<String>,
    logprobs: Fields,
    fields: Fields,
}

impl Completion {
    /// Returns an empty completion.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies a chunk. What there is too much of is left out, see [`Self::excess`].
    pub fn apply(&mut self, chunk: &Chunk<'_>) {
        for (name, value) in chunk.fields().entries() {
            self.size += match name {
                "object" => 0,
                "usage" if value.starts_with('{') => {
                    self.apply_usage(value);
                    0
                }
                "usage" => 0,
                "id" | "model" | "provider" => self.fields.keep(name, value),
                "openrouter_metadata" => self.fields.set(name, value),
                _ if self.is_frozen => 0,
                _ => self.fields.set(name, value),
            }
        }
        for choice in chunk.choices() {
            if let Err(excess) = self.apply_choice(choice) {
                self.excess = Some(excess);
            }
        }
    }

    fn apply_choice(&mut self, choice: &Choice<'_>) -> Result<(), TooMany> {
        let index = choice.index();
        if !self.choices.contains_key(&index) {
            TooMany::check("choices", self.choices.len() + 1, MAX_CHOICES)?;
        }
        self.size += choice
            .delta()
            .entries()
            .map(|(_, value)| value.len())
            .sum::<usize>();
        let state = self.choices.entry(index).or_default();
        match self.is_frozen {
            true => state.apply_finish_reason(choice),
            false => self.size += state.apply(choice)?,
        }
        Ok(())
    }

    /// Appends the body of a content string to choice 0. Equivalent to [`Self::apply`], but faster, for a chunk that
    /// differs from the last applied chunk in its content only (see [`Chunk::content_span`]).
    pub fn append_content(&mut self, body: &str) {
        self.size += body.len();
        if !self.is_frozen {
            self.choices.entry(0).or_default().message.push_content(body);
        }
    }

    /// Returns how many bytes of JSON were applied, about.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns what the server has sent too many of, if it has. The completion lacks what was too much.
    pub fn excess(&self) -> Option<TooMany> {
        self.excess
    }

    /// Adds nothing more to the messages. The models, the usage and the finish reasons are still applied.
    pub fn freeze_messages(&mut self) {
        self.is_frozen = true;
    }

    /// Returns a copy of at most about `limit` bytes: the beginnings of long texts, and of everything else what fits as a
    /// whole. If something is missing in it, its JSON text says so.
    pub fn excerpt(&self, limit: usize) -> Self {
        if self.size <= limit {
            return self.clone();
        }
        let mut room = Room(limit);
        let excerpt = Self {
            fields: self.fields.excerpt(&mut room),
            usage: self.usage.clone().filter(|usage| room.take(usage.len())),
            choices: self
                .choices
                .iter()
                .map(|(index, choice)| (*index, Box::new(choice.excerpt(&mut room))))
                .collect(),
            ..*self
        };
        Self {
            kept: Some(limit - room.0),
            ..excerpt
        }
    }

    /// Keeps the last usage. A usage of zeros does not replace an earlier one: some servers send zeros on every chunk.
    pub fn apply_usage(&mut self, usage: &str) {
        if self.usage.is_none() || Usage::parse(usage).is_some_and(|usage| !usage.is_zero()) {
            self.usage = Some(usage.to_owned());
        }
    }

    /// Returns a copy without the messages, which may be long, for callers that need the other fields only.
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
            ..*self
        }
    }

    /// Returns the id of the generation.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.fields.whole("id").and_then(json::string)
    }

    /// Returns the model's id as the server last sent it.
    pub fn model(&self) -> Option<Cow<'_, str>> {
        self.fields.whole("model").and_then(json::string)
    }

    /// Returns the provider's display name.
    pub fn provider(&self) -> Option<Cow<'_, str>> {
        self.fields.whole("provider").and_then(json::string)
    }

    /// Returns the `openrouter_metadata` object as JSON text.
    pub fn metadata(&self) -> Option<&str> {
        self.fields.whole("openrouter_metadata")
    }

    /// Returns the `usage` object as JSON text, as the server sent it.
    pub fn usage(&self) -> Option<&str> {
        self.usage.as_deref()
    }

    /// Returns the `usage` object, parsed.
    pub fn usage_figures(&self) -> Option<Usage<'_>> {
        Usage::parse(self.usage.as_deref()?)
    }

    /// Returns the cost that was charged to the account, in USD.
    pub fn cost(&self) -> Option<f64> {
        self.usage_figures()?.cost()
    }

    /// Returns the finish reason of choice 0 as the server sent it.
    pub fn finish_reason(&self) -> Option<&str> {
        self.choices.get(&0)?.finish_reason.as_deref()
    }

    /// Returns why choice 0 ended, judged by its content, because providers' finish reasons may contradict it:
    /// `tool_calls` if there are finished tool calls and the answer was not cut short, filtered or failed; else `stop`,
    /// `length`, `content_filter`, `error`, `function_call` or the provider's own word. `None` before the end.
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

    /// Whether there are choices, and all of them have a finish reason.
    pub fn has_finished(&self) -> bool {
        !self.choices.is_empty() && self.choices.values().all(|choice| choice.finish_reason.is_some())
    }

    /// Whether the model has generated any output. A request that fails before is not billed (OpenRouter's API reference on
    /// errors).
    pub fn has_output(&self) -> bool {
        self.choices.values().any(|choice| !choice.message.is_empty())
    }

    /// Returns the completion so far as JSON text, in the shape of a completion that was not streamed.
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
        if let Some(kept) = self.kept {
            push_key(&mut out, "_truncated");
            let _ = write!(out, "{{\"bytes\":{},\"keptBytes\":{kept}}}", self.size);
        }
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
    /// Applies a choice of a chunk. Returns how many bytes were stored, without those of the message.
    fn apply(&mut self, choice: &Choice<'_>) -> Result<usize, TooMany> {
        let mut stored = 0;
        for (name, value) in choice.fields().entries() {
            stored += match name {
                "index" | "message" | "finish_reason" | "native_finish_reason" => 0,
                "logprobs" => {
                    self.apply_logprobs(value);
                    value.len()
                }
                _ => self.fields.set(name, value),
            }
        }
        self.apply_finish_reason(choice);
        // Some servers repeat the whole message after its deltas: that adds nothing.
        if !choice.is_whole() || self.message.is_empty() {
            self.message.apply(choice)?;
        }
        Ok(stored)
    }

    fn excerpt(&self, room: &mut Room) -> Self {
        Self {
            message: self.message.excerpt(room),
            finish_reason: self
                .finish_reason
                .clone()
                .filter(|reason| room.take(reason.len())),
            native_finish_reason: self
                .native_finish_reason
                .clone()
                .filter(|reason| room.take(reason.len())),
            logprobs: self.logprobs.excerpt(room),
            fields: self.fields.excerpt(room),
        }
    }

    /// Keeps the finish reason of the model and the provider's own word for it, which belong together. The usage chunk
    /// repeats the reason, so the first one counts, unless a failure follows.
    fn apply_finish_reason(&mut self, choice: &Choice<'_>) {
        let native = choice.fields().present("native_finish_reason").map(str::to_owned);
        match choice.finish_reason() {
            Some(reason) if self.finish_reason.is_none() => {
                self.finish_reason = Some(reason.into_owned());
                self.native_finish_reason = native.or(self.native_finish_reason.take());
            }
            Some(reason) if reason == "error" && self.finish_reason.as_deref() != Some("error") => {
                self.finish_reason = Some(reason.into_owned());
                self.native_finish_reason = native;
            }
            _ if self.native_finish_reason.is_none() => self.native_finish_reason = native,
            _ => {}
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
            Some("length" | "max_tokens" | "content_filter" | "error") => AnswerState::Cut,
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
        if let Some(native) = &self.native_finish_reason {
            push_key(out, "native_finish_reason");
            out.push_str(native);
        }
        if !self.logprobs.is_empty() {
            push_key(out, "logprobs");
            self.logprobs.write(out);
        }
        if !unfinished.is_empty() {
            push_array(out, "unfinished_tool_calls", &unfinished);
        }
        self.fields.write_entries(out, &["unfinished_tool_calls"]);
        out.push('}');
    }
}
