//! How long a response asks to wait before the next request.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use crate::json::{self, Object};

/// A reset value below this is a delay in seconds, one from here on a Unix time (1e9 s is September 2001).
const MIN_UNIX_TIME: f64 = 1e9;
/// A Unix time above this is in milliseconds (1e11 s is the year 5138, 1e11 ms is March 1973).
const MAX_UNIX_SECONDS: f64 = 1e11;

/// Returns the current time by the clock of the server, if the response has a `Date`. Measured against it, a date in the
/// response gives the right delay although the clock of this machine is wrong.
pub(super) fn server_time(headers: &HeaderMap) -> SystemTime {
    header(headers, "date")
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now)
}

/// Returns the delay that the headers ask for: the first that can be read of `retry-after-ms`, `Retry-After` (seconds or a
/// date) and `X-RateLimit-Reset`.
pub(super) fn in_headers(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let ms = header(headers, "retry-after-ms").and_then(json::number);
    ms.and_then(|ms| duration(ms / 1000.0))
        .or_else(|| seconds_or_date(header(headers, "retry-after")?, now))
        .or_else(|| reset(header(headers, "x-ratelimit-reset")?, now))
}

/// Returns the delay that the error in a body asks for. The 429 of the free tier has it in the body only.
pub(super) fn in_body(error: &Object<'_>, metadata: &Object<'_>, now: SystemTime) -> Option<Duration> {
    let seconds = |value: &str| json::number(&plain(value)).and_then(duration);
    let availability = error.object("availability").unwrap_or_default();
    let headers = metadata.object("headers").unwrap_or_default();
    let echoed = |name: &str| {
        let found = headers
            .entries()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(plain(found.1))
    };
    (metadata.present("retry_after_seconds").and_then(seconds))
        .or_else(|| availability.present("retry_after").and_then(seconds))
        .or_else(|| seconds_or_date(&echoed("Retry-After")?, now))
        .or_else(|| reset(&echoed("X-RateLimit-Reset")?, now))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Returns the text of a JSON number or string.
fn plain(value: &str) -> String {
    json::string(value).map_or_else(|| value.to_owned(), |text| text.trim().to_owned())
}

fn seconds_or_date(value: &str, now: SystemTime) -> Option<Duration> {
    match json::number(value) {
        Some(seconds) => duration(seconds),
        None => until_date(value, now),
    }
}

/// Returns the time from `now` until a rate limit ends. `value` is a delay in seconds, a Unix time in seconds or
/// milliseconds, or an HTTP date. The size of a number shows which of the three it is.
fn reset(value: &str, now: SystemTime) -> Option<Duration> {
    match json::number(value) {
        Some(seconds) if seconds < MIN_UNIX_TIME => duration(seconds),
        Some(epoch) => {
            let seconds = if epoch > MAX_UNIX_SECONDS {
                epoch / 1000.0
            } else {
                epoch
            };
            let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
            duration((seconds - now).max(0.0))
        }
        None => until_date(value, now),
    }
}

fn until_date(value: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

fn duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}
