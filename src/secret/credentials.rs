//! Which headers carry a secret, and which part of their value it is.

use zeroize::Zeroizing;

/// A header may contain a secret if a word of its name ends with one of these, as in `x-api-key` and `cf-aig-authorization`.
const WORDS: &[&str] = &[
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "jwt",
    "key",
    "password",
    "secret",
    "token",
];

/// Whether a header may contain a secret, going by its name.
pub fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| WORDS.iter().any(|end| word.ends_with(end)))
}

/// Returns the secrets in a header: none for most. Of `Bearer abc`, the secret is `abc`; of a cookie, each value is one.
pub(super) fn in_header(name: &str, value: &[u8]) -> Vec<Zeroizing<String>> {
    if name.eq_ignore_ascii_case("idempotency-key") || !is_credential(name) {
        return Vec::new();
    }
    let value = Zeroizing::new(String::from_utf8_lossy(value).into_owned());
    let owned = |secret: &str| Zeroizing::new(secret.trim().to_owned());
    if name.eq_ignore_ascii_case("cookie") {
        let values = value.split(';').filter_map(|pair| pair.split_once('='));
        return values.map(|(_, secret)| owned(secret)).collect();
    }
    // The first of two words is the scheme.
    let secret = value
        .trim()
        .split_once(' ')
        .map_or(&**value, |(_, secret)| secret);
    vec![owned(secret)]
}
