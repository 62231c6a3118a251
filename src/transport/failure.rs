//! Turns errors of reqwest into errors of this client. The kind of an error is found by the types in its chain of sources.
//! The message names the host, but not the URL: that is private to the caller, and the URL of a proxy may contain a
//! password.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, ErrorKind, Phase};
use crate::transport::certificates;
use crate::transport::{MAX_HEADER_BYTES, MAX_HEADERS, Settings};

/// Returns the error of a request that got no response.
pub fn of_request(error: reqwest::Error, settings: &Settings, url: &str) -> Error {
    let host = reqwest::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    if error.is_timeout() && error.is_connect() {
        return Error::timeout(Phase::Connect, settings.connect_timeout.unwrap_or_default());
    }
    if let Some(error) = find::<hyper::Error>(&error).filter(|error| error.is_parse()) {
        return malformed(error, &host);
    }
    let (kind, message) = if let Some(error) = find::<rustls::Error>(&error) {
        (ErrorKind::TlsError, certificates::explain(error, &host))
    } else if error.is_connect() && settings.proxy.applies_to(url) {
        (
            ErrorKind::ProxyError,
            format!(
                "The proxy did not connect to {host}. Check its address, user and password (option proxy, or the \
                 environment)."
            ),
        )
    } else if error.is_connect() {
        (ErrorKind::ConnectionFailed, unreachable(errno(&error), &host))
    } else if is_refused(&error) {
        (
            ErrorKind::ConnectionReset,
            format!("{host} refused the request without processing it. Please try again."),
        )
    } else {
        (
            ErrorKind::ConnectionReset,
            format!("The connection to {host} was closed before it answered. Please try again."),
        )
    };
    let mut failure = Error::new(kind, message).with_cause(root_cause(&error));
    failure.details_mut().errno = errno(&error);
    failure.details_mut().is_unprocessed = is_refused(&error);
    failure
}

/// Returns why no connection to `host` was made, and what to check.
fn unreachable(errno: Option<&str>, host: &str) -> String {
    match errno {
        Some("ENOTFOUND") => format!(
            "The name {host} could not be looked up. Check whether this machine is online, its DNS and baseURL; a network \
             that needs a proxy needs HTTPS_PROXY or the option proxy."
        ),
        Some("ECONNREFUSED") => {
            format!(
                "{host} refused the connection: no server listens there. Check the host and port of baseURL."
            )
        }
        _ => format!(
            "{host} could not be reached. Check the network, a firewall and baseURL; a network that needs a proxy needs \
             HTTPS_PROXY or the option proxy."
        ),
    }
}

/// The error of a response whose head cannot be read. Its code is the one by which Node's `fetch` fails, too.
fn malformed(error: &hyper::Error, host: &str) -> Error {
    let text = error.to_string();
    let (code, message) = if text == "message head is too large" {
        (
            "UND_ERR_HEADERS_OVERFLOW",
            format!(
                "{host} answered with more than {MAX_HEADERS} headers, or more than {} KiB of them. Check baseURL, and any \
                 proxy in between.",
                MAX_HEADER_BYTES / 1024
            ),
        )
    } else if text.contains("version") {
        (
            "HPE_INVALID_CONSTANT",
            format!("{host} answered with something that is not HTTP. Check baseURL."),
        )
    } else {
        let code = match error.is_parse_status() {
            true => "HPE_INVALID_STATUS",
            false => "HPE_INVALID_HEADER_TOKEN",
        };
        (
            code,
            format!(
                "{host} answered with a response that breaks the rules of HTTP ({text}). Check baseURL, and any proxy in \
                 between."
            ),
        )
    };
    let mut failure = Error::new(ErrorKind::MalformedResponse, message).with_cause(text);
    failure.details_mut().errno = Some(code);
    failure
}

