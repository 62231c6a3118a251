//! JSON that is kept as text. Values that this client does not interpret must reach the other side byte for byte.
//! Values are therefore slices of the original text: no tree is built, numbers keep their digits, and lone surrogates
//! survive, which `JSON.parse` accepts and serde_json rejects (serde-rs/json#495).

mod cut;
mod surrogates;

use std::borrow::Cow;
use std::fmt;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

pub use cut::is_cut;
use surrogates::replace_lone_surrogates;

/// How many entries of an object are read without growing its list: most chunks and choices have fewer.
const USUAL_ENTRIES: usize = 12;

/// The entries of a JSON object in their original order. Each value is a slice of the object's text.
#[derive(Debug, Clone, Default)]
pub struct Object<'a>(pub(crate) Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Object<'a> {
    /// Parses `text`. Returns `None` if it is not exactly one well-formed JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text)
            .ok()
            .or_else(|| Self::parse_with_lone_surrogates(text))
    }

    /// Parses an object that has lone surrogates in its keys, which serde_json rejects. They are replaced by the
    /// escape of U+FFFD, which has the same length, so that the values keep their offsets in `text`.
    fn parse_with_lone_surrogates(text: &'a str) -> Option<Self> {
        let Cow::Owned(replaced) = replace_lone_surrogates(text) else {
            return None;
        };
        let object: Object<'_> = serde_json::from_str(&replaced).ok()?;
        let in_text = |value: &str| {
            let start = (value.as_ptr() as usize).checked_sub(replaced.as_ptr() as usize)?;
            text.get(start..start + value.len())
        };
        let entries = object.0.iter();
        let entries = entries.map(|(name, value)| Some((Cow::Owned(name.to_string()), in_text(value)?)));
        entries.collect::<Option<Vec<_>>>().map(Self)
    }

    /// Returns the value of `key`, also if it is `null`. Of duplicate keys the last one wins, as in `JSON.parse`.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| *value)
    }

    /// Returns the value of `key`, or `None` if it is absent or `null`.
    pub fn present(&self, key: &str) -> Option<&'a str> {
        self.get(key).filter(|value| *value != "null")
    }

    /// Returns the value of `key` if it is an object.
    pub fn object(&self, key: &str) -> Option<Object<'a>> {
        self.present(key).and_then(Object::parse)
    }

    /// Returns the value of `key`, decoded, if it is a string.
    pub fn string(&self, key: &str) -> Option<Cow<'a, str>> {
        self.present(key).and_then(string)
    }

    /// Returns the value of `key` if it is a finite number.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.present(key).and_then(number)
    }

    /// Sets `key` to `value`. An existing key keeps its position and loses its duplicates; a new key is added at the end.
    pub fn set(&mut self, key: impl Into<Cow<'a, str>>, value: &'a str) {
        let key = key.into();
        let mut seen = false;
        self.0.retain_mut(|(name, old)| {
            if *name != key {
                return true;
            }
            *old = value;
            !std::mem::replace(&mut seen, true)
        });
        if !seen {
            self.0.push((key, value));
        }
    }

    /// Sets all entries of `other`, as `{ ...self, ...other }` does. Takes time in proportion to the number of entries.
    pub fn merge(&mut self, other: Object<'a>) {
        let mut all =
            IndexMap::with_capacity_and_hasher(self.0.len() + other.0.len(), RandomState::default());
        // A key keeps its first position and takes its last value.
        all.extend(self.0.drain(..).chain(other.0));
        self.0.extend(all);
    }

    /// Removes `key` and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<&'a str> {
        let value = self.get(key);
        self.0.retain(|(name, _)| name != key);
        value
    }

    /// Returns the entries in their order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// Returns the object as JSON text.
    pub fn to_json(&self) -> String {
        let size = |(name, value): &(Cow<'a, str>, &str)| name.len() + value.len() + 4;
        let mut out = String::with_capacity(2 + self.0.iter().map(size).sum::<usize>());
        out.push('{');
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_quoted(&mut out, name);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
        out
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(USUAL_ENTRIES);
                while let Some((Key(name), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    entries.push((name, value.get()));
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// A key of an object, borrowed unless it contains escapes.
pub(crate) struct Key<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Returns the items of a JSON array as slices of its text, or `None` if `text` is not an array.
pub fn array(text: &str) -> Option<Vec<&str>> {
    struct Items<'a>(Vec<&'a str>);
    impl<'de> Deserialize<'de> for Items<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Walk;
            impl<'de> Visitor<'de> for Walk {
                type Value = Items<'de>;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an array")
                }

                fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                    let mut items = Vec::with_capacity(1);
                    while let Some(item) = seq.next_element::<&'de RawValue>()? {
                        items.push(item.get());
                    }
                    Ok(Items(items))
                }
            }
            deserializer.deserialize_seq(Walk)
        }
    }
    serde_json::from_str::<Items<'_>>(text).ok().map(|items| items.0)
}

