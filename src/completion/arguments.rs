//! The arguments of one call as they stream in: an escaped string body, and a scanner that knows from the brackets
//! when the JSON inside is complete. Each byte is scanned once, so that ten thousand deltas cost what one does.

use crate::json;

/// Arguments under assembly.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments {
    body: String,
    started: bool,
    depth: usize,
    quoted: bool,
    escaped: bool,
    closed: bool,
}

impl Arguments {
    /// The arguments that `body` holds.
    pub(super) fn of(body: &str) -> Self {
        let mut arguments = Self::default();
        arguments.push(body);
        arguments
    }

    /// The body of the string, escapes untouched.
    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// Whether nothing but white space came. Known without a look back: models have sent it without end.
    pub(super) fn is_blank(&self) -> bool {
        !self.started
    }

    /// Whether the object (or array) is complete.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether they are `{}`, which some servers send ahead of the real ones.
    pub(super) fn is_placeholder(&self) -> bool {
        self.closed && self.body.len() <= 8 && self.compact() == "{}"
    }

    /// Appends a piece; what comes after the end of the arguments is dropped (T2: white space, a second `}`).
    pub(super) fn push(&mut self, piece: &str) {
        if self.closed {
            return;
        }
        for (end, unit) in Units::of(piece) {
            if self.step(unit) {
                self.body.push_str(piece.get(..end).unwrap_or(piece));
                return;
            }
        }
        self.body.push_str(piece);
    }

    /// Whether the text is a JSON value.
    pub(super) fn is_valid(&self) -> bool {
        let mut text = String::with_capacity(self.body.len() + 2);
        super::fields::push_body(&mut text, &self.body);
        json::string(&text).is_some_and(|text| json::is_valid(&text))
    }

    /// Whether both say the same but for white space.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.bare().eq(other.bare())
    }

    /// The body without white space between its tokens.
    pub(super) fn compact(&self) -> String {
        self.bare().collect()
    }

    fn bare(&self) -> impl Iterator<Item = &str> {
        let mut scan = Self::default();
        let mut at = 0;
        Units::of(&self.body).filter_map(move |(end, unit)| {
            let start = std::mem::replace(&mut at, end);
            let blank = !scan.quoted && is_white(unit);
            scan.step(unit);
            (!blank).then(|| self.body.get(start..end)).flatten()
        })
    }

    /// Takes one character in; true where the value ends with it.
    fn step(&mut self, unit: char) -> bool {
        self.started |= !is_white(unit);
        if self.quoted {
            if self.escaped {
                self.escaped = false;
            } else if unit == '\\' {
                self.escaped = true;
            } else if unit == '"' {
                self.quoted = false;
            }
            return false;
        }
        match unit {
            '"' => self.quoted = true,
            '{' | '[' => self.depth += 1,
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                self.closed = self.depth == 0;
                return self.closed;
            }
            _ => {}
        }
        false
    }
}

/// Whether a string body holds nothing but white space.
pub(super) fn is_blank(body: &str) -> bool {
    Units::of(body).all(|(_, unit)| is_white(unit))
}

/// Whether a piece begins a new object.
pub(super) fn begins_object(body: &str) -> bool {
    Units::of(body)
        .map(|(_, unit)| unit)
        .find(|unit| !is_white(*unit))
        == Some('{')
}

fn is_white(unit: char) -> bool {
    matches!(unit, ' ' | '\t' | '\n' | '\r')
}

/// The characters of a string body with their escapes resolved, each with the offset of its end. A half of a
/// surrogate pair counts as U+FFFD: only the characters of JSON's own grammar matter here.
struct Units<'a> {
    chars: std::str::CharIndices<'a>,
}

impl<'a> Units<'a> {
    fn of(body: &'a str) -> Self {
        Self {
            chars: body.char_indices(),
        }
    }
}

impl Iterator for Units<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<Self::Item> {
        let (_, first) = self.chars.next()?;
        let unit = if first == '\\' {
            match self.chars.next().map_or('\\', |(_, escape)| escape) {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let code = self
                        .chars
                        .by_ref()
                        .take(4)
                        .fold(0, |code, (_, digit)| code * 16 + digit.to_digit(16).unwrap_or(0));
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
                other => other,
            }
        } else {
            first
        };
        Some((self.chars.offset(), unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_known_from_the_brackets_outside_strings() {
        let mut arguments = Arguments::default();
        for piece in [r#" {\"a"#, r#"\":\"}\\\"}"#, r#"\",\"b\":[{}"#, "]"] {
            arguments.push(piece);
            assert!(!arguments.is_closed(), "{piece}");
        }
        arguments.push("} }\\n");
        assert!(arguments.is_closed());
        assert_eq!(arguments.body(), r#" {\"a\":\"}\\\"}\",\"b\":[{}]}"#);
        assert!(arguments.is_valid());
    }

    #[test]
    fn escaped_brackets_count_and_white_space_does_not() {
        assert!(Arguments::of(r"\u007b\u007D").is_closed());
        assert!(Arguments::of(r" {\n} ").is_placeholder());
        assert!(Arguments::of(r#"{\"a b\" : 1}"#).same_as(&Arguments::of(r#"{\n\"a b\":1 }"#)));
        assert!(!Arguments::of(r#"{\"ab\":1}"#).same_as(&Arguments::of(r#"{\"a b\":1}"#)));
        assert!(begins_object(r"\n {"));
        assert!(!begins_object("}"));
        assert!(is_blank(r" \n\t"));
    }

    #[test]
    fn broken_escapes_do_no_harm() {
        for body in ["\\", "\\u", "\\u12", "é\\", "\\ud83d{}", "]]}"] {
            Arguments::of(body).is_valid();
        }
        assert!(Arguments::of(r#"{\"a\":\"\ud83d\"}"#).is_valid());
    }
}
