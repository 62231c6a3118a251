//! The API key, and the set of all secrets of a request. Neither shows itself in `Debug` output. [`Secrets`] is the one place
//! that removes secrets from texts of other origin, such as a response that echoes the key.

mod credentials;
mod forms;
mod key;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use memchr::memmem;
use zeroize::Zeroizing;

use crate::json;

use forms::{Form, unescaped};

pub use credentials::is_credential;
pub use key::{ApiKey, BadKey};

/// The text that replaces a secret.
pub const REDACTED: &str = "[REDACTED]";
/// What every key of OpenRouter begins with.
const MARK: &str = "sk-or-";
/// How many levels of escapes are searched. A text with more levels counts as one that contains a secret.
const MAX_ESCAPED: usize = 8;

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
            let is_new = !secret.is_empty() && !self.0.iter().chain(&forms).any(|form| form.text() == secret);
            if is_new && !REDACTED.contains(secret) {
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

    /// Returns `text` with each secret replaced by [`REDACTED`]. If an escape hides a secret so that it cannot be replaced by
    /// itself, the whole text is.
    pub fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.is_in(text) {
            return Cow::Borrowed(text);
        }
        let scrubbed = self.replaced(text, true);
        match self.is_in(&scrubbed) {
            true => Cow::Borrowed(REDACTED),
            false => scrubbed,
        }
    }

    /// Like [`Secrets::scrub`], for JSON text of other origin, which stays valid: only its strings are changed, also where
    /// escapes hide the secret, and in JSON text inside a string. A number that is a secret becomes a string. Names of fields
    /// are changed, too, but not because of a short secret. Text that is not JSON is scrubbed as plain text.
    pub fn scrub_json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.scrub_strings(text, true)
    }

    /// Like [`Secrets::scrub_json`], for JSON text of this client: the names of its fields are known, and not changed.
    pub fn scrub_values<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.scrub_strings(text, false)
    }

    fn scrub_strings<'t>(&self, text: &'t str, with_names: bool) -> Cow<'t, str> {
        if !self.is_in(text) {
            return Cow::Borrowed(text);
        }
        // A number or word by itself is plain text: it may be a string whose quotes were removed.
        if !text.trim_start().starts_with(['{', '[', '"']) || !json::is_valid(text) {
            return self.scrub(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, string, after)) = json::split_at_string(rest) {
            self.push_scalars(before, &mut out);
            let decoded = json::string(string).unwrap_or_default();
            let clean = match (after.trim_start().starts_with(':'), with_names) {
                (false, _) => self.scrub_json(&decoded),
                (true, true) => self.replaced(&decoded, false),
                (true, false) => Cow::Borrowed(&*decoded),
            };
            match clean == decoded {
                true => out.push_str(string),
                false => json::push_quoted(&mut out, &clean),
            }
            rest = after;
        }
        self.push_scalars(rest, &mut out);
        Cow::Owned(out)
    }

    /// Appends the JSON text between two strings. A number that is a secret becomes a string.
    fn push_scalars(&self, text: &str, out: &mut String) {
        let is_secret = |value: &str| self.0.iter().any(|form| !form.is_short() && form.text() == value);
        for piece in text.split_inclusive([',', ':', '[', '{', ' ', '\n', '\r', '\t']) {
            let value = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            match is_secret(value) {
                true => {
                    json::push_quoted(out, REDACTED);
                    out.push_str(piece.get(value.len()..).unwrap_or_default());
                }
                false => out.push_str(piece),
            }
        }
    }

    /// Whether a secret is in `text`, by itself or behind escapes.
    fn is_in(&self, text: &str) -> bool {
        if self.is_visible_in(text) {
            return true;
        }
        let mut escaped = unescaped(text);
        for _ in 0..MAX_ESCAPED {
            match escaped {
                Some(plain) if self.is_visible_in(&plain) => return true,
                Some(plain) => escaped = unescaped(&plain),
                None => return false,
            }
        }
        true
    }

    fn is_visible_in(&self, text: &str) -> bool {
        memmem::find(text.as_bytes(), MARK.as_bytes()).is_some()
            || self.0.iter().any(|form| form.find_in(text).next().is_some())
    }

    /// Replaces the secrets that are in `text` by themselves.
    fn replaced<'t>(&self, text: &'t str, with_short: bool) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for form in self.0.iter().filter(|form| with_short || !form.is_short()) {
            let mut out = String::new();
            let mut copied = 0;
            for at in form.find_in(&clean) {
                out.push_str(clean.get(copied..at).unwrap_or_default());
                out.push_str(REDACTED);
                copied = at + form.text().len();
            }
            if copied > 0 {
                out.push_str(clean.get(copied..).unwrap_or_default());
                clean = Cow::Owned(out);
            }
        }
        match without_marked(&clean) {
            Some(text) => Cow::Owned(text),
            None => clean,
        }
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