/// Whether `text` is exactly one well-formed JSON value by the grammar of `JSON.parse`.
pub fn is_valid(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Returns the body of a JSON string: the text between its quotes, with its escapes. `None` for any other value.
///
/// Bodies can be concatenated: a surrogate pair that was split over two deltas becomes whole again.
pub fn string_body(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// Splits well-formed JSON text at its first string: what is before it, the string with its quotes, and the rest.
pub fn split_at_string(text: &str) -> Option<(&str, &str, &str)> {
    let start = memchr::memchr(b'"', text.as_bytes())?;
    let mut end = start + 1;
    loop {
        let found = end + memchr::memchr2(b'"', b'\\', text.as_bytes().get(end..)?)?;
        if text.as_bytes().get(found) == Some(&b'"') {
            return Some((
                text.get(..start)?,
                text.get(start..=found)?,
                text.get(found + 1..)?,
            ));
        }
        end = found + 2;
    }
}

/// Decodes a JSON string; lone surrogates become U+FFFD. `None` for any other value. `text` must be one well-formed JSON
/// value, which is not checked.
pub fn string(text: &str) -> Option<Cow<'_, str>> {
    let body = string_body(text)?;
    if !body.contains('\\') {
        return Some(Cow::Borrowed(body));
    }
    serde_json::from_str::<String>(&replace_lone_surrogates(text))
        .ok()
        .map(Cow::Owned)
}

/// Parses a number. `None` for any other value, and for a number that is too large for an `f64`. Takes more than JSON allows,
/// such as `01`; whether `text` is well-formed JSON is not checked.
pub fn number(text: &str) -> Option<f64> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    text.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// Parses a number, or a string that contains one, as some servers send them.
pub fn figure(text: &str) -> Option<f64> {
    number(text).or_else(|| number(string(text)?.trim()))
}

/// Returns a number as JSON text, or `null` if it is not finite.
pub fn number_text(value: f64) -> String {
    serde_json::Number::from_f64(value).map_or_else(|| "null".into(), |number| number.to_string())
}

/// Parses a JSON text into a tree; lone surrogates become U+FFFD. Meant for rare and small texts, such as errors and
/// options, because slices of the text are faster.
pub fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&replace_lone_surrogates(text)))
        .ok()
}

/// Appends `text` as a JSON string.
pub fn push_quoted(out: &mut String, text: &str) {
    // Serialising a str into memory cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Returns `text` as a JSON string.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Writes a JSON object and leaves out fields whose value is `None`.
pub struct ObjectWriter(String);

impl ObjectWriter {
    /// Starts an empty object.
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    /// Adds a string field.
    pub fn text(&mut self, name: &str, value: Option<&str>) {
        self.raw(name, value.map(quoted));
    }

    /// Adds a field whose value is JSON text already.
    pub fn raw(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            if self.0.len() > 1 {
                self.0.push(',');
            }
            push_quoted(&mut self.0, name);
            self.0.push(':');
            self.0.push_str(&value);
        }
    }

    /// Returns the object as JSON text.
    pub fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

impl Default for ObjectWriter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_keep_order_digits_and_unknown_values() {
        let text = r#"{"b":1.10,"a":[1e400,"\ud83d"],"n":null}"#;
        let mut object = Object::parse(text).unwrap();
        assert_eq!(object.to_json(), text);
        assert_eq!(object.get("n"), Some("null"));
        assert_eq!(object.present("n"), None);
        object.set("b", "2");
        object.set("new", "true");
        object.remove("n");
        assert_eq!(object.to_json(), r#"{"b":2,"a":[1e400,"\ud83d"],"new":true}"#);
    }

    #[test]
    fn the_last_of_duplicate_keys_wins_and_set_keeps_one_of_them() {
        let mut object = Object::parse(r#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(object.get("a"), Some("2"));
        object.set("a", "3");
        assert_eq!(object.to_json(), r#"{"a":3}"#);
    }

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_are_kept() {
        assert_eq!(string(r#""a\ud83d""#).unwrap(), "a\u{FFFD}");
        assert_eq!(string(r#""\ude00\ud83d\ude00""#).unwrap(), "\u{FFFD}😀");
        assert_eq!(string(r#""\\ud83d""#).unwrap(), "\\ud83d");
        assert_eq!(value(r#"{"m":"\ud800x"}"#).unwrap()["m"], "\u{FFFD}x");
    }

    #[test]
    fn an_object_with_a_lone_surrogate_in_a_key_is_parsed() {
        let text = r#"{"\ud83d":"\ud83d","b":{"x\udead":1},"\\ud83d":2}"#;
        let object = Object::parse(text).unwrap();
        assert_eq!(object.string("\u{FFFD}").unwrap(), "\u{FFFD}");
        assert_eq!(
            object.get("\u{FFFD}"),
            Some(r#""\ud83d""#),
            "values are not changed"
        );
        assert_eq!(object.get("\\ud83d"), Some("2"));
        assert_eq!(object.object("b").unwrap().get("x\u{FFFD}"), Some("1"));
        assert!(Object::parse(r#"{"\ud83d":1"#).is_none());
        assert!(Object::parse(r#"["\ud83d"]"#).is_none());
    }

    #[test]
    fn values_of_the_wrong_kind_are_none() {
        assert!(Object::parse("[1]").is_none());
        assert!(Object::parse(r#"{"a":1}x"#).is_none());
        assert!(array("{}").is_none());
        assert_eq!(string("1"), None);
        assert_eq!(number("\"1\""), None);
        assert_eq!(number("1e999"), None);
        assert!(is_valid(r#"{"deep":[[[{"x":"\udead"}]]]}"#));
        assert!(!is_valid("{'a':1}"));
        assert!(!is_valid("\"a\u{1}\""));
    }

    #[test]
    fn an_array_is_split_into_the_texts_of_its_items() {
        assert_eq!(
            array(r#"[1, {"a":2},"x"]"#).unwrap(),
            ["1", r#"{"a":2}"#, "\"x\""]
        );
    }
}
