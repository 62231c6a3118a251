//! The usual shape of a chunk, read in one go: `choices` is an array of objects, and each holds one `delta` object.
//! Text that lies deep is gone over once then instead of once for each level, which is most of the work where it is
//! an image. Whatever has another shape is left to [`Chunk`](super::Chunk), which takes every level by itself.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::{Key, Object};

/// A chunk's fields, and its choices.
pub(super) type Shape<'a> = Opened<'a, Vec<ChoiceShape<'a>>>;

/// A choice's fields, and its delta.
pub(super) type ChoiceShape<'a> = Opened<'a, Object<'a>>;

/// Reads `text`, if it has the shape.
pub(super) fn shape_of(text: &str) -> Option<Shape<'_>> {
    serde_json::from_str(text).ok()
}

/// An object of which one entry was read on, and the others are text.
pub(super) struct Opened<'a, T> {
    pub(super) fields: Object<'a>,
    pub(super) inner: T,
}

/// What is read on, by the name that it has in the object around it.
trait Inner {
    const NAME: &'static str;
}

impl Inner for Vec<ChoiceShape<'_>> {
    const NAME: &'static str = "choices";
}

impl Inner for Object<'_> {
    const NAME: &'static str = "delta";
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
