//! Redirects. They are followed here and not by reqwest, because the rules differ: a request with the key of the client
//! follows redirects to the same origin only, and a request of `fetch` follows the standard (fetch.spec.whatwg.org,
//! HTTP-redirect fetch).

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use url::Url;

use crate::error::{Error, ErrorKind};
use crate::transport::Request;

/// How many redirects of one request are followed.
pub const MAX_REDIRECTS: usize = 20;

/// Which redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Redirects to the same scheme, host and port.
    SameOrigin,
    /// All redirects. Credentials are not sent to another origin.
    Follow,
    /// No redirects: the redirect itself is the response.
    Manual,
}

/// Returns the request that follows a redirect, or `None` if the response is to be used as it is. With
/// [`Redirects::Follow`], a redirect to an address that is not http or https is an error.
pub fn next(request: &Request, status: u16, headers: &HeaderMap) -> Result<Option<Request>, Error> {
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
    match (from, to, request.redirects) {
        (Some(from), Some(to), _) => Ok(follow(request, status, &from, &to)),
        (.., Redirects::Follow) => Err(Error::new(
            ErrorKind::InvalidRequest,
            "The server redirected to an address that is not http or https.",
        )),
        _ => Ok(None),
    }
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn follow(request: &Request, status: u16, from: &Url, to: &Url) -> Option<Request> {
    let mut next = Request {
        url: to.to_string(),
        ..request.clone()
    };
    if to.origin() != from.origin() {
        if request.redirects == Redirects::SameOrigin {
            return None;
        }
        for name in [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION] {
            next.headers.remove(name);
        }
    }
    let is_get = next.method == Method::GET || next.method == Method::HEAD;
    if (status == 303 && !is_get) || (matches!(status, 301 | 302) && next.method == Method::POST) {
        next.method = Method::GET;
        next.body = Bytes::new();
        for name in [
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::CONTENT_LANGUAGE,
            header::CONTENT_LOCATION,
        ] {
            next.headers.remove(name);
        }
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(redirects: Redirects) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, "Bearer k".parse().unwrap());
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        Request {
            method: Method::POST,
            url: "https://a.example/v1/chat".into(),
            headers,
            body: Bytes::from_static(b"{}"),
            timeouts: crate::transport::timeouts::Timeouts::default(),
            redirects,
            dedicated_connection: false,
        }
    }

    fn followed(redirects: Redirects, status: u16, location: &str) -> Option<Request> {
        let headers = [(header::LOCATION, location.parse().unwrap())]
            .into_iter()
            .collect();
        next(&request(redirects), status, &headers).unwrap_or_default()
    }

    #[test]
    fn the_key_is_not_sent_to_another_origin() {
        let same = followed(Redirects::SameOrigin, 307, "/v2/chat").unwrap();
        assert_eq!(
            (same.url.as_str(), same.body.len()),
            ("https://a.example/v2/chat", 2)
        );
        assert!(same.headers.contains_key(header::AUTHORIZATION));
        for other in [
            "http://a.example/",
            "https://b.example/",
            "https://a.example:444/",
            "//b.example",
        ] {
            assert!(followed(Redirects::SameOrigin, 307, other).is_none(), "{other}");
            let next = followed(Redirects::Follow, 307, other).unwrap();
            assert!(!next.headers.contains_key(header::AUTHORIZATION), "{other}");
        }
        assert!(followed(Redirects::Follow, 307, "file:///etc/passwd").is_none());
        assert!(followed(Redirects::Manual, 307, "/v2").is_none());
    }

    #[test]
    fn a_post_becomes_a_get_after_301_302_and_303() {
        for status in [301, 302, 303] {
            let next = followed(Redirects::Follow, status, "/x").unwrap();
            assert_eq!((next.method, next.body.len()), (Method::GET, 0), "{status}");
            assert!(!next.headers.contains_key(header::CONTENT_TYPE));
        }
        assert_eq!(
            followed(Redirects::Follow, 308, "/x").unwrap().method,
            Method::POST
        );
        assert!(followed(Redirects::Follow, 304, "/x").is_none());
    }
}
