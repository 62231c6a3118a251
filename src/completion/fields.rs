//! Assembles a JSON object that is streamed in pieces. Entries keep the order in which they first arrived; the caller
//! decides whether a new value is appended, merged or replaces the old one. Values are kept as text, and each operation
//! takes time linear in the new piece only.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::limits::{MAX_NAMES, Room};
use crate::json::{self, Object};

/// Up to this number of entries, comparing all pairs of names is faster than a hash map.
const WALK: usize = 16;

/// The entries received so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    entries: IndexMap<String, Field, RandomState>,
}

/// The value of one entry, as received so far.
#[derive(Debug, Clone)]
enum Field {
    /// A complete value, as JSON text.
    Whole(String),
    /// A string that is appended to: its body, with its escapes.
    Text(String),
    /// An array that is appended to: its items, without the brackets.
    Items(String),
    /// An object that is merged entry by entry.
    Object(Box<Fields>),
}

impl Fields {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Returns the value of `name` if it was set as a whole and is not `null`.
    pub(super) fn whole(&self, name: &str) -> Option<&str> {
        match self.entries.get(name)? {
            Field::Whole(value) if value != "null" => Some(value),
            _ => None,
        }
    }

    /// Sets `name`. `null` does not replace an existing value. Returns the number of bytes that were stored.
    pub(super) fn set(&mut self, name: &str, value: &str) -> usize {
        match self.field(name) {
            Some(Field::Whole(old)) if old == value || value == "null" => return 0,
            Some(Field::Whole(old)) => {
                old.clear();
                old.push_str(value);
            }
            Some(field) if value != "null" => *field = Field::Whole(value.to_owned()),
            _ => return 0,
        }
        name.len() + value.len()
    }

    /// Sets `name`. Neither `null` nor `""` replaces an existing value. Returns the number of bytes that were stored.
    pub(super) fn keep(&mut self, name: &str, value: &str) -> usize {
        match value != "\"\"" || !self.has(name) {
            true => self.set(name, value),
            false => 0,
        }
    }

    /// Appends a string to the string under `name`. A value of another type is set.
    pub(super) fn append(&mut self, name: &str, value: &str) {
        match json::string_body(value) {
            Some(body) => self.append_body(name, body),
            None => {
                self.set(name, value);
            }
        }
    }

    /// Appends a string body to the string under `name`.
    pub(super) fn append_body(&mut self, name: &str, body: &str) {
        match self.field(name) {
            Some(Field::Text(text)) => text.push_str(body),
            Some(field) => *field = Field::Text(body.to_owned()),
            None => {}
        }
    }

    /// Appends an array to the array under `name`, and merges an object into it shallowly. Any other value that is not
    /// `null` replaces the old one.
    pub(super) fn merge(&mut self, name: &str, value: &str) {
        if let Some(items) = items_of(value) {
            match self.field(name) {
                Some(Field::Items(old)) => push_items(old, items),
                Some(field) => *field = Field::Items(items.to_owned()),
                None => {}
            }
        } else if let Some(object) = object_of(value) {
            let Some(field) = self.field(name) else {
                return;
            };
            if !matches!(field, Field::Object(_)) {
                *field = Field::Object(Box::default());
            }
            if let Field::Object(fields) = field {
                for (key, item) in object.entries() {
                    fields.set(key, item);
                }
            }
        } else {
            self.set(name, value);
        }
    }

    /// Returns how many bytes the entries take in JSON, about.
    pub(super) fn size(&self) -> usize {
        let sizes = self.entries.iter().map(|(name, field)| name.len() + field.size());
        sizes.sum()
    }

    /// Returns a copy of the entries that fit.
    pub(super) fn excerpt(&self, room: &mut Room) -> Self {
        let fitting = self.entries.iter();
        let fitting = fitting.filter(|(name, field)| room.take(name.len() + field.size()));
        Self {
            entries: fitting
                .map(|(name, field)| (name.clone(), field.clone()))
                .collect(),
        }
    }

    /// Writes the object as JSON text.
    pub(super) fn write(&self, out: &mut String) {
        out.push('{');
        self.write_entries(out, &[]);
        out.push('}');
    }

    /// Writes the entries, except those named in `except`, into an object that `out` has begun.
    pub(super) fn write_entries(&self, out: &mut String, except: &[&str]) {
        for (name, field) in &self.entries {
            if except.contains(&name.as_str()) {
                continue;
            }
            push_key(out, name);
            match field {
                Field::Whole(value) => out.push_str(value),
                Field::Text(body) => push_body(out, body),
                Field::Items(items) => {
                    out.push('[');
                    out.push_str(items);
                    out.push(']');
                }
                Field::Object(fields) => fields.write(out),
            }
        }
    }

    /// Returns the names in order. `Fields` whose values are not used serve as an ordered set.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Returns the field under `name`. A new name is added with the value `null`, unless there are too many.
    fn field(&mut self, name: &str) -> Option<&mut Field> {
        // Not `entry`, which needs an owned name: copying it for every field of every chunk would take 10 % of the time in
        // which a chunk is read.
        let place = match self.entries.get_index_of(name) {
            Some(place) => place,
            None if self.entries.len() >= MAX_NAMES => return None,
            None => {
                let null = Field::Whole("null".to_owned());
                self.entries.insert_full(name.to_owned(), null).0
            }
        };
        self.entries.get_index_mut(place).map(|(_, field)| field)
    }
}

