//! Lone surrogates: halves of a UTF-16 pair, written as `\uXXXX`, without their other half. `JSON.parse` accepts them, and
//! serde_json does not.

use std::borrow::Cow;

/// Replaces each escape from `\uD800` to `\uDFFF` that is not part of a surrogate pair by `\uFFFD`.
pub(super) fn replace_lone_surrogates(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        let start = at + offset;
        at = match unit(bytes, start) {
            Some(0xD800..=0xDBFF) if matches!(unit(bytes, start + 6), Some(0xDC00..=0xDFFF)) => start + 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str(text.get(copied..start).unwrap_or_default());
                out.push_str("\\uFFFD");
                copied = start + 6;
                copied
            }
            Some(_) => start + 6,
            None => start + 2,
        };
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Returns the UTF-16 code unit of the `\uXXXX` escape at offset `at`, if one starts there.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let hex = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}
