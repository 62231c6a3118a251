//! Assembles the arguments of one tool call from their pieces. The arguments are kept as the body of a JSON string, with
//! its escapes, and a scanner detects by the brackets when the JSON in it is complete. Each byte is scanned once, so that
//! the time depends on the bytes and not on the number of deltas.

use crate::json;

/// The arguments received so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments {
    body: String,
    /// Whether a character other than white space was received.
    started: bool,
    /// The number of open brackets.
    depth: usize,
    /// Whether the scanner is inside a string of the arguments.
    quoted: bool,
    /// Whether the previous character was a backslash inside a string.
    escaped: bool,
    /// Whether the outermost bracket was closed.
    closed: bool,
}

impl Arguments {
    /// Returns the arguments with this string body.
    pub(super) fn of(body: &str) -> Self {
        let mut arguments = Self::default();
        arguments.push(body);
        arguments
    }

    /// Returns the body of the JSON string, with its escapes.
    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// Whether nothing but white space was received. Takes constant time, because models have sent endless white space.
    pub(super) fn is_blank(&self) -> bool {
        !self.started
    }

    /// Whether the object (or array) is complete.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the arguments are `{}`, which some servers send before the real arguments.
    pub(super) fn is_placeholder(&self) -> bool {
        self.closed && self.body.len() <= 8 && self.compact() == "{}"
    }

    /// Appends a piece. Everything after the end of the arguments is dropped: some servers send white space or a second `}`.
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

    /// Whether the arguments are one well-formed JSON value.
    pub(super) fn is_valid(&self) -> bool {
        let mut text = String::with_capacity(self.body.len() + 2);
        super::fields::push_body(&mut text, &self.body);
        json::string(&text).is_some_and(|text| json::is_valid(&text))
    }

    /// Whether both are equal except for white space outside strings.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.bare().eq(other.bare())
    }

    /// Returns the body without the white space outside strings.
    pub(super) fn compact(&self) -> String {
        self.bare().collect()
    }

    /// Returns the characters of [`Self::compact`].
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

    /// Scans one character. Returns whether it ends the arguments.
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

/// Whether a string body contains nothing but white space.
pub(super) fn is_blank(body: &str) -> bool {
    Units::of(body).all(|(_, unit)| is_white(unit))
}

/// Whether the first character of a string body, after white space, is `{`.
pub(super) fn begins_object(body: &str) -> bool {
    Units::of(body)
        .map(|(_, unit)| unit)
        .find(|unit| !is_white(*unit))
        == Some('{')
}

fn is_white(unit: char) -> bool {
    matches!(unit, ' ' | '\t' | '\n' | '\r')
}

/// Iterates over the decoded characters of a string body, each with the offset of its end. Each escape of a surrogate is
/// decoded as U+FFFD: only the characters of the JSON grammar matter here.
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
    fn the_end_is_found_by_counting_the_brackets_outside_strings() {
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
    fn escaped_brackets_count_and_white_space_is_ignored() {
        assert!(Arguments::of(r"\u007b\u007D").is_closed());
        assert!(Arguments::of(r" {\n} ").is_placeholder());
        assert!(Arguments::of(r#"{\"a b\" : 1}"#).same_as(&Arguments::of(r#"{\n\"a b\":1 }"#)));
        assert!(!Arguments::of(r#"{\"ab\":1}"#).same_as(&Arguments::of(r#"{\"a b\":1}"#)));
        assert!(begins_object(r"\n {"));
        assert!(!begins_object("}"));
        assert!(is_blank(r" \n\t"));
    }

    #[test]
    fn invalid_escapes_do_not_panic() {
        for body in ["\\", "\\u", "\\u12", "é\\", "\\ud83d{}", "]]}"] {
            Arguments::of(body).is_valid();
        }
        assert!(Arguments::of(r#"{\"a\":\"\ud83d\"}"#).is_valid());
    }
}
