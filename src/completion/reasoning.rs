//! Assembles `reasoning_details` from their pieces. The result can be sent back unmodified: a lost signature or a changed
//! order would make the next turn fail. Texts and summaries are appended, encrypted data never is, and unknown items are
//! kept as they are. Pieces belong to the same item if their index and type are equal; without an index, if they are
//! adjacent.

use std::collections::HashMap;

use super::fields::{Fields, entries};
use super::limits::{MAX_ITEMS, Room, TooMany};
use crate::json::{self, Object};

/// The details of one choice, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Details {
    items: Vec<Item>,
    /// Maps an index (as JSON text) and a type to the position of the last item that has them. An empty type stands for any.
    places: HashMap<(String, String), usize>,
}

#[derive(Debug, Clone)]
enum Item {
    /// An item of a known type, which may arrive in pieces.
    Open(Detail),
    /// Any other item, as the server sent it.
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

    /// Returns the field that is appended to; all other fields are replaced.
    fn joined(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("text"),
            Self::Summary => Some("summary"),
            Self::Encrypted | Self::ServerToolCall => None,
        }
    }

    /// Returns the field that distinguishes items of this type. Its value always arrives whole.
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

    /// Returns a copy of the items that fit.
    pub(super) fn excerpt(&self, room: &mut Room) -> Self {
        let items = self.items.iter().filter(|item| room.take(item.size()));
        Self {
            items: items.cloned().collect(),
            places: HashMap::new(),
        }
    }

    /// Applies one item of a delta's `reasoning_details`.
    pub(super) fn apply(&mut self, text: &str) -> Result<(), TooMany> {
        let Some(piece) = Object::parse(text) else {
            return self.push(Item::Verbatim(text.to_owned())).map(drop);
        };
        let index = piece.present("index");
        let name = piece.string("type");
        let before = match index {
            Some(index) => {
                let name = name.as_deref().unwrap_or_default();
                self.places.get(&(index.to_owned(), name.to_owned())).copied()
            }
            None => self.items.len().checked_sub(1),
        };
        let kind = match &name {
            Some(name) => Kind::of(name),
            // A piece without a type continues an item: the last one with its index, or without an index the last one.
            None => before.and_then(|at| self.detail(at)).map(|item| item.kind),
        };
        let Some(kind) = kind else {
            return self.push(Item::Verbatim(text.to_owned())).map(drop);
        };
        let continued = before.filter(|at| {
            self.detail(*at)
                .is_some_and(|item| item.takes(kind, &piece, index.is_some()))
        });
        let at = match continued {
            Some(at) => at,
            None => self.push(Item::Open(Detail {
                kind,
                fields: Fields::default(),
            }))?,
        };
        if let Some(index) = index {
            for name in [name.as_deref().unwrap_or_default(), ""] {
                self.places.insert((index.to_owned(), name.to_owned()), at);
            }
        }
        if let Some(Item::Open(detail)) = self.items.get_mut(at) {
            detail.apply(&piece);
        }
        Ok(())
    }

    /// Adds an item, and returns its position.
    fn push(&mut self, item: Item) -> Result<usize, TooMany> {
        TooMany::check("reasoning_details in a choice", self.items.len() + 1, MAX_ITEMS)?;
        self.items.push(item);
        Ok(self.items.len() - 1)
    }

    /// Writes the items of the array, without its brackets.
    pub(super) fn write(&self, out: &mut String) {
        for (at, item) in self.items.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match item {
                Item::Open(detail) => detail.fields.write(out),
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

impl Item {
    fn size(&self) -> usize {
        match self {
            Self::Open(detail) => detail.fields.size(),
            Self::Verbatim(text) => text.len(),
        }
    }
}

impl Detail {
    /// Whether `piece` continues this item.
    fn takes(&self, kind: Kind, piece: &Object<'_>, indexed: bool) -> bool {
        // A field differs only if both have a value for it: the missing value may still arrive.
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
            // A signature ends its block, so without an index, text after a signature begins the next block.
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
            details.apply(piece).unwrap();
        }
        let mut out = String::new();
        details.write(&mut out);
        out
    }

    #[test]
    fn pieces_with_the_same_index_are_joined_and_keep_their_signature() {
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
    fn encrypted_items_are_never_joined_even_with_the_same_index() {
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
    fn without_an_index_adjacent_pieces_are_joined_until_a_signature() {
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
    fn a_piece_without_a_type_continues_the_item_of_its_index() {
        assert_eq!(
            assembled(&[
                r#"{"type":"reasoning.text","text":"a","index":0}"#,
                r#"{"type":"reasoning.summary","summary":"s","index":1}"#,
                r#"{"text":"b","index":0}"#,
                r#"{"summary":"t","index":1}"#,
                r#"{"text":"of no item","index":2}"#,
            ]),
            r#"{"type":"reasoning.text","text":"ab","index":0},{"type":"reasoning.summary","summary":"st","index":1},{"text":"of no item","index":2}"#
        );
    }

    #[test]
    fn items_of_unknown_types_are_kept_unchanged() {
        let odd = [r#"{"type":"new", "a" : 1.0}"#, "7", r#"{"index":0}"#];
        assert_eq!(assembled(&odd), odd.join(","));
    }
}
