//! Errors that are read from made-up responses, without a server.

use http::{HeaderMap, HeaderName, HeaderValue};
use openrouter_native::error::Error;
use openrouter_native::error::api::Source;
use openrouter_native::secret::Secrets;

use super::client::KEY;

/// The error that is read from a response to a request that was sent with `key`. `limits` are the routing limits of the
/// request, in words.
pub fn read_as(key: &str, status: u16, headers: &[(&str, &str)], limits: Option<&str>, body: &str) -> Error {
    let secrets = Secrets::of([key]);
    let pair = |(name, value): &(&str, &str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    };
    let headers: HeaderMap = headers.iter().map(pair).collect();
    let source = Source {
        status,
        headers: &headers,
        secrets: &secrets,
        base_url: "",
        limits,
    };
    source.read(body)
}

/// The error that is read from a response without headers.
pub fn read(status: u16, body: &str) -> Error {
    read_as(KEY, status, &[], None, body)
}

/// The body of an error in the form of the API.
pub fn error_body(status: u16, message: &str) -> String {
    format!(r#"{{"error":{{"code":{status},"message":"{message}"}}}}"#)
}
