//! Which headers carry a secret, and which part of their value it is.

use zeroize::Zeroizing;

/// A header is taken for a secret if its name contains one of these words, as in `x-api-key` and `cf-aig-authorization`.
const WORDS: &[&str] = &[
    "apikey",
    "auth",
    "authentication",
    "authorization",
    "cookie",
    "credential",
    "key",
    "password",
    "secret",
    "token",
];

/// Returns the secrets in a header: none for most. Of `Bearer abc`, the secret is `abc`; of a cookie, each value is one.
pub(super) fn in_header(name: &str, value: &[u8]) -> Vec<Zeroizing<String>> {
    let name = name.to_ascii_lowercase();
    let words = || name.split(|c: char| !c.is_ascii_alphanumeric());
    if name == "idempotency-key" || !words().any(|word| WORDS.contains(&word)) {
        return Vec::new();
    }
    let value = Zeroizing::new(String::from_utf8_lossy(value).into_owned());
    let owned = |secret: &str| Zeroizing::new(secret.trim().to_owned());
    if words().any(|word| word == "cookie") {
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
