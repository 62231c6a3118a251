//! How much one completion may contain. A server could otherwise fill the memory of the process with a small body: the shortest
//! choice, `{"index":7}`, takes 11 bytes on the wire and more than a thousand when it is assembled.

use std::fmt;

/// The largest number of choices. The API refuses a request for more.
pub(super) const MAX_CHOICES: usize = 128;
/// The largest number of tool calls of a choice.
pub(super) const MAX_TOOL_CALLS: usize = 1024;
/// The largest number of `reasoning_details` of a choice, and of its images and annotations.
pub(super) const MAX_ITEMS: usize = 4096;
/// The largest number of names in one object. Further names, which this client does not know, are left out.
pub(super) const MAX_NAMES: usize = 4096;

/// More of something than a completion may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    what: &'static str,
    limit: usize,
}

impl TooMany {
    /// Returns an error if there are more than `limit` of `what`.
    pub(super) fn check(what: &'static str, count: usize, limit: usize) -> Result<(), Self> {
        match count > limit {
            true => Err(Self { what, limit }),
            false => Ok(()),
        }
    }
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The answer has more than {} {}.", self.limit, self.what)
    }
}

/// The room that is left in an excerpt of a completion, in bytes.
pub(super) struct Room(pub(super) usize);

impl Room {
    /// Returns `value` if it fits; else nothing.
    pub(super) fn whole<T: Default>(&mut self, value: T, size: usize) -> T {
        match self.take(size) {
            true => value,
            false => T::default(),
        }
    }

    /// Whether `size` bytes fit, which are then taken.
    pub(super) fn take(&mut self, size: usize) -> bool {
        let left = self.0.checked_sub(size);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    /// Returns the beginning of a string body, as much as fits. No escape and no character is cut into pieces.
    pub(super) fn beginning(&mut self, body: &str) -> String {
        let end = beginning_of(body, self.0);
        self.0 -= end;
        body.get(..end).unwrap_or_default().to_owned()
    }
}

fn beginning_of(body: &str, limit: usize) -> usize {
    if body.len() <= limit {
        return body.len();
    }
    let end = body.floor_char_boundary(limit);
    let bytes = body.as_bytes();
    let mut at = 0;
    while let Some(next) = bytes.get(at..end).and_then(|rest| memchr::memchr(b'\\', rest)) {
        let start = at + next;
        at = start + if bytes.get(start + 1) == Some(&b'u') { 6 } else { 2 };
        if at > end {
            return start;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_cuts_neither_escapes_nor_characters() {
        let body = r"aé\n\u00e9\\z";
        let cuts: Vec<_> = (0..=body.len()).map(|limit| beginning_of(body, limit)).collect();
        assert_eq!(cuts, [0, 1, 1, 3, 3, 5, 5, 5, 5, 5, 5, 11, 11, 13, 14]);
    }

    #[test]
    fn an_excerpt_takes_what_fits() {
        let mut room = Room(5);
        assert_eq!(room.whole("abcdef", 6), "");
        assert_eq!(room.whole("abc", 3), "abc");
        assert_eq!(room.beginning("defg"), "de");
        assert_eq!(room.beginning("h"), "");
    }
}