/// Returns `text` with everything that looks like a key of OpenRouter (`sk-or-…`) replaced; `None` if nothing does.
fn without_marked(text: &str) -> Option<String> {
    let mut parts = text.split(MARK);
    let mut out = parts.next().unwrap_or_default().to_owned();
    let length = out.len();
    for part in parts {
        out.push_str(REDACTED);
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    }
    (length < text.len()).then_some(out)
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
    fn secrets_are_scrubbed_anywhere_in_a_text() {
        let secrets = Secrets::of(["gateway-key", "", " ", "gateway-key-of-two", "[REDACTED]", "RED"]);
        let text = "bad gateway-key, gateway-key-of-two, xgateway-keyx and sk-or-v1-0123_ab-c. and sk-or-x";
        let clean = "bad [REDACTED], [REDACTED], x[REDACTED]x and [REDACTED]. and [REDACTED]";
        assert_eq!(secrets.scrub(text), clean);
        assert!(matches!(secrets.scrub("nothing here"), Cow::Borrowed(_)));
        assert_eq!(secrets.scrub(clean), clean);
        assert_eq!(Secrets::default().scrub("a sk-or-v1-b c"), "a [REDACTED] c");
    }

    #[test]
    fn a_short_secret_is_scrubbed_only_where_it_stands_alone() {
        for (secret, text, clean) in [
            (
                "x",
                "max x, (x) key=x. X x-ai/x x/y",
                "max [REDACTED], ([REDACTED]) key=[REDACTED]. X x-ai/x x/y",
            ),
            (
                "1",
                "gpt-4.1 costs 1. v1.1, 1",
                "gpt-4.1 costs [REDACTED]. v1.1, [REDACTED]",
            ),
            (
                "sk-1234",
                "sk-12345 xsk-1234 sk-1234",
                "sk-12345 xsk-1234 [REDACTED]",
            ),
            ("a\"b", r#"{"k":"a\"b"} a"b"#, r#"{"k":"[REDACTED]"} [REDACTED]"#),
        ] {
            assert_eq!(Secrets::of([secret]).scrub(text), clean);
        }
    }

    #[test]
    fn json_stays_valid_and_keeps_its_digits() {
        let secrets = Secrets::of(["x", "7", "true", "12345678", "gateway/key", "data"]);
        for (text, clean) in [
            (
                r#"{"x":7,"y":true,"data":["x"]}"#,
                r#"{"x":7,"y":true,"data":["[REDACTED]"]}"#,
            ),
            (
                r#"{"a":1.10,"b":"7","c":[12345678,123456789]}"#,
                r#"{"a":1.10,"b":"[REDACTED]","c":["[REDACTED]",123456789]}"#,
            ),
            (
                r#"{"gateway\/key":"\u0067ateway/key","n":"\ud83d"}"#,
                r#"{"[REDACTED]":"[REDACTED]","n":"\ud83d"}"#,
            ),
            (
                r#"{"raw":"{\"k\":\"\\u0067ateway/key\",\"n\":1.10}"}"#,
                r#"{"raw":"{\"k\":\"[REDACTED]\",\"n\":1.10}"}"#,
            ),
            (
                r#"{"raw":"not JSON: \\u0067ateway/key"}"#,
                r#"{"raw":"[REDACTED]"}"#,
            ),
            (r#"{"cut":"gateway\/key"#, r#"{"cut":"[REDACTED]"#),
            (r#"{"cut":"\u0067ateway\/key"#, "[REDACTED]"),
        ] {
            assert_eq!(secrets.scrub_json(text), clean);
            assert_eq!(json::is_valid(clean), json::is_valid(text));
            assert_eq!(secrets.scrub_json(clean), clean, "a second time changes nothing");
        }
        let own = r#"{"gateway/key":"gateway/key"}"#;
        assert_eq!(secrets.scrub_values(own), r#"{"gateway/key":"[REDACTED]"}"#);
    }

    #[test]
    fn a_secret_is_found_as_json_urls_and_html_write_it() {
        let secrets = Secrets::of([r#"a&b<c>"d'/é"#]);
        for written in [
            r#"a&b<c>\"d'/é"#,
            r#"a&b<c>\"d'\/é"#,
            "a%26b%3Cc%3E%22d%27%2F%C3%A9",
            "a&amp;b&lt;c&gt;&quot;d&#39;/é",
        ] {
            assert_eq!(secrets.scrub(&format!("<{written}>")), "<[REDACTED]>");
        }
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

    #[test]
    fn escapes_of_escapes_take_linear_time_and_hide_nothing() {
        let secrets = Secrets::of(["gateway-key"]);
        let mut text = "gateway-key".to_owned();
        for _ in 0..4 {
            text = json::quoted(&text.replace('g', "\\u0067"));
            assert!(!secrets.scrub_json(&text).contains("ateway"), "{text}");
        }
        let peeled = format!("\\{}", "u005c".repeat(200_000));
        assert_eq!(secrets.scrub(&peeled), REDACTED);
    }
}
