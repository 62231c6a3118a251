//! Parses a chunk of the usual shape in one pass: it has one `choices`, an array of objects, each with exactly one `delta`
//! object. A nested value is then scanned once instead of once for each level around it, which matters most for large
//! values such as images. A chunk of any other shape (no `choices`, a `message`, a `delta` that is `null` or repeated, a name
//! with a lone surrogate) is parsed by [`Chunk`](super::Chunk), one level at a time.
//!
//! Measured gain: a chunk of the usual shape is read in 1.1 µs, without this file in 1.5 µs.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::limits::MAX_CHOICES;
use crate::json::{Key, Object};

/// The fields of a chunk, and its choices.
pub(super) type Shape<'a> = Opened<'a, Choices<'a>>;

/// The choices of a chunk: one more than a completion may have, at most, so that the completion notices that there are more.
pub(super) struct Choices<'a>(pub(super) Vec<ChoiceShape<'a>>);

/// The fields of a choice, and its delta.
pub(super) type ChoiceShape<'a> = Opened<'a, Object<'a>>;

/// Parses `text`. Returns `None` if it does not have the usual shape.
pub(super) fn shape_of(text: &str) -> Option<Shape<'_>> {
    serde_json::from_str(text).ok()
}

/// An object with one entry parsed (`inner`) and all others kept as text (`fields`).
pub(super) struct Opened<'a, T> {
    pub(super) fields: Object<'a>,
    pub(super) inner: T,
}

/// The type of the entry that is parsed.
trait Inner {
    /// The name of the entry.
    const NAME: &'static str;
}

impl Inner for Choices<'_> {
    const NAME: &'static str = "choices";
}

impl Inner for Object<'_> {
    const NAME: &'static str = "delta";
}

impl<'de> Deserialize<'de> for Choices<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = Choices<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of choices")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut choices = Vec::with_capacity(1);
                while let Some(choice) = seq.next_element()? {
                    choices.push(choice);
                    if choices.len() > MAX_CHOICES {
                        while seq.next_element::<IgnoredAny>()?.is_some() {}
                        break;
                    }
                }
                Ok(Choices(choices))
            }
        }
        deserializer.deserialize_seq(Items)
    }
}

impl<'de, T: Inner + Deserialize<'de>> Deserialize<'de> for Opened<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Inner + Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Opened<'de, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object with {}", T::NAME)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(12);
                let mut inner = None;
                while let Some(Key(name)) = map.next_key::<Key<'de>>()? {
                    if name != T::NAME {
                        entries.push((name, map.next_value::<&'de RawValue>()?.get()));
                    } else if inner.replace(map.next_value()?).is_some() {
                        return Err(A::Error::duplicate_field(T::NAME));
                    }
                }
                let inner = inner.ok_or_else(|| A::Error::missing_field(T::NAME))?;
                Ok(Opened {
                    fields: Object(entries),
                    inner,
                })
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::{collection, sample};

    use crate::completion::Chunk;

    /// Everything that was parsed from a chunk, in a form that can be compared.
    fn read<'a>(chunk: &'a Chunk<'a>) -> impl PartialEq + std::fmt::Debug {
        let choices = chunk.choices().iter();
        let choices: Vec<_> = choices
            .map(|choice| {
                let parts = [choice.fields().to_json(), choice.delta().to_json()];
                (choice.index(), choice.is_whole(), parts)
            })
            .collect();
        (chunk.fields().to_json(), chunk.failure(), choices)
    }

    /// Generates objects with up to three entries, from `entries` and `inner`, in any order and with duplicate names.
    fn object(entries: &'static [&str], inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
        let entry = prop_oneof![sample::select(entries).prop_map(str::to_owned), inner];
        let entries = collection::vec(entry, 0..4);
        entries
            .prop_map(|entries| format!("{{{}}}", entries.join(", ")))
            .boxed()
    }

    fn chunk() -> BoxedStrategy<String> {
        let delta = sample::select(
            &[
                r#""delta":{"content":"c"}"#,
                r#""delta":{"images":[{"x":1e999}],"x":"\udead"}"#,
                r#""delta":null"#,
                r#""message":{"content":"m"}"#,
            ][..],
        );
        let choice = object(
            &[r#""index":1"#, r#""finish_reason":"error""#, r#""\ud800":0"#],
            delta.prop_map(str::to_owned).boxed(),
        );
        let choice = prop_oneof![8 => choice, 1 => Just("null".to_owned())];
        let choices = collection::vec(choice, 0..3).prop_map(|choices| choices.join(","));
        let choices = choices.prop_map(|choices| format!("\"choices\":[{choices}]"));
        object(
            &[
                r#""id":"x""#,
                r#""error":{"a": [1]}"#,
                r#""choices":{"delta":{}}"#,
                r#""choices":3"#,
            ],
            choices.boxed(),
        )
    }

    proptest! {
        #[test]
        fn both_parsers_read_the_same_from_a_chunk(text in chunk()) {
            let (usual, any) = (Chunk::parse(&text), Chunk::parse_unusual(&text));
            prop_assert!(any.is_some());
            prop_assert_eq!(usual.as_ref().map(read), any.as_ref().map(read), "{}", text);
        }
    }

    #[test]
    fn only_the_usual_shape_is_parsed_in_one_pass() {
        let usual = r#"{"id":"a","choices":[{"index":0,"delta":{"content":"b"}},{"delta":{}}]}"#;
        assert!(super::shape_of(usual).is_some());
        assert!(super::shape_of(r#"{"choices":[]}"#).is_some());
        for (from, to) in [
            (r#""delta":{}"#, r#""message":{}"#),
            (r#""delta":{}"#, r#""delta":null"#),
            (r#""delta":{}"#, r#""delta":{},"delta":{}"#),
            (r#"{"delta":{}}"#, "null"),
            (r#""choices":["#, r#""choices":[],"choices":["#),
            (r#""choices":["#, r#""Choices":["#),
        ] {
            assert_ne!(usual.replace(from, to), usual, "{from}");
            assert!(super::shape_of(&usual.replace(from, to)).is_none(), "{to}");
        }
    }
}
