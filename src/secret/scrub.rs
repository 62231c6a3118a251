//! Removes secrets from texts.

use std::borrow::Cow;

use memchr::memmem;

use super::forms::{Escapes, Form, Hits, hides, unescaped};
use super::{MARK, REDACTED, Secrets, is_of_key};
use crate::json;

/// How many levels of escapes are searched. A text with more levels counts as one that contains a secret.
const MAX_ESCAPED: usize = 8;
/// The most bytes of an escape that stands for one byte: `\\u0067`, in JSON within JSON.
const ESCAPED_SIZE: usize = 7;

impl Secrets {
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

    /// Like [`Secrets::scrub`], for the first `limit` bytes of a text that may be long: the rest is not searched. What may be
    /// the beginning of a secret at the end is left out.
    pub fn scrub_start<'t>(&self, text: &'t str, limit: usize) -> Cow<'t, str> {
        // The longest forms come first.
        let longest = ESCAPED_SIZE * self.0.first().map_or(0, |form| form.text().len());
        let read = text.floor_char_boundary(limit.saturating_add(longest));
        let clean = self.scrub(text.get(..read).unwrap_or_default());
        let end = match read < text.len() && clean != REDACTED {
            true => clean.len().saturating_sub(longest).min(limit),
            false => limit,
        };
        let end = clean.floor_char_boundary(end);
        match clean {
            Cow::Borrowed(clean) => Cow::Borrowed(clean.get(..end).unwrap_or_default()),
            Cow::Owned(mut clean) => {
                clean.truncate(end);
                Cow::Owned(clean)
            }
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
        let mut hits = Hits::new(self.visible_in(text));
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, string, after)) = json::split_at_string(rest) {
            let end = text.len() - after.len();
            self.push_scalars(before, hits.any_before(end - string.len()), &mut out);
            rest = after;
            // Most strings are not decoded: they contain neither a secret nor an escape that may hide one.
            if !hits.any_before(end) && !hides(string.as_bytes(), self.escapes()) {
                out.push_str(string);
                continue;
            }
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
        }
        self.push_scalars(rest, hits.any_before(text.len()), &mut out);
        Cow::Owned(out)
    }

    /// Appends the JSON text between two strings. A number that is a secret becomes a string.
    fn push_scalars(&self, text: &str, has_secret: bool, out: &mut String) {
        if !has_secret {
            return out.push_str(text);
        }
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
        if self.visible_in(text).next().is_some() {
            return true;
        }
        let escapes = self.escapes();
        let mut escaped = unescaped(text, escapes);
        for _ in 0..MAX_ESCAPED {
            match escaped {
                Some(plain) if self.visible_in(&plain).next().is_some() => return true,
                Some(plain) => escaped = unescaped(&plain, escapes),
                None => return false,
            }
        }
        true
    }

    /// Returns where the secrets are that are in `text` by themselves, each in its order.
    fn visible_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        memmem::find_iter(text.as_bytes(), MARK.as_bytes())
            .chain(self.0.iter().flat_map(move |form| form.find_in(text)))
    }

    /// Returns which escapes may hide a secret. A letter of an escape before a short one, as in `\nx`, looks like a part of
    /// the same word.
    fn escapes(&self) -> Escapes {
        match self.0.iter().any(Form::is_short) {
            true => Escapes::All,
            false if self.0.iter().any(|form| form.text().contains(['"', '\\', '/'])) => Escapes::Printed,
            false => Escapes::Hex,
        }
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

/// Returns `text` with everything that looks like a key of OpenRouter (`sk-or-…`) replaced; `None` if nothing does.
fn without_marked(text: &str) -> Option<String> {
    let mut parts = text.split(MARK);
    let mut out = parts.next().unwrap_or_default().to_owned();
    let length = out.len();
    for part in parts {
        out.push_str(REDACTED);
        out.push_str(part.trim_start_matches(is_of_key));
    }
    (length < text.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_start_of_a_long_text_is_scrubbed_and_ends_before_a_part_of_a_secret() {
        let secrets = Secrets::of(["gateway-key"]);
        for before in 0..120 {
            let text = format!("{}gateway-key{}", "ü".repeat(before), "x".repeat(200));
            let start = secrets.scrub_start(&text, 100);
            assert!(!start.contains("ateway") && start.len() <= 100, "{start}");
            assert!(text.replace("gateway-key", REDACTED).starts_with(&*start));
            let hidden = text.replacen('g', "\\u0067", 1);
            assert!(!secrets.scrub_start(&hidden, 100).contains("ateway"));
        }
        assert_eq!(secrets.scrub_start("a gateway-key", 100), "a [REDACTED]");
        assert_eq!(secrets.scrub_start(&"x".repeat(300), 100).len(), 100);
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
                r#"{"a":"Key:\nx","b":"\nnx"}"#,
                r#"{"a":"Key:\n[REDACTED]","b":"\nnx"}"#,
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
