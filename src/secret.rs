//! The API key and the means to keep it out of logs and errors: a type whose `Debug` output does not show the key, and
//! functions that remove keys from texts of other origin, such as a server's response that echoes the key.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ring::digest::{self, SHA256};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::json;

/// The text that replaces a key.
pub const REDACTED: &str = "[REDACTED]";

/// An API key. `Debug` does not show it, its memory is zeroed when the last clone is dropped, and [`ApiKey::expose`] is
/// the only way to read it.
#[derive(Clone)]
pub struct ApiKey {
    text: Arc<Zeroizing<String>>,
    digest: [u8; 32],
}

/// Why no key could be taken from the candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadKey {
    /// No candidate was given, or all are blank.
    Missing,
    /// The key contains characters that are not allowed in an `Authorization` header: white space, control characters or
    /// characters outside ASCII.
    Unusable,
}

impl ApiKey {
    /// Returns the first of `candidates` that is not blank, trimmed, as a key.
    ///
    /// # Errors
    /// [`BadKey`] if all candidates are blank, or if the first that is not cannot be sent in a header.
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

    /// Returns an empty key, for requests without an `Authorization` header.
    pub fn absent() -> Self {
        Self {
            text: Arc::default(),
            digest: [0; 32],
        }
    }

    /// Returns the text of the key, for the `Authorization` header and the client's `apiKey` property.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns the SHA-256 digest of the key. Caches use it to tell keys apart without storing them. All zeros for the
    /// absent key.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Returns `text` with this key, and everything that looks like an OpenRouter key, replaced by [`REDACTED`].
    pub fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut scrubbed = redact(text);
        // A JSON body that echoes the key contains its JSON-escaped form.
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
    /// Like [`ApiKey::scrub`], for JSON text: finds the key also where JSON escapes hide it from a plain search.
    pub fn scrub_json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let scrubbed = self.scrub(text);
        if !scrubbed.contains('\\') {
            return scrubbed;
        }
        match json::value(&scrubbed).map(|value| (self.scrub_value(&value), value)) {
            Some((clean, value)) if clean != value => Cow::Owned(clean.to_string()),
            Some(_) => scrubbed,
            // serde_json cannot parse the text (nested too deeply, or a number out of range). If its unescaped form
            // contains a key, the whole text is dropped, because the key cannot be replaced reliably.
            None => match self.scrub(&unescaped(&scrubbed)) {
                Cow::Borrowed(_) => scrubbed,
                Cow::Owned(_) => Cow::Owned(json::quoted(REDACTED)),
            },
        }
    }

    fn scrub_value(&self, value: &Value) -> Value {
        match value {
            // OpenRouter passes a provider's response on as JSON inside a string, which has escapes of its own.
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

/// Replaces the JSON escapes that may stand for a character of a key (`\uXXXX`, `\"`, `\\`, `\/`) by that character.
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

/// Returns `text` with everything that looks like an OpenRouter key (`sk-or-…`) replaced by [`REDACTED`].
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
    fn the_first_candidate_that_is_not_blank_is_taken_and_trimmed() {
        let key = ApiKey::choose(["", " ", "  sk-or-v1-abc\n", "other"]).unwrap();
        assert_eq!(key.expose(), "sk-or-v1-abc");
        assert_eq!(ApiKey::choose([" "]).unwrap_err(), BadKey::Missing);
        assert_eq!(ApiKey::choose(["a\nb"]).unwrap_err(), BadKey::Unusable);
        assert_eq!(ApiKey::choose(["schlüssel"]).unwrap_err(), BadKey::Unusable);
    }

    #[test]
    fn debug_output_does_not_show_the_key() {
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
