//! Finds a `baseURL` that is not the address of an API: one that names an endpoint, or OpenRouter's web site.

use url::Url;

use crate::error::{Error, ErrorKind, invalid_option};

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
pub(super) fn refuse(url: &Url) -> Result<(), Error> {
    let path = url.path().trim_end_matches('/');
    let host = url.host_str().unwrap_or_default();
    let is_openrouter = is_openrouter(host);
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

/// # Errors
/// `invalid_option` if the URL of a request that another SDK makes shows that its base URL is not the address of OpenRouter's
/// API: the web site would answer it with a page, and would receive the key.
pub fn refuse_request(method: &str, url: &str) -> Result<(), Error> {
    if method != "POST" || !url.contains(OPENROUTER) {
        return Ok(());
    }
    let Some((host, path)) = Url::parse(url).ok().and_then(|url| {
        Some((
            url.host_str()?.to_owned(),
            url.path().trim_end_matches('/').to_owned(),
        ))
    }) else {
        return Ok(());
    };
    let base = ENDPOINTS.iter().find_map(|endpoint| path.strip_suffix(endpoint));
    let Some(base) = base.filter(|_| is_openrouter(&host)) else {
        return Ok(());
    };
    let problem = match ENDPOINTS.iter().find(|endpoint| base.ends_with(*endpoint)) {
        Some(endpoint) => format!("{endpoint} is in this address twice"),
        None if !base.starts_with("/api/") => format!("There is no API at https://{host}{base}"),
        None => return Ok(()),
    };
    let message = format!("{problem}, so nothing was sent. Set baseURL in the SDK to https://{host}/api/v1.");
    Err(Error::new(ErrorKind::InvalidOption, message))
}

fn is_openrouter(host: &str) -> bool {
    host == OPENROUTER || host.ends_with(".openrouter.ai")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_would_go_to_the_web_site_is_refused() {
        for (url, problem) in [
            (
                "https://openrouter.ai/chat/completions",
                "There is no API at https://openrouter.ai,",
            ),
            (
                "https://openrouter.ai/api/chat/completions",
                "There is no API at https://openrouter.ai/api,",
            ),
            (
                "https://openrouter.ai/v1/chat/completions/",
                "There is no API at https://openrouter.ai/v1,",
            ),
            (
                "https://openrouter.ai/v1/messages?beta=true",
                "There is no API at https://openrouter.ai/v1,",
            ),
            (
                "https://openrouter.ai/api/v1/chat/completions/chat/completions",
                "/chat/completions is in this address twice,",
            ),
        ] {
            let message = refuse_request("POST", url).unwrap_err().to_string();
            assert!(message.starts_with(problem), "{url}: {message}");
            assert!(
                message.ends_with("Set baseURL in the SDK to https://openrouter.ai/api/v1."),
                "{message}"
            );
        }
    }

    #[test]
    fn a_request_to_the_api_or_to_another_host_is_sent() {
        for (method, url) in [
            ("POST", "https://openrouter.ai/api/v1/chat/completions"),
            ("POST", "https://openrouter.ai/api/v1/presets/x/chat/completions"),
            ("POST", "https://openrouter.ai/api/alpha/responses"),
            ("POST", "https://openrouter.ai/api/v1/messages"),
            ("GET", "https://openrouter.ai/messages"),
            ("POST", "https://openrouter.ai/contact"),
            ("POST", "https://gate.example/chat/completions"),
            ("POST", "https://gate.example/openrouter.ai/chat/completions"),
            ("POST", "https://notopenrouter.ai/chat/completions"),
        ] {
            assert!(refuse_request(method, url).is_ok(), "{method} {url}");
        }
    }
}
