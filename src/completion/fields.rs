//! One JSON object that comes in pieces: entries in the order in which they first came, each joined, merged or
//! replaced as its name asks. Values stay text, and every operation costs the bytes of the piece only.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::json::{self, Object};

/// Up to here a walk over the entries is faster than a map.
const WALK: usize = 16;

/// An object under assembly.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    entries: IndexMap<String, Field, RandomState>,
}

/// One value under assembly.
#[derive(Debug, Clone)]
enum Field {
    /// JSON text.
    Whole(String),
    /// The joined body of a string, escapes untouched.
    Text(String),
    /// The items of an array, without its brackets.
    Items(String),
    /// An object merged entry by entry.
    Object(Box<Fields>),
}

impl Fields {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// The value of `name` where it came whole.
    pub(super) fn whole(&self, name: &str) -> Option<&str> {
        match self.entries.get(name)? {
            Field::Whole(value) if value != "null" => Some(value),
            _ => None,
        }
    }

    /// Sets `name`; `null` never replaces anything.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.field(name) {
            Some(Field::Whole(old)) if old == value || value == "null" => {}
            Some(Field::Whole(old)) => {
                old.clear();
                old.push_str(value);
            }
            Some(field) if value != "null" => *field = Field::Whole(value.to_owned()),
            _ => {}
        }
    }

    /// Sets `name`; neither `null` nor `""` replaces anything.
    pub(super) fn keep(&mut self, name: &str, value: &str) {
        if value != "\"\"" || !self.has(name) {
            self.set(name, value);
        }
    }

    /// Joins a string to the one under `name`; a value of another kind is set.
    pub(super) fn append(&mut self, name: &str, value: &str) {
        match json::string_body(value) {
            Some(body) => self.append_body(name, body),
            None => self.set(name, value),
        }
    }

    /// Joins a string body to the one under `name`.
    pub(super) fn append_body(&mut self, name: &str, body: &str) {
        match self.field(name) {
            Some(Field::Text(text)) => text.push_str(body),
            Some(field) => *field = Field::Text(body.to_owned()),
            None => {}
        }
    }

    /// Appends an array, merges an object shallowly, replaces by anything else that is not `null`.
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

    /// The object as JSON text, without the entries named in `except`.
    pub(super) fn write(&self, out: &mut String, except: &[&str]) {
        out.push('{');
        self.write_entries(out, except);
        out.push('}');
    }

    /// The entries into an object that is being written.
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
                Field::Object(fields) => fields.write(out, &[]),
            }
        }
    }

    /// The names in order: a `Fields` with names alone is an ordered set.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The field under `name`, which is added as `null` where it is new.
    fn field(&mut self, name: &str) -> Option<&mut Field> {
        // `entry` would copy the name of every field of every chunk: 10 % of the time in which a chunk is read.
        let place = match self.entries.get_index_of(name) {
            Some(place) => place,
            None => {
                let null = Field::Whole("null".to_owned());
                self.entries.insert_full(name.to_owned(), null).0
            }
        };
        self.entries.get_index_mut(place).map(|(_, field)| field)
    }
}

/// The entries of `object`, each name once: where one stands twice the last wins, as in `JSON.parse`.
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

/// The items of an array, or the one object that stands where an array should.
pub(super) fn list(value: &str) -> Option<Vec<&str>> {
    if value.starts_with('{') {
        return Some(vec![value]);
    }
    json::array(value)
}

/// What stands between the brackets of an array.
pub(super) fn items_of(value: &str) -> Option<&str> {
    Some(value.strip_prefix('[')?.strip_suffix(']')?.trim())
}

/// Appends array items to those in `out`.
pub(super) fn push_items(out: &mut String, items: &str) {
    if !out.is_empty() && !items.is_empty() {
        out.push(',');
    }
    out.push_str(items);
}

/// Begins the next entry of the object being written.
pub(super) fn push_key(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    json::push_quoted(out, name);
    out.push(':');
}

/// Writes a string from its body.
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
        fields.write(&mut out, &[]);
        out
    }

    #[test]
    fn fields_keep_their_place_and_null_erases_nothing() {
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
    fn many_names_are_found_as_few_are() {
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
    fn a_name_that_stands_twice_is_read_once() {
        let object = Object::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(entries(&object), [("b", "2"), ("a", "3")]);
        let many: String = (0..40).map(|at| format!("\"k{}\":{at},", at % 20)).collect();
        let text = format!("{{{many}\"z\":0}}");
        let object = Object::parse(&text).unwrap();
        assert_eq!(entries(&object).len(), 21);
        assert_eq!(entries(&object)[0], ("k0", "20"));
    }
}
