//! The API key and everything that keeps it out of sight: one type that never prints itself, and the scrubbing of
//! texts that came from elsewhere and may echo it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ring::digest::{self, SHA256};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::json;

/// What stands where a key stood.
pub const REDACTED: &str = "[REDACTED]";

/// An API key. `Debug` shows nothing of it, it is wiped when its last owner drops it, and it can be read in one place
/// only: the `Authorization` header.
#[derive(Clone)]
pub struct ApiKey {
    text: Arc<Zeroizing<String>>,
    digest: [u8; 32],
}

/// Why a text cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadKey {
    /// None was given.
    Missing,
    /// It holds what no header can: control characters, line ends, or characters outside ASCII.
    Unusable,
}

impl ApiKey {
    /// Takes the first of `candidates` that is not blank.
    pub fn choose<'a>(candidates: impl IntoIterator<Item = &'a str>) -> Result<Self, BadKey> {
        let text = candidates
            .into_iter()
            .map(str::trim)
            .find(|text| !text.is_empty())
            .ok_or(BadKey::Missing)?;
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadKey::Unusable);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&SHA256, text.as_bytes()).as_ref());
        Ok(Self {
            text: Arc::new(Zeroizing::new(text.to_owned())),
            digest,
        })
    }

    /// No key, for requests that carry none.
    pub fn absent() -> Self {
        Self {
            text: Arc::default(),
            digest: [0; 32],
        }
    }

    /// The key itself, for the `Authorization` header.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// A digest to tell keys apart by, in cache keys: the key cannot be had from it.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// `text` without this key and without anything that looks like one.
    pub fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut scrubbed = redact(text);
        // A body that echoes the key holds it as JSON writes it.
        let quoted = json::quoted(self.expose());
        for form in [self.expose(), quoted.trim_matches('"')] {
            if !form.is_empty() && scrubbed.contains(form) {
                scrubbed = Cow::Owned(scrubbed.replace(form, REDACTED));
            }
        }
        scrubbed
    }
}

impl ApiKey {
    /// [`ApiKey::scrub`] for JSON text, where a key may be written with escapes that hide it from a search.
    pub fn scrub_json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let scrubbed = self.scrub(text);
        if !scrubbed.contains('\\') {
            return scrubbed;
        }
        match json::value(&scrubbed).map(|value| (self.scrub_value(&value), value)) {
            Some((clean, value)) if clean != value => Cow::Owned(clean.to_string()),
            Some(_) => scrubbed,
            // Too deep, or a number too large, for a tree: rather nothing than a key.
            None => match self.scrub(&unescaped(&scrubbed)) {
                Cow::Borrowed(_) => scrubbed,
                Cow::Owned(_) => Cow::Owned(json::quoted(REDACTED)),
            },
        }
    }

    fn scrub_value(&self, value: &Value) -> Value {
        match value {
            // Providers' answers come as JSON in a string, with escapes of their own.
            Value::String(text) if text.starts_with(['{', '[']) => {
                Value::String(self.scrub_json(text).into_owned())
            }
            Value::String(text) => Value::String(self.scrub(text).into_owned()),
            Value::Array(items) => items.iter().map(|item| self.scrub_value(item)).collect(),
            Value::Object(entries) => entries
                .iter()
                .map(|(name, value)| (self.scrub(name).into_owned(), self.scrub_value(value)))
                .collect(),
            other => other.clone(),
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([REDACTED])")
    }
}

/// `text` with what JSON may write as an escape for a character of a key in plain.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let hex = after.strip_prefix('u').and_then(|hex| hex.get(..4));
        let letter = hex
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        match letter {
            Some(letter) => {
                out.push(letter);
                rest = after.get(5..).unwrap_or_default();
            }
            None => {
                out.extend(after.chars().next());
                rest = after
                    .get(after.chars().next().map_or(0, char::len_utf8)..)
                    .unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// `text` without anything that looks like an OpenRouter key (`sk-or-…`), wherever it stands in it.
pub fn redact(text: &str) -> Cow<'_, str> {
    const MARK: &str = "sk-or-";
    if !text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        out.push_str(before);
        out.push_str(REDACTED);
        rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_real_key_is_taken_and_trimmed() {
        let key = ApiKey::choose(["", " ", "  sk-or-v1-abc\n", "other"]).unwrap();
        assert_eq!(key.expose(), "sk-or-v1-abc");
        assert_eq!(ApiKey::choose([" "]).unwrap_err(), BadKey::Missing);
        assert_eq!(ApiKey::choose(["a\nb"]).unwrap_err(), BadKey::Unusable);
        assert_eq!(ApiKey::choose(["schlüssel"]).unwrap_err(), BadKey::Unusable);
    }

    #[test]
    fn a_key_never_prints_itself() {
        let key = ApiKey::choose(["sk-or-v1-canary"]).unwrap();
        assert!(!format!("{key:?} {key:#?}").contains("canary"));
    }

    #[test]
    fn keys_are_scrubbed_anywhere_in_a_text() {
        let key = ApiKey::choose(["my-own-gateway-key"]).unwrap();
        let text = "bad my-own-gateway-key, and sk-or-v1-0123_ab-c. and sk-or-x";
        assert_eq!(key.scrub(text), "bad [REDACTED], and [REDACTED]. and [REDACTED]");
        assert!(matches!(key.scrub("nothing here"), Cow::Borrowed(_)));
    }
}