/// Whether the connection was lost, not only the request on it. HTTP/2 can reset a single request, which does not show
/// whether a model has answered it, unless the server refused it.
pub fn is_closed(error: &reqwest::Error) -> bool {
    find::<h2::Error>(error).is_none_or(h2::Error::is_io)
}

/// Whether hyper refused to write a request that had got its connection, because no protocol allows it.
pub fn is_refused_by_us(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some_and(hyper::Error::is_user)
        || find::<hyper_util::client::legacy::Error>(error)
            .is_some_and(|error| error.to_string().contains("UserUnsupportedVersion"))
}

/// Whether the server has said that it did not process the request: it refused the stream (RFC 9113, section 8.7), or it
/// closed the connection in order and left the stream out.
fn is_refused(error: &reqwest::Error) -> bool {
    find::<h2::Error>(error).is_some_and(|error| {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        let is_left_out = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
        error.is_remote() && (is_refused || is_left_out)
    })
}

/// Returns the error of a body that could not be read to its end.
pub fn of_body(error: reqwest::Error) -> Error {
    // hyper reports a wrong transfer coding by these kinds.
    let is_invalid = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
    };
    if find::<io::Error>(&error).is_some_and(is_invalid) {
        return Error::new(
            ErrorKind::MalformedResponse,
            "The body of the response breaks the rules of HTTP. Check baseURL, and any proxy in between.",
        )
        .with_cause(root_cause(&error));
    }
    let mut failure = cut(root_cause(&error));
    failure.details_mut().errno = errno(&error);
    failure
}

/// The error for a body that ended early because of `cause`.
pub fn cut(cause: impl Into<String>) -> Error {
    Error::new(
        ErrorKind::ConnectionReset,
        "The connection was lost in the middle of the response. Please try again.",
    )
    .with_cause(cause)
}

/// The error for a body whose compressed data is invalid.
pub fn undecodable(cause: impl Into<String>) -> Error {
    let mut error = Error::new(
        ErrorKind::MalformedResponse,
        "The compressed body of the response is not valid. Check baseURL, and any proxy in between.",
    )
    .with_cause(cause);
    error.details_mut().errno = Some("Z_DATA_ERROR");
    error
}

/// Whether a body ended before its framing said so, without another error. A server or proxy that closes the connection
/// instead of finishing the body causes this.
pub fn is_cut(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message)
        || find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}

/// Returns the message of the deepest cause, after the name of the system error if there is one: `ECONNREFUSED: connection
/// refused`.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let text = causes(error)
        .last()
        .map_or_else(String::new, |cause| cause.to_string());
    match errno(error) {
        Some(code) => format!("{code}: {text}"),
        None => text,
    }
}

/// Returns Node's name of the system error, if there is one.
fn errno(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    // The connector's error for a failed name lookup has no kind, only this message.
    if causes(error).iter().any(|cause| cause.to_string() == "dns error") {
        return Some("ENOTFOUND");
    }
    find::<io::Error>(error).map(io::Error::kind).and_then(node_code)
}

/// Returns the error and the chain of its sources.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> Vec<&'e (dyn StdError + 'static)> {
    let (mut chain, mut current) = (vec![error], error);
    while let Some(next) = current.source() {
        chain.push(next);
        current = next;
    }
    chain
}

fn node_code(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED",
        io::ErrorKind::ConnectionReset => "ECONNRESET",
        io::ErrorKind::ConnectionAborted => "ECONNABORTED",
        io::ErrorKind::BrokenPipe => "EPIPE",
        io::ErrorKind::TimedOut => "ETIMEDOUT",
        io::ErrorKind::HostUnreachable => "EHOSTUNREACH",
        io::ErrorKind::NetworkUnreachable => "ENETUNREACH",
        _ => return None,
    })
}

/// Returns the first error of type `E` in the chain of sources. It looks inside each `io::Error` too, whose `source()` skips
/// the error that it wraps.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| find::<E>(inner)) {
            return Some(found);
        }
        current = error.source();
    }
    None
}