impl Field {
    fn size(&self) -> usize {
        match self {
            Self::Whole(text) | Self::Text(text) | Self::Items(text) => text.len(),
            Self::Object(fields) => fields.size(),
        }
    }
}

/// Returns the entries of `object` without duplicate names. Of duplicates the last one wins, as in `JSON.parse`.
pub(super) fn entries<'o, 'a>(object: &'o Object<'a>) -> Vec<(&'o str, &'a str)> {
    let mut entries: Vec<(&str, &str)> = object.entries().collect();
    let later = |at: usize| entries.get(at + 1..).unwrap_or_default();
    if entries.len() <= WALK
        && !entries
            .iter()
            .enumerate()
            .any(|(at, (name, _))| later(at).iter().any(|(other, _)| other == name))
    {
        return entries;
    }
    let last: HashMap<&str, usize> = entries
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (*name, at))
        .collect();
    let mut at = 0;
    entries.retain(|(name, _)| {
        at += 1;
        last.get(name) == Some(&(at - 1))
    });
    entries
}

/// Returns the items of an array. An object counts as an array with this one item, because some servers send it so.
pub(super) fn list(value: &str) -> Option<Vec<&str>> {
    if value.starts_with('{') {
        return Some(vec![value]);
    }
    json::array(value)
}

/// Returns the text between the brackets of an array.
pub(super) fn items_of(value: &str) -> Option<&str> {
    Some(value.strip_prefix('[')?.strip_suffix(']')?.trim())
}

/// Appends array items to the items in `out`.
pub(super) fn push_items(out: &mut String, items: &str) {
    if !out.is_empty() && !items.is_empty() {
        out.push(',');
    }
    out.push_str(items);
}

/// Returns the body of an arguments string. A value of another type, such as an object, is converted to a string.
pub(super) fn arguments_body(value: &str) -> Cow<'_, str> {
    match json::string_body(value) {
        Some(body) => Cow::Borrowed(body),
        None => {
            let quoted = json::quoted(value);
            Cow::Owned(json::string_body(&quoted).unwrap_or_default().to_owned())
        }
    }
}

/// Writes an array field from its items.
pub(super) fn push_array(out: &mut String, name: &str, items: &str) {
    push_key(out, name);
    out.push('[');
    out.push_str(items);
    out.push(']');
}

/// Writes the key of the next entry of the object that `out` has begun.
pub(super) fn push_key(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    json::push_quoted(out, name);
    out.push(':');
}

/// Writes a JSON string with this body.
pub(super) fn push_body(out: &mut String, body: &str) {
    out.push('"');
    out.push_str(body);
    out.push('"');
}

fn object_of(value: &str) -> Option<Object<'_>> {
    value.starts_with('{').then(|| Object::parse(value)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(fields: &Fields) -> String {
        let mut out = String::new();
        fields.write(&mut out);
        out
    }

    #[test]
    fn fields_keep_their_order_and_null_replaces_nothing() {
        let mut fields = Fields::default();
        fields.set("a", "null");
        fields.append("t", "\"x\"");
        fields.set("a", "1");
        fields.set("a", "null");
        fields.append("t", "null");
        fields.append("t", "\"\\n\"");
        fields.keep("a", "\"\"");
        assert_eq!(json(&fields), r#"{"a":1,"t":"x\n"}"#);
    }

    #[test]
    fn arrays_append_objects_merge_and_the_rest_is_replaced() {
        let mut fields = Fields::default();
        for (name, value) in [
            ("a", "[1]"),
            ("a", "[]"),
            ("a", "[ 2,3 ]"),
            ("o", r#"{"x":1,"y":[1]}"#),
            ("o", r#"{"y":[2],"z":null}"#),
            ("s", "\"one\""),
            ("s", "\"two\""),
            ("k", "[1]"),
            ("k", "true"),
        ] {
            fields.merge(name, value);
        }
        assert_eq!(
            json(&fields),
            r#"{"a":[1,2,3],"o":{"x":1,"y":[2],"z":null},"s":"two","k":true}"#
        );
    }

    #[test]
    fn every_one_of_a_hundred_names_is_found() {
        let mut fields = Fields::default();
        for round in 0..2 {
            for name in 0..100 {
                fields.set(&name.to_string(), &round.to_string());
            }
        }
        assert_eq!(fields.names().count(), 100);
        assert_eq!(fields.whole("5"), Some("1"));
        assert_eq!(fields.whole("77"), Some("1"));
    }

    #[test]
    fn names_past_the_limit_are_left_out() {
        let mut fields = Fields::default();
        for name in 0..2 * MAX_NAMES {
            fields.set(&name.to_string(), "1");
            fields.append(&name.to_string(), "\"x\"");
            fields.merge(&name.to_string(), "[2]");
        }
        assert_eq!(fields.names().count(), MAX_NAMES);
    }

    #[test]
    fn the_last_of_duplicate_names_wins() {
        let object = Object::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(entries(&object), [("b", "2"), ("a", "3")]);
        let many: String = (0..40).map(|at| format!("\"k{}\":{at},", at % 20)).collect();
        let text = format!("{{{many}\"z\":0}}");
        let object = Object::parse(&text).unwrap();
        assert_eq!(entries(&object).len(), 21);
        assert_eq!(entries(&object)[0], ("k0", "20"));
    }
}
