//! The forms in which a text may contain a secret, and where a form counts as found.

use memchr::{memchr_iter, memmem};
use zeroize::Zeroizing;

use crate::json;

/// The length, in bytes, from which a secret is replaced wherever it is. A shorter one may be a common word.
const MIN_LONG: usize = 8;

/// A secret as plain text, or as JSON, a URL or HTML writes it. Its memory is zeroed when it is dropped.
#[derive(Clone)]
pub(super) struct Form {
    text: Zeroizing<String>,
    is_short: bool,
}

impl Form {
    /// Returns the forms of `secret`; only one if none of its characters is ever escaped.
    pub(super) fn all_of(secret: &str) -> Vec<Self> {
        let quoted = Zeroizing::new(json::quoted(secret));
        let in_json = json::string_body(&quoted).unwrap_or_default();
        let in_url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let in_html = [
            ("&", "&amp;"),
            ("<", "&lt;"),
            (">", "&gt;"),
            ("\"", "&quot;"),
            ("'", "&#39;"),
        ]
        .iter()
        .fold(secret.to_owned(), |text, (letter, escape)| {
            text.replace(letter, escape)
        });
        let mut forms: Vec<Self> = Vec::with_capacity(1);
        for text in [
            secret.to_owned(),
            in_json.to_owned(),
            in_json.replace('/', "\\/"),
            in_url,
            in_html,
        ] {
            let text = Zeroizing::new(text);
            if !forms.iter().any(|form| form.text == text) {
                forms.push(Self {
                    text,
                    is_short: secret.len() < MIN_LONG,
                });
            }
        }
        forms
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_short(&self) -> bool {
        self.is_short
    }

    /// Returns where the form is in `text`. A short secret is found only where it stands alone.
    pub(super) fn find_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        memmem::find_iter(text.as_bytes(), self.text.as_bytes())
            .filter(move |at| !self.is_short || stands_alone(text, *at, at + self.text.len()))
    }
}

/// Whether the text from `start` to `end` is neither a part of a word nor of a path or number, such as `author/model` and
/// `4.1`.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
    let continues = |mut outward: Box<dyn Iterator<Item = char> + '_>| match outward.next() {
        Some('.') => outward.next().is_some_and(is_word),
        next => next.is_some_and(is_word),
    };
    !continues(Box::new(text.get(..start).unwrap_or_default().chars().rev()))
        && !continues(Box::new(text.get(end..).unwrap_or_default().chars()))
}

/// Which escapes may hide a part of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// `\uXXXX` and the escapes of an escape, such as `\\u`.
    Hex,
    /// Also `\"` and `\/`, because a secret contains these characters.
    Printed,
    /// Also `\n` and its kin.
    All,
}

/// Returns `text` with its escapes (`\uXXXX`, `\"`, `\\`, `\/`) replaced by the characters that they stand for, and others by
/// a space; `None` if it has none of `escapes`.
pub(super) fn unescaped(text: &str, escapes: Escapes) -> Option<String> {
    if !hides(text.as_bytes(), escapes) {
        return None;
    }
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let hex = after.strip_prefix('u').and_then(|hex| hex.get(..4));
        let unit = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let (letter, length) = match (unit, after.chars().next()) {
            // Half of a surrogate pair is no character, and in no secret.
            (Some(unit), _) => (char::from_u32(unit).unwrap_or(' '), 5),
            (None, Some('n' | 'r' | 't' | 'b' | 'f')) => (' ', 1),
            (None, Some(other)) => (other, other.len_utf8()),
            (None, None) => (' ', 0),
        };
        out.push(letter);
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Some(out)
}

/// Whether `text` has one of `escapes`. Most texts have only others, such as `\n`.
pub(super) fn hides(text: &[u8], escapes: Escapes) -> bool {
    // The second backslash of `\\` is reached only if the first was not enough.
    memchr_iter(b'\\', text).any(|at| match text.get(at + 1) {
        None => false,
        Some(b'n' | b'r' | b't' | b'b' | b'f') => escapes == Escapes::All,
        Some(b'"' | b'/') => escapes != Escapes::Hex,
        Some(_) => true,
    })
}

/// Places in a text, which are asked for from its beginning to its end.
pub(super) struct Hits(std::iter::Peekable<std::vec::IntoIter<usize>>);

impl Hits {
    pub(super) fn new(places: impl Iterator<Item = usize>) -> Self {
        let mut places: Vec<usize> = places.collect();
        places.sort_unstable();
        Self(places.into_iter().peekable())
    }

    /// Whether there is a place before `end` and after the end that was asked for before.
    pub(super) fn any_before(&mut self, end: usize) -> bool {
        let mut any = false;
        while self.0.next_if(|place| *place < end).is_some() {
            any = true;
        }
        any
    }
}
