//! The address of a request that a caller names by its path. The key goes there, so it must lie below the base URL.

use url::Url;

use super::refuse;
use crate::error::Error;

/// The end of a base URL beside which other versions of the API lie.
const VERSION: &str = "/api/v1";
/// The paths of the other versions, which count from the root of the API.
const BESIDE: [&str; 2] = ["/api/alpha/", "/api/beta/"];

/// Returns the address of `path` with `query` below `base_url`.
///
/// # Errors
/// If the path could lead elsewhere, whichever way a server reads it.
pub fn address(base_url: &str, path: &str, query: &str) -> Result<String, Error> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(wrong("it must begin with one slash, such as /embeddings"));
    }
    if path.contains(['?', '#']) {
        return Err(wrong("give what follows ? in options.query"));
    }
    let is_unclear = |c: char| c == '\\' || c.is_control();
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8();
    let Ok(decoded) = decoded.map_err(|_| ()) else {
        return Err(wrong("its percent-encoding is not UTF-8"));
    };
    let climbs = |path: &str| {
        path.split('/')
            .any(|name| matches!(name.split(';').next(), Some("." | "..")))
    };
    let is_unclear = decoded.contains(is_unclear) || path.contains(char::is_whitespace);
    if is_unclear || climbs(&decoded) || climbs(path) {
        return Err(wrong("it must not contain .., \\ or white space"));
    }
    let mark = if query.is_empty() { "" } else { "?" };
    let root = match BESIDE.iter().any(|beside| path.starts_with(beside)) {
        true => base_url
            .strip_suffix(VERSION)
            .ok_or_else(|| wrong("what lies beside /v1 is known only of a baseURL that ends in /api/v1"))?,
        false => base_url,
    };
    let address = format!("{root}{path}{mark}{query}");
    // The same question to the parser that sends the request.
    let is_below = || {
        let (base, url) = (Url::parse(root).ok()?, Url::parse(&address).ok()?);
        let below = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
        Some(url.origin() == base.origin() && below.starts_with('/') && url.fragment().is_none())
    };
    match is_below() {
        Some(true) => Ok(address),
        _ => Err(wrong("it leads to another address than baseURL")),
    }
}

fn wrong(why: &str) -> Error {
    refuse(format!(
        "The path of a request is refused: {why}. It counts from baseURL, to which alone the key is sent."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://openrouter.ai/api/v1";

    #[test]
    fn a_path_stays_below_the_base_url() {
        for (path, query, url) in [
            ("/embeddings", "", "https://openrouter.ai/api/v1/embeddings"),
            (
                "/models/a/b:free/endpoints",
                "x=1&y=%2F",
                "https://openrouter.ai/api/v1/models/a/b:free/endpoints?x=1&y=%2F",
            ),
            ("/keys/a..b", "", "https://openrouter.ai/api/v1/keys/a..b"),
            ("/@x", "", "https://openrouter.ai/api/v1/@x"),
            (
                "/keys/x%20y%2Fz",
                "",
                "https://openrouter.ai/api/v1/keys/x%20y%2Fz",
            ),
        ] {
            assert_eq!(address(BASE, path, query).unwrap(), url);
        }
        for (base, path, url) in [
            (
                BASE,
                "/api/alpha/decisions",
                Some("https://openrouter.ai/api/alpha/decisions"),
            ),
            (
                "https://gate.example/x/api/v1",
                "/api/beta/batches",
                Some("https://gate.example/x/api/beta/batches"),
            ),
            ("https://gate.example/v1", "/api/alpha/decisions", None),
            (BASE, "/api/alpha/../v1/keys", None),
            (
                BASE,
                "/api/gamma/x",
                Some("https://openrouter.ai/api/v1/api/gamma/x"),
            ),
        ] {
            assert_eq!(address(base, path, "").ok().as_deref(), url, "{path}");
        }
        for path in [
            "",
            "embeddings",
            "//evil.example/x",
            "https://evil.example",
            "/../x",
            "/x/..",
            "/x/%2e%2E/y",
            "/x/..%2fy",
            "/x/..;a/y",
            "/.",
            "/x\\..\\y",
            "/x%5cy",
            "/x y",
            "/x\ny",
            "/x?y",
            "/x#y",
            "/%ff",
        ] {
            assert!(address(BASE, path, "").is_err(), "{path}");
        }
        assert!(address(BASE, "/x", "a#b").is_err());
    }
}
