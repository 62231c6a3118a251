//! Finds a `baseURL` that is not the address of an API: one that names an endpoint, or OpenRouter's web site.

use url::Url;

use crate::error::{Error, invalid_option};

const OPENROUTER: &str = "openrouter.ai";
/// The paths of endpoints that are copied into `baseURL` by mistake.
const ENDPOINTS: &[&str] = &[
    "/chat/completions",
    "/completions",
    "/responses",
    "/messages",
    "/embeddings",
];

/// # Errors
/// `invalid_option` if this client would add the path of an endpoint to a URL that has one, or send API requests to the web
/// site. The message does not quote the URL of a gateway, which may contain a secret.
pub fn refuse(url: &Url) -> Result<(), Error> {
    let path = url.path().trim_end_matches('/');
    let host = url.host_str().unwrap_or_default();
    let is_openrouter = host == OPENROUTER || host.ends_with(".openrouter.ai");
    // `/api/v1`, or another version of it.
    let is_api = path
        .strip_prefix("/api/")
        .is_some_and(|version| !version.contains('/'));
    if is_openrouter && !is_api {
        return Err(invalid_option("baseURL", &format!("https://{host}/api/v1")));
    }
    match ENDPOINTS.iter().find(|endpoint| path.ends_with(*endpoint)) {
        Some(endpoint) => Err(invalid_option(
            "baseURL",
            &format!("the URL without {endpoint} at its end, which this client adds"),
        )),
        None => Ok(()),
    }
}
