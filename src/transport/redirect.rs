//! Redirects. They are followed here and not by reqwest, because the rules differ: a request with the key of the client
//! follows redirects to the same origin only, and a request of `fetch` follows the standard (fetch.spec.whatwg.org,
//! HTTP-redirect fetch), except where that would disclose a secret or a prompt, or send a body more than twice.

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use url::Url;

use crate::error::{Error, ErrorKind};
use crate::transport::Request;

/// How many redirects of one request are followed.
const MAX_REDIRECTS: usize = 20;
/// How many redirects are followed by a request that is not a GET or HEAD. Each sends the body again, which may be billed.
const MAX_REPEATED_BODIES: usize = 1;

/// Which redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Redirects to the same scheme, host and port that keep the method. Any other is the response, from which the caller
    /// makes an error that names the base URL.
    SameOrigin,
    /// All redirects. Headers that may contain a secret are not sent to another origin, and no body from https to http.
    Follow,
    /// No redirects: the redirect itself is the response.
    Manual,
}

/// Returns the request that follows a redirect, or `None` if the response is to be used as it is. `followed` is how many
/// redirects led to `request`.
///
/// # Errors
/// If too many redirects were followed, if the redirect leads to the same address again, or if with [`Redirects::Follow`] the
/// address is not http or https, or must not receive the body.
pub fn next(
    request: &Request,
    status: u16,
    headers: &HeaderMap,
    followed: usize,
) -> Result<Option<Request>, Error> {
    let location = headers.get(header::LOCATION).filter(|_| is_redirect(status));
    let (Some(location), false) = (location, request.redirects == Redirects::Manual) else {
        return Ok(None);
    };
    let from = Url::parse(&request.url).ok();
    let to = location
        .to_str()
        .ok()
        .and_then(|location| from.as_ref()?.join(location).ok())
        .filter(|to| matches!(to.scheme(), "http" | "https"));
    let next = match (from, to, request.redirects) {
        (Some(from), Some(to), _) => follow(request, status, &from, &to)?,
        (.., Redirects::Follow) => {
            return Err(refused(
                "The server redirected to an address that is not http or https. Check the address (baseURL).",
            ));
        }
        _ => None,
    };
    match next {
        Some(next) => within_limits(request, next, followed).map(Some),
        None => Ok(None),
    }
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn is_get(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

fn follow(request: &Request, status: u16, from: &Url, to: &Url) -> Result<Option<Request>, Error> {
    let is_other_origin = to.origin() != from.origin();
    let becomes_get = (status == 303 && !is_get(&request.method))
        || (matches!(status, 301 | 302) && request.method == Method::POST);
    if request.redirects == Redirects::SameOrigin && (is_other_origin || becomes_get) {
        return Ok(None);
    }
    let mut next = Request {
        url: to.to_string(),
        ..request.clone()
    };
    if becomes_get {
        next.method = Method::GET;
        next.body = Bytes::new();
        for name in [
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::CONTENT_LANGUAGE,
            header::CONTENT_LENGTH,
            header::CONTENT_LOCATION,
        ] {
            next.headers.remove(name);
        }
    }
    if is_other_origin {
        next.headers = without_secrets(&next.headers);
        if !next.body.is_empty() {
            may_receive_body(request, from, to)?;
        }
    }
    Ok(Some(next))
}

/// Returns the headers without those that are marked as sensitive.
fn without_secrets(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(_, value)| !value.is_sensitive())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether another origin may receive the body of a request.
fn may_receive_body(request: &Request, from: &Url, to: &Url) -> Result<(), Error> {
    if request.has_privacy_floor {
        let mut error = Error::new(
            ErrorKind::PrivacyNotPossible,
            "The server redirected to another origin. The request was not sent there, because zdr or dataCollection applies \
             to it and nothing shows that the other origin keeps to that. Check the address (baseURL).",
        );
        // SDKs would repeat a request that fails without a status.
        error.details_mut().status = Some(400);
        return Err(error);
    }
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(refused(
            "The server redirected from https to http. The request was not sent there, because anyone on the network could \
             read its body. Check the address (baseURL).",
        ));
    }
    Ok(())
}

fn within_limits(request: &Request, next: Request, followed: usize) -> Result<Request, Error> {
    let limit = match is_get(&next.method) {
        true => MAX_REDIRECTS,
        false => MAX_REPEATED_BODIES,
    };
    let is_same =
        without_fragment(&next.url) == without_fragment(&request.url) && next.method == request.method;
    // A GET of `fetch` may be redirected to itself until a result is ready.
    let is_loop = is_same && !(is_get(&next.method) && next.redirects == Redirects::Follow);
    let problem = match (is_loop, followed >= limit) {
        (true, _) => "The server redirected to the same address again.".to_owned(),
        (_, true) if limit == 1 => {
            format!("The server redirected a {} request more than once.", next.method)
        }
        (_, true) => format!("The server redirected more than {limit} times."),
        _ => return Ok(next),
    };
    let mut error = Error::new(
        ErrorKind::InvalidOption,
        format!("{problem} Check the address (baseURL)."),
    );
    error.details_mut().errno = Some("ERR_FR_TOO_MANY_REDIRECTS");
    Err(error)
}

/// A URL without its fragment, which is never sent.
fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, redirects: Redirects) -> Request {
        let mut headers = HeaderMap::new();
        let mut secret: http::HeaderValue = "k".parse().unwrap();
        secret.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, secret);
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        headers.insert(header::CONTENT_LENGTH, "2".parse().unwrap());
        Request {
            method,
            url: "https://a.example/v1/chat".into(),
            headers,
            body: Bytes::from_static(b"{}"),
            timeouts: crate::transport::timeouts::Timeouts::default(),
            redirects,
            has_privacy_floor: false,
            dedicated_connection: false,
            keep_warm: std::time::Duration::ZERO,
        }
    }

    fn post(redirects: Redirects) -> Request {
        request(Method::POST, redirects)
    }

    fn next_of(request: &Request, status: u16, location: &str) -> Result<Option<Request>, Error> {
        let headers = [(header::LOCATION, location.parse().unwrap())]
            .into_iter()
            .collect();
        next(request, status, &headers, 0)
    }

    fn followed(redirects: Redirects, status: u16, location: &str) -> Option<Request> {
        next_of(&post(redirects), status, location).unwrap_or_default()
    }

    #[test]
    fn secrets_are_not_sent_to_another_origin() {
        let same = followed(Redirects::SameOrigin, 307, "/v2/chat").unwrap();
        assert_eq!(
            (same.url.as_str(), same.body.len()),
            ("https://a.example/v2/chat", 2)
        );
        assert!(same.headers.contains_key(header::AUTHORIZATION));
        for other in ["https://b.example/", "https://a.example:444/", "//b.example"] {
            assert!(followed(Redirects::SameOrigin, 307, other).is_none(), "{other}");
            let next = followed(Redirects::Follow, 307, other).unwrap();
            assert!(!next.headers.contains_key(header::AUTHORIZATION), "{other}");
            assert!(next.headers.contains_key(header::CONTENT_TYPE), "{other}");
        }
        assert!(followed(Redirects::SameOrigin, 307, "http://a.example/").is_none());
        assert!(followed(Redirects::Follow, 307, "file:///etc/passwd").is_none());
        assert!(followed(Redirects::Manual, 307, "/v2").is_none());
    }

    #[test]
    fn a_body_is_not_sent_from_https_to_http_nor_one_with_a_privacy_floor_to_another_origin() {
        for (floor, location, goes) in [
            (false, "http://a.example/", false),
            (false, "https://b.example/", true),
            (true, "http://a.example/", false),
            (true, "https://b.example/", false),
            (true, "https://a.example/v2", true),
        ] {
            let mut request = post(Redirects::Follow);
            request.has_privacy_floor = floor;
            assert_eq!(
                next_of(&request, 307, location).is_ok(),
                goes,
                "{floor} {location}"
            );
            // Without the body nothing is disclosed.
            let get = next_of(&request, 303, location).unwrap().unwrap();
            assert_eq!((get.method, get.body.len()), (Method::GET, 0), "{location}");
        }
    }

    #[test]
    fn a_post_of_fetch_becomes_a_get_after_301_302_and_303() {
        for status in [301, 302, 303] {
            let next = followed(Redirects::Follow, status, "/x").unwrap();
            assert_eq!((next.method, next.body.len()), (Method::GET, 0), "{status}");
            assert!(!next.headers.contains_key(header::CONTENT_TYPE));
            assert!(!next.headers.contains_key(header::CONTENT_LENGTH));
        }
        assert_eq!(
            followed(Redirects::Follow, 308, "/x").unwrap().method,
            Method::POST
        );
        assert!(followed(Redirects::Follow, 304, "/x").is_none());
    }

    #[test]
    fn the_method_of_a_clients_request_is_never_changed() {
        for status in [301, 302, 303] {
            assert!(
                followed(Redirects::SameOrigin, status, "/x").is_none(),
                "{status}"
            );
            let get = next_of(&request(Method::GET, Redirects::SameOrigin), status, "/x");
            assert_eq!(get.unwrap().unwrap().method, Method::GET, "{status}");
        }
    }

    #[test]
    fn a_body_is_sent_at_most_twice_and_never_again_to_the_same_address() {
        let to = |location: &str| -> HeaderMap {
            [(header::LOCATION, location.parse().unwrap())]
                .into_iter()
                .collect()
        };
        for (method, redirects, followed, location, goes) in [
            (Method::POST, Redirects::Follow, 0, "/x", true),
            (Method::POST, Redirects::Follow, 1, "/x", false),
            (Method::PUT, Redirects::Follow, 1, "/x", false),
            (Method::POST, Redirects::SameOrigin, 1, "/x", false),
            (Method::POST, Redirects::Follow, 0, "#part", false),
            (Method::POST, Redirects::SameOrigin, 0, "/v1/chat", false),
            (Method::GET, Redirects::Follow, 19, "/x", true),
            (Method::GET, Redirects::Follow, 20, "/x", false),
            (Method::GET, Redirects::Follow, 0, "/v1/chat", true),
            (Method::GET, Redirects::SameOrigin, 0, "/v1/chat", false),
        ] {
            let request = request(method, redirects);
            let next = next(&request, 307, &to(location), followed);
            assert_eq!(next.is_ok(), goes, "{request:?} {followed} {location}");
        }
        // The GET after a 303 does not count as a repetition of the body.
        let third = next(&post(Redirects::Follow), 303, &to("/x"), 1);
        assert_eq!(third.unwrap().unwrap().method, Method::GET);
    }
}
