//! Assembles tool calls from their pieces, which each provider splits, numbers and repeats differently. The id **and** the
//! index of a piece select a call. The state of that call then decides whether the piece continues it or begins another
//! call. Parallel calls are never merged, and a call that is sent twice is kept once.
//!
//! A name that arrives in pieces is joined only under the same id or index, and before the arguments begin. An equal name
//! is a repetition. Without an id and an index, a different name begins another call.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::arguments::{Arguments, begins_object, is_blank};
use super::chunk::integer;
use super::fields::{Fields, arguments_body, entries, push_body, push_key};
use super::limits::{MAX_TOOL_CALLS, Room, TooMany};
use crate::json::{self, Object};

/// The state of the answer, which decides which of its calls are finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerState {
    /// The answer is still streamed: a call is finished if it has a name and its arguments are complete.
    Running,
    /// The answer was cut short (`length`, `content_filter`, `error`): a call is finished as in `Running`.
    Cut,
    /// The answer is complete: all calls are finished.
    Done,
}

/// The tool calls of one choice, in the order in which they began.
#[derive(Debug, Clone, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
    /// `by_id` and `by_index` map an id or an index to the position of the last call that had it.
    by_id: HashMap<String, usize>,
    by_index: HashMap<u64, usize>,
}

#[derive(Debug, Clone, Default)]
struct Call {
    index: Option<u64>,
    /// `id` and `name` are string bodies; an empty one is absent.
    id: String,
    name: String,
    arguments: Arguments,
    /// Whether the name was repeated after the arguments were complete: a new object then begins another call of this name.
    reopened: bool,
    /// The fields of `function` except `name` and `arguments`.
    function: Fields,
    /// All other fields of the call.
    fields: Fields,
}

/// One item of a delta's `tool_calls`.
struct Piece<'a> {
    index: Option<u64>,
    id: Option<&'a str>,
    name: Option<&'a str>,
    arguments: Cow<'a, str>,
    function: Option<Object<'a>>,
    fields: Object<'a>,
}

impl<'a> Piece<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let fields = Object::parse(text)?;
        let function = fields.object("function");
        // Some servers omit `function` and put its fields into the call itself.
        let source = function.as_ref().unwrap_or(&fields);
        let id = fields.present("id").and_then(|id| match id {
            // A number becomes a string, because the API rejects a number when the call is sent back.
            number if json::number(number).is_some() => Some(number),
            other => json::string_body(other),
        });
        Some(Self {
            index: fields.present("index").and_then(integer),
            id: id.filter(|id| !id.is_empty()),
            name: source
                .present("name")
                .and_then(json::string_body)
                .filter(|name| !name.is_empty()),
            arguments: source
                .present("arguments")
                .map_or(Cow::Borrowed(""), arguments_body),
            function,
            fields,
        })
    }

    /// Whether the piece can begin a call: it has an id, a name or arguments.
    fn has_substance(&self) -> bool {
        self.id.is_some() || self.name.is_some() || !is_blank(&self.arguments)
    }
}

impl ToolCalls {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Returns a copy of the calls that fit.
    pub(super) fn excerpt(&self, room: &mut Room) -> Self {
        let calls: Vec<Call> = self
            .calls
            .iter()
            .filter(|call| room.take(call.size()))
            .cloned()
            .collect();
        let ids = calls.iter().enumerate().map(|(at, call)| (call.id.clone(), at));
        Self {
            by_id: ids.collect(),
            by_index: HashMap::new(),
            calls,
        }
    }

    /// Applies one item of a delta's `tool_calls`.
    pub(super) fn apply(&mut self, text: &str) -> Result<(), TooMany> {
        let Some(piece) = Piece::parse(text) else {
            return Ok(());
        };
        let found = self.route(&piece);
        let place = match found.filter(|at| self.get(*at).is_some_and(|call| call.takes(&piece))) {
            Some(place) => place,
            None if piece.has_substance() => {
                TooMany::check("tool calls in a choice", self.calls.len() + 1, MAX_TOOL_CALLS)?;
                let mut call = Call::default();
                if let Some(before) = found.and_then(|at| self.calls.get_mut(at))
                    && std::mem::take(&mut before.reopened)
                {
                    call.name.clone_from(&before.name);
                }
                self.calls.push(call);
                self.calls.len() - 1
            }
            None => return Ok(()),
        };
        let Some(call) = self.calls.get_mut(place) else {
            return Ok(());
        };
        call.apply(&piece);
        if let Some(id) = piece.id {
            self.by_id.insert(id.to_owned(), place);
        }
        if let Some(index) = piece.index {
            self.by_index.insert(index, place);
        }
        Ok(())
    }

    /// Returns the position of the existing call that the id and index of `piece` select, if any.
    fn route(&self, piece: &Piece<'_>) -> Option<usize> {
        let last = self.calls.len().checked_sub(1);
        let indexed = piece.index.and_then(|index| self.by_index.get(&index).copied());
        match piece.id {
            Some(id) => {
                let call = indexed.and_then(|at| self.get(at));
                if call.is_some_and(|call| call.id == id) {
                    return indexed;
                }
                if let Some(known) = self.by_id.get(id) {
                    return Some(*known);
                }
                // A new id begins another call, unless the call of the same index (without an index: the last call) has
                // no id yet.
                let waiting = match piece.index {
                    Some(_) => indexed,
                    None => last.filter(|_| piece.name.is_none()),
                };
                waiting.filter(|at| self.get(*at).is_some_and(|call| call.id.is_empty()))
            }
            None => indexed.or_else(|| {
                let call = last.and_then(|at| self.get(at))?;
                let continues = piece.index.is_none()
                    || (piece.name.is_none() && (call.index.is_none() || !begins_object(&piece.arguments)));
                last.filter(|_| continues)
            }),
        }
    }

