//! `reasoning_details` from their pieces, fit to be sent back unmodified: a lost signature or a changed order makes
//! the next turn fail (T4). Texts and summaries are joined, encrypted data never is, and what is unknown is kept as
//! it came. Pieces belong together by index and type; without an index, when they follow each other.

use std::collections::HashMap;

use super::fields::{Fields, entries};
use crate::json::{self, Object};

/// The details of one choice, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Details {
    items: Vec<Item>,
    /// The latest item with this index and type, both as JSON text.
    places: HashMap<(String, String), usize>,
}

#[derive(Debug, Clone)]
enum Item {
    /// Of a type that is known to come in pieces.
    Open(Detail),
    /// Anything else, as it came.
    Verbatim(String),
}

#[derive(Debug, Clone)]
struct Detail {
    kind: Kind,
    fields: Fields,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Summary,
    Encrypted,
    ServerToolCall,
}

impl Kind {
    fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "reasoning.text" => Self::Text,
            "reasoning.summary" => Self::Summary,
            "reasoning.encrypted" => Self::Encrypted,
            "reasoning.server_tool_call" => Self::ServerToolCall,
            _ => return None,
        })
    }

    /// The field whose pieces are joined.
    fn joined(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("text"),
            Self::Summary => Some("summary"),
            Self::Encrypted | Self::ServerToolCall => None,
        }
    }

    /// The field that tells two items of this type apart: its value is never in pieces.
    fn mark(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("signature"),
            Self::Summary => None,
            Self::Encrypted => Some("data"),
            Self::ServerToolCall => Some("tool_call_id"),
        }
    }
}

impl Details {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes one element of a delta's `reasoning_details` in.
    pub(super) fn apply(&mut self, text: &str) {
        let Some(piece) = Object::parse(text) else {
            return self.items.push(Item::Verbatim(text.to_owned()));
        };
        let last = self.items.len().checked_sub(1);
        let name = piece.string("type");
        let kind = match &name {
            Some(name) => Kind::of(name),
            // A piece without a type continues the last item.
            None => last.and_then(|at| self.detail(at)).map(|last| last.kind),
        };
        let Some(kind) = kind else {
            return self.items.push(Item::Verbatim(text.to_owned()));
        };
        let place = piece.present("index").map(|index| {
            let name = name.as_deref().unwrap_or_default();
            (index.to_owned(), name.to_owned())
        });
        let before = match &place {
            Some(place) if name.is_some() => self.places.get(place).copied(),
            _ => last,
        };
        let indexed = place.is_some();
        let at = before
            .filter(|at| {
                self.detail(*at)
                    .is_some_and(|item| item.takes(kind, &piece, indexed))
            })
            .unwrap_or_else(|| {
                self.items.push(Item::Open(Detail {
                    kind,
                    fields: Fields::default(),
                }));
                self.items.len() - 1
            });
        if let Some(place) = place {
            self.places.insert(place, at);
        }
        if let Some(Item::Open(detail)) = self.items.get_mut(at) {
            detail.apply(&piece);
        }
    }

    /// The array's items.
    pub(super) fn write(&self, out: &mut String) {
        for (at, item) in self.items.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match item {
                Item::Open(detail) => detail.fields.write(out, &[]),
                Item::Verbatim(text) => out.push_str(text),
            }
        }
    }

    fn detail(&self, at: usize) -> Option<&Detail> {
        match self.items.get(at)? {
            Item::Open(detail) => Some(detail),
            Item::Verbatim(_) => None,
        }
    }
}

impl Detail {
    /// Whether `piece` continues this item.
    fn takes(&self, kind: Kind, piece: &Object<'_>, indexed: bool) -> bool {
        // What both have must be equal; what one lacks it may still get.
        let differs = |name: &str| {
            let value = piece.present(name).filter(|value| *value != "\"\"");
            let known = self.fields.whole(name).filter(|known| *known != "\"\"");
            value.is_some() && known.is_some() && value != known
        };
        if kind != self.kind || differs("id") || differs("format") {
            return false;
        }
        let Some(mark) = kind.mark() else {
            return true;
        };
        if differs(mark) {
            return false;
        }
        if indexed {
            return true;
        }
        match kind {
            // A signature closes its block: text after it, with no index to say otherwise, is the next block's.
            Kind::Text => {
                let more = piece.present("text").and_then(json::string_body);
                self.fields.whole(mark).is_none_or(|known| known == "\"\"")
                    || piece.present(mark).is_some()
                    || more.is_none_or(str::is_empty)
            }
            Kind::Summary => true,
            Kind::Encrypted | Kind::ServerToolCall => piece.present(mark) == self.fields.whole(mark),
        }
    }

    fn apply(&mut self, piece: &Object<'_>) {
        for (name, value) in entries(piece) {
            if self.kind.joined() == Some(name) {
                self.fields.append(name, value);
            } else {
                self.fields.keep(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assembled(pieces: &[&str]) -> String {
        let mut details = Details::default();
        for piece in pieces {
            details.apply(piece);
        }
        let mut out = String::new();
        details.write(&mut out);
        out
    }

    #[test]
    fn texts_of_one_index_are_joined_and_the_signature_is_set_in_its_place() {
        assert_eq!(
            assembled(&[
                r#"{"type":"reasoning.text","text":"a\n","signature":null,"format":"f","index":0}"#,
                r#"{"type":"reasoning.summary","summary":"s","index":1}"#,
                r#"{"type":"reasoning.text","text":"b","format":"f","index":0}"#,
                r#"{"type":"reasoning.summary","summary":"t","index":1,"x":[1]}"#,
                r#"{"type":"reasoning.text","text":"","signature":"sig","format":"f","index":0}"#,
            ]),
            r#"{"type":"reasoning.text","text":"a\nb","signature":"sig","format":"f","index":0},{"type":"reasoning.summary","summary":"st","index":1,"x":[1]}"#
        );
    }

    #[test]
    fn encrypted_data_is_kept_whole_also_where_the_index_repeats() {
        let (a, b) = (
            r#"{"type":"reasoning.encrypted","data":"AA","id":"t1","index":0}"#,
            r#"{"type":"reasoning.encrypted","data":"BB","id":"t2","index":0}"#,
        );
        assert_eq!(assembled(&[a, b, b]), format!("{a},{b}"));
        let (c, d) = (
            r#"{"type":"reasoning.encrypted","data":"CC","index":0}"#,
            r#"{"type":"reasoning.encrypted","data":"DD","index":0}"#,
        );
        assert_eq!(assembled(&[c, d]), format!("{c},{d}"));
        let c = r#"{"type":"reasoning.encrypted","data":"CC"}"#;
        let d = r#"{"type":"reasoning.encrypted","data":"DD"}"#;
        assert_eq!(assembled(&[c, d]), format!("{c},{d}"));
    }

    #[test]
    fn without_an_index_neighbours_are_joined_up_to_the_signature() {
        assert_eq!(
            assembled(&[
                r#"{"type":"reasoning.text","text":"a"}"#,
                r#"{"text":"b"}"#,
                r#"{"type":"reasoning.text","signature":"s"}"#,
                r#"{"type":"reasoning.text","text":"c"}"#,
            ]),
            r#"{"type":"reasoning.text","text":"ab","signature":"s"},{"type":"reasoning.text","text":"c"}"#
        );
    }

    #[test]
    fn unknown_types_and_kinds_are_kept_as_they_came() {
        let odd = [r#"{"type":"new", "a" : 1.0}"#, "7", r#"{"index":0}"#];
        assert_eq!(assembled(&odd), odd.join(","));
    }
}
