//! The API key, and the set of all secrets of a request. Neither shows itself in `Debug` output. [`Secrets`] is the one place
//! that removes secrets from texts of other origin, such as a response that echoes the key.

mod credentials;
mod forms;
mod key;
mod scrub;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use forms::Form;

pub use credentials::is_credential;
pub use key::{ApiKey, BadKey};

/// The text that replaces a secret.
pub const REDACTED: &str = "[REDACTED]";
/// What every key of OpenRouter begins with.
const MARK: &str = "sk-or-";

/// The secrets that a request carries: the API key, the credentials in its headers, the password of its proxy. The set is
/// cheap to clone. Everything that looks like a key of OpenRouter (`sk-or-…`) counts as a secret, too, also in an empty set.
///
/// A secret of 8 characters or more is replaced wherever it is. A shorter one may be a common word, so it is replaced only
/// where it stands alone: the key `x` must not turn `max` into `ma[REDACTED]`.
#[derive(Clone, Default)]
pub struct Secrets(Arc<[Form]>);

impl Secrets {
    /// Returns a set of these secrets. Blank ones are left out.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        Self::default().with(secrets)
    }

    /// Returns this set with further secrets.
    pub fn with<'s>(&self, secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut forms = Vec::new();
        for secret in secrets.into_iter().map(str::trim) {
            // A secret that is a part of the replacement cannot be told from it.
            let is_needed = !secret.is_empty() && !REDACTED.contains(secret) && !is_marked(secret);
            if is_needed && !self.0.iter().chain(&forms).any(|form| form.text() == secret) {
                forms.extend(Form::all_of(secret));
            }
        }
        if forms.is_empty() {
            return self.clone();
        }
        forms.extend_from_slice(&self.0);
        // Longer ones first: one secret may contain another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.text().len()));
        Self(forms.into())
    }

    /// Returns this set with the credentials in `headers`, such as `Authorization`, `x-api-key` and `Cookie`.
    pub fn with_headers<'h>(&self, headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Self {
        let found = headers
            .into_iter()
            .flat_map(|(name, value)| credentials::in_header(name, value));
        let found: Vec<Zeroizing<String>> = found.collect();
        self.with(found.iter().map(|secret| secret.as_str()))
    }
}

impl From<&ApiKey> for Secrets {
    fn from(key: &ApiKey) -> Self {
        Self::of([key.expose()])
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets([REDACTED])")
    }
}

/// Whether a secret is found by [`MARK`] alone, so that it needs no form of its own.
fn is_marked(secret: &str) -> bool {
    secret
        .strip_prefix(MARK)
        .is_some_and(|rest| rest.chars().all(is_of_key))
}

/// Whether a key of OpenRouter may contain this character.
fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_show_a_secret() {
        let key = ApiKey::choose(["sk-or-v1-canary"]).unwrap();
        let secrets = Secrets::from(&key).with(["other-canary"]);
        assert!(!format!("{key:?} {key:#?} {secrets:?} {secrets:#?}").contains("canary"));
    }

    #[test]
    fn credentials_are_taken_from_headers() {
        let headers = [
            ("Authorization", "Bearer first-canary"),
            ("X-API-Key", "second-canary"),
            ("cf-aig-authorization", "third-canary"),
            ("Cookie", "session=fourth-canary; theme=fifth-canary"),
            ("X-Title", "My site"),
            ("X-Max-Tokens", "4096"),
            ("X-Author", "mistral"),
            ("X-Goog-ApiKey", "sixth-canary"),
            ("Idempotency-Key", "request-1"),
        ];
        let bytes = headers.map(|(name, value)| (name, value.as_bytes()));
        let secrets = Secrets::default().with_headers(bytes);
        assert_eq!(
            secrets.scrub(
                "first-canary Bearer second-canary third-canary fourth-canary fifth-canary sixth-canary My site 4096 mistral \
                 request-1"
            ),
            "[REDACTED] Bearer [REDACTED] [REDACTED] [REDACTED] [REDACTED] [REDACTED] My site 4096 mistral \
             request-1"
        );
        assert!(
            Arc::ptr_eq(&secrets.0, &secrets.with_headers(bytes).0),
            "known secrets are not copied"
        );
    }
}
