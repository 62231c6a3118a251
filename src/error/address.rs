//! What to say about an address at which there is no API.

/// Returns the advice for a server at `base_url` that does not answer as the API does. The URL is not quoted, because that of
/// a gateway may contain a secret. Empty means that it is not known.
pub fn check_address(base_url: &str) -> &'static str {
    match lacks_version(base_url) {
        true => "Check baseURL: OpenRouter's ends in /api/v1, and this one does not.",
        false => "Check baseURL.",
    }
}

/// Whether a base URL does not end in a version, such as the `v1` of `/api/v1`.
pub fn lacks_version(base_url: &str) -> bool {
    let path = base_url.splitn(4, '/').nth(3).unwrap_or_default();
    !base_url.is_empty() && !path.rsplit('/').next().is_some_and(is_version)
}

/// Whether the last part of a path is a version of an API, such as `v1`.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_without_a_version_is_named_as_the_likely_mistake() {
        for (base_url, is_likely) in [
            ("", false),
            ("https://openrouter.ai/api/v1", false),
            ("http://127.0.0.1:1/v2", false),
            ("https://gate.example", true),
            ("https://gate.example/api", true),
            ("https://v1", true),
            ("https://gate.example/v", true),
        ] {
            assert_eq!(lacks_version(base_url), is_likely, "{base_url}");
        }
    }
}