    fn get(&self, at: usize) -> Option<&Call> {
        self.calls.get(at)
    }

    /// Whether at least one call is finished.
    pub(super) fn any_finished(&self, state: AnswerState) -> bool {
        self.calls.iter().any(|call| call.is_finished(state))
    }

    /// Returns the finished and the unfinished calls, each as the items of an array. Repeated calls are left out.
    pub(super) fn write(&self, state: AnswerState) -> (String, String) {
        let (mut finished, mut unfinished) = (String::new(), String::new());
        let mut seen = HashSet::new();
        for (at, call) in self.calls.iter().enumerate() {
            if !seen.insert(call.identity()) {
                continue;
            }
            let done = call.is_finished(state);
            let out = if done { &mut finished } else { &mut unfinished };
            if !out.is_empty() {
                out.push(',');
            }
            if done && call.id.is_empty() {
                call.write(out, &self.made_up_id(at), done);
            } else {
                call.write(out, &call.id, done);
            }
        }
        (finished, unfinished)
    }

    /// Returns a unique id for a call without one: the message with the call's result needs an id to refer to.
    fn made_up_id(&self, at: usize) -> String {
        let mut id = format!("call_{at}");
        while self.by_id.contains_key(&id) {
            id.push('_');
        }
        id
    }
}

impl Call {
    fn size(&self) -> usize {
        let texts = self.id.len() + self.name.len() + self.arguments.body().len();
        texts + self.function.size() + self.fields.size()
    }

    /// Whether `piece`, whose id and index select this call, continues it. Otherwise the piece begins another call.
    fn takes(&self, piece: &Piece<'_>) -> bool {
        let moved = piece.index.is_some() && self.index.is_some() && piece.index != self.index;
        let same_id = piece.id.is_some_and(|id| id == self.id);
        let renamed = piece
            .name
            .is_some_and(|name| !self.name.is_empty() && name != self.name);
        let begins_object = begins_object(&piece.arguments);
        if !self.arguments.is_closed() {
            if moved {
                // The index changed before the arguments were complete. A server that counts its deltas in `index` continues
                // this call; a server that uses one id for all calls begins another call with a new object.
                return !begins_object || self.arguments.is_blank();
            }
            return !renamed || piece.id.is_some() || piece.index.is_some();
        }
        if !begins_object {
            return same_id || !renamed;
        }
        if !renamed && self.arguments.same_as(&Arguments::of(&piece.arguments)) {
            return true;
        }
        if self.arguments.is_placeholder() && (same_id || piece.name.is_none()) && !moved {
            return true;
        }
        // An object without a name, and without another id or index, repeats the arguments of this call. The call takes
        // it, and `Arguments::push` drops it, because the arguments are complete.
        let here = piece.index.is_none() || piece.index == self.index;
        piece.name.is_none() && !self.reopened && here && (piece.id.is_none() || same_id)
    }

    fn apply(&mut self, piece: &Piece<'_>) {
        self.index = self.index.or(piece.index);
        if self.id.is_empty() {
            self.id.push_str(piece.id.unwrap_or_default());
        }
        let closed = self.arguments.is_closed();
        if let Some(name) = piece.name {
            if closed && name == self.name && is_blank(&piece.arguments) {
                self.reopened = true;
            }
            self.add_name(name);
        }
        if closed && self.arguments.is_placeholder() && begins_object(&piece.arguments) {
            self.arguments = Arguments::default();
        }
        self.arguments.push(&piece.arguments);

        let own: &[&str] = match &piece.function {
            Some(function) => {
                for (name, value) in entries(function) {
                    if !matches!(name, "name" | "arguments") {
                        self.function.set(name, value);
                    }
                }
                &["index", "id", "function"]
            }
            None => &["index", "id", "function", "name", "arguments"],
        };
        for (name, value) in entries(&piece.fields) {
            if !own.contains(&name) {
                self.fields.keep(name, value);
            }
        }
    }

    /// Adds a name or a piece of it; a name after the arguments have begun is a repetition.
    fn add_name(&mut self, name: &str) {
        if self.name.is_empty() || (name.starts_with(&self.name) && self.arguments.is_blank()) {
            name.clone_into(&mut self.name);
        } else if self.arguments.is_blank() {
            self.name.push_str(name);
        }
    }

    fn is_finished(&self, state: AnswerState) -> bool {
        state == AnswerState::Done
            || (!self.name.is_empty() && self.arguments.is_closed() && self.arguments.is_valid())
    }

    /// Returns the identity of the call; two calls with the same identity are one call that was sent twice. The identity is
    /// the id, name and arguments, and for a call without an id also the index.
    fn identity(&self) -> (&str, Option<u64>, &str, String) {
        let index = self.index.filter(|_| self.id.is_empty());
        (&self.id, index, &self.name, self.arguments.compact())
    }

    fn write(&self, out: &mut String, id: &str, done: bool) {
        out.push('{');
        if !id.is_empty() {
            push_key(out, "id");
            push_body(out, id);
        }
        push_key(out, "type");
        out.push_str(self.fields.whole("type").unwrap_or("\"function\""));
        push_key(out, "function");
        out.push('{');
        push_key(out, "name");
        push_body(out, &self.name);
        push_key(out, "arguments");
        if done && self.arguments.is_blank() {
            push_body(out, "{}");
        } else {
            push_body(out, self.arguments.body());
        }
        self.function.write_entries(out, &[]);
        out.push('}');
        self.fields.write_entries(out, &["type"]);
        out.push('}');
    }
}
