//! The API key.

use std::fmt;
use std::sync::Arc;

use ring::digest::{self, SHA256};
use zeroize::Zeroizing;

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
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([REDACTED])")
    }
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
}
