//! Turns every form of failure that the API can report into an [`Error`]: an HTTP error, a 200 that contains an error,
//! an error in the middle of a stream, a gateway's HTML page. Reading a failure cannot fail: if the body cannot be
//! parsed, the error is made from the status.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, ErrorKind};
use crate::json::{self, Object};
use crate::secret::Secrets;

/// The largest JSON body, in bytes, that is kept unchanged in `data`.
const MAX_DATA: usize = 64 * 1024;
/// The most characters of a body that is not JSON that are kept in `data`.
const SNIPPET: usize = 200;
/// The most characters of a provider's own message that are put into this client's message.
const REASON: usize = 300;

/// The advice when a provider rejects a request because it cannot read another provider's reasoning.
const REASONING: &str = " Earlier reasoning can be read only by the provider that wrote it: keep to that one with \
                         provider.order, or leave reasoning_details out.";

/// The response that reports a failure, and what is known of its request.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The HTTP status of the response.
    pub status: u16,
    /// The headers of the response.
    pub headers: &'a http::HeaderMap,
    /// The secrets of the request, which are removed from the error because the server may echo them.
    pub secrets: &'a Secrets,
    /// A description of the request's routing limits, which is added to "No endpoints found" messages.
    pub limits: Option<&'a str>,
}

impl Source<'_> {
    /// Returns the error that a whole response body reports.
    pub fn read(&self, body: &str) -> Error {
        let body = body.trim();
        let Some(object) = Object::parse(body) else {
            return self.opaque(body);
        };
        let error = error_of(&object).or_else(|| choice_error(&object));
        self.build(error.unwrap_or(body), body)
    }

    /// Returns the error that a chunk of a stream reports. `error` is the chunk's error value, `chunk` the data of the
    /// whole event.
    pub fn read_chunk(&self, error: Option<&str>, chunk: &str) -> Error {
        self.build(error.unwrap_or("{}"), chunk)
    }

    fn build(&self, error: &str, body: &str) -> Error {
        let fields = Object::parse(error).unwrap_or_default();
        let metadata = fields.object("metadata").unwrap_or_default();
        let error_type = metadata
            .string("error_type")
            .or_else(|| fields.string("type"))
            .map(Cow::into_owned);
        let own = json::string(error)
            .or_else(|| fields.string("message"))
            .or_else(|| fields.string("detail"))
            .map(Cow::into_owned)
            .filter(|own| !own.trim().is_empty())
            .unwrap_or_default();
        let status = self.status_of(fields.present("code"), error_type.as_deref());
        let kind = kind_of(status, &own, &metadata, error_type.as_deref());
        let message = self.message(kind, status, &own, &metadata);
        let mut built = Error::new(kind, message);
        let details = built.details_mut();
        self.place(details, status, body);
        details.provider = metadata.string("provider_name").map(Cow::into_owned);
        details.metadata = fields
            .present("metadata")
            .filter(|text| text.starts_with('{'))
            .map(str::to_owned);
        details.error_type = error_type;
        details.retry_after = self
            .retry_after(SystemTime::now())
            .or_else(|| body_retry_after(&fields, &metadata, SystemTime::now()));
        details.cause = Some(own).filter(|own| !own.is_empty() && *own != details.message);
        built.scrubbed(self.secrets)
    }

    /// Returns the error for a body that is not a JSON object.
    fn opaque(&self, body: &str) -> Error {
        let status = self.status;
        let kind = kind_of(status, "", &Object::default(), None);
        let own = match status {
            200..=299 => format!("OpenRouter answered HTTP {status} with a body that is not JSON."),
            _ => String::new(),
        };
        let kind = if own.is_empty() {
            kind
        } else {
            ErrorKind::MalformedResponse
        };
        let mut built = Error::new(kind, self.message(kind, status, &own, &Object::default()));
        let details = built.details_mut();
        self.place(details, status, body);
        details.retry_after = self.retry_after(SystemTime::now());
        built.scrubbed(self.secrets)
    }

    fn place(&self, details: &mut crate::error::ErrorDetails, status: u16, body: &str) {
        let header = |name| {
            let value = self.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        details.status = Some(status);
        details.status_text = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .map(str::to_owned);
        details.generation_id = header("x-generation-id");
        details.request_id = header("x-request-id").or_else(|| header("cf-ray"));
        // Scrubbed before it is cut, which could leave a part of a secret that nothing recognises.
        details.data = data(&self.secrets.scrub_json(body));
    }

    /// Returns the status of the failure: the HTTP status if it is 300 or more, else the status that the error's `code` (a
    /// number or a word) or its type stands for, else 500.
    fn status_of(&self, code: Option<&str>, error_type: Option<&str>) -> u16 {
        if self.status >= 300 {
            return self.status;
        }
        let word = code.and_then(json::string);
        let number = code
            .and_then(json::number)
            .or_else(|| word.as_deref().and_then(json::number));
        number
            .filter(|number| (400.0..600.0).contains(number))
            .map(|number| number as u16)
            .or_else(|| word.as_deref().and_then(status_of_word))
            .or_else(|| error_type.and_then(status_of_word))
            .unwrap_or(500)
    }

    fn message(&self, kind: ErrorKind, status: u16, own: &str, metadata: &Object<'_>) -> String {
        // The fixed sentence says what to do. The API's own words, which are appended, say for example how many tokens the
        // credits allow, or when a limit ends.
        let with_words = |sentence: &str| {
            let said = sentence.split('.').next().unwrap_or_default();
            let words = own
                .strip_prefix(said)
                .unwrap_or(own)
                .trim_start_matches(['.', ':', ' ']);
            match self.explain(words, metadata).trim_start() {
                "" => sentence.to_owned(),
                words => format!("{sentence} {words}"),
            }
        };
        match kind {
            ErrorKind::InvalidApiKey => {
                "Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.".into()
            }
            ErrorKind::InsufficientCredits => {
                with_words("Insufficient credits. Please add credits to your OpenRouter account.")
            }
            ErrorKind::RateLimited => with_words("Rate limit exceeded. Please try again later."),
            ErrorKind::ServiceUnavailable => {
                with_words("OpenRouter service temporarily unavailable. Please try again later.")
            }
            _ if own.is_empty() => match status {
                300..=399 => format!(
                    "OpenRouter answered HTTP {status}, a redirect to another address, which is not followed so that \
                     the API key stays here. Check baseURL."
                ),
                _ => format!("OpenRouter answered HTTP {status} without saying why. Please try again later."),
            },
            ErrorKind::NoEndpoints => match self.limits {
                Some(limits) => format!("{own} Routing limits in force: {limits}."),
                None => own.to_owned(),
            },
            _ => {
                let mut message = self.explain(own, metadata);
                if kind == ErrorKind::InvalidRequest && is_about_reasoning(&message) {
                    message.push_str(REASONING);
                }
                message
            }
        }
    }

    /// Returns the API's message with the provider's name and its reason added: the API's message alone may be no more than
    /// "Provider returned error".
    fn explain(&self, own: &str, metadata: &Object<'_>) -> String {
        let provider = metadata.string("provider_name");
        let reason = self
            .reason(metadata)
            .filter(|reason| !own.contains(reason.as_str()));
        match (provider, reason) {
            (Some(provider), Some(reason)) => format!("{own} ({provider}: {reason})"),
            (None, Some(reason)) => format!("{own} ({reason})"),
            (Some(provider), None) if !own.contains(&*provider) => format!("{own} ({provider})"),
            _ => own.to_owned(),
        }
    }

    /// Returns the provider's own message from `raw`, which may be plain text, JSON, JSON in a string, or an HTML page (which
    /// is ignored); else the message of the first of `previous_errors`.
    fn reason(&self, metadata: &Object<'_>) -> Option<String> {
        let raw = metadata.present("raw").and_then(|raw| match json::string(raw) {
            Some(text) => match nested_message(&text) {
                Some(message) => Some(message),
                None => Some(text.trim().to_owned())
                    .filter(|text| !text.is_empty() && !text.starts_with(['<', '{', '['])),
            },
            None => nested_message(raw),
        });
        let previous = || nested_message(json::array(metadata.present("previous_errors")?)?.first()?);
        raw.or_else(previous)
            .map(|words| clip(&self.secrets.scrub(&words), REASON).to_owned())
    }

    /// Returns the delay that the headers ask for: `retry-after-ms`, `Retry-After` (seconds or a date) or
    /// `X-RateLimit-Reset`, in this order.
    fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(ms) = header("retry-after-ms").and_then(json::number) {
            return duration(ms / 1000.0);
        }
        if let Some(value) = header("retry-after").map(str::trim) {
            return match json::number(value) {
                Some(seconds) => duration(seconds),
                None => until_date(value, now),
            };
        }
        reset(header("x-ratelimit-reset")?, now)
    }
}

/// Returns the delay that the error in a body asks for. The 429 of the free tier has it in the body only.
fn body_retry_after(error: &Object<'_>, metadata: &Object<'_>, now: SystemTime) -> Option<Duration> {
    let number =
        |text: &str| json::number(text).or_else(|| json::string(text).and_then(|text| json::number(&text)));
    let availability = error.object("availability").unwrap_or_default();
    let seconds = metadata
        .present("retry_after_seconds")
        .or_else(|| availability.present("retry_after"));
    seconds.and_then(number).and_then(duration).or_else(|| {
        let headers = metadata.object("headers")?;
        let value = headers.present("X-RateLimit-Reset")?;
        reset(&json::string(value).unwrap_or(value.into()), now)
    })
}

/// A reset value below this is a delay in seconds, one from here on a Unix time (1e9 s is September 2001).
const MIN_UNIX_TIME: f64 = 1e9;

/// Returns the time from `now` until a rate limit ends. `value` is a delay in seconds, a Unix time in seconds or
/// milliseconds (the three are told apart by their size), or an HTTP date.
fn reset(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    match json::number(value) {
        Some(seconds) if seconds < MIN_UNIX_TIME => duration(seconds),
        Some(epoch) => {
            let seconds = if epoch > 1e11 { epoch / 1000.0 } else { epoch };
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

/// Returns the `error` of a completion, a chunk or a choice. `null`, `false`, `""` and `0` mean that there is no error.
pub fn error_of<'a>(object: &Object<'a>) -> Option<&'a str> {
    object
        .present("error")
        .filter(|value| !matches!(*value, "false" | "\"\"" | "0"))
}

/// Returns the first error of a choice in a completion that was not streamed; `{}` if only the choice's
/// `finish_reason: "error"` reports it.
pub fn choice_error<'a>(body: &Object<'a>) -> Option<&'a str> {
    json::array(body.present("choices")?)?
        .into_iter()
        .filter_map(Object::parse)
        .find_map(|choice| match choice.string("finish_reason").as_deref() {
            Some("error") => Some(error_of(&choice).unwrap_or("{}")),
            _ => error_of(&choice),
        })
}

fn kind_of(status: u16, own: &str, metadata: &Object<'_>, error_type: Option<&str>) -> ErrorKind {
    match status {
        401 => ErrorKind::InvalidApiKey,
        402 => ErrorKind::InsufficientCredits,
        403 if is_moderation(metadata, error_type) => ErrorKind::Moderation,
        403 => ErrorKind::Forbidden,
        404 if own.starts_with("No endpoints") || own.starts_with("No allowed providers") => {
            ErrorKind::NoEndpoints
        }
        404 => ErrorKind::NotFound,
        408 | 504 | 524 => ErrorKind::Timeout,
        413 => ErrorKind::PayloadTooLarge,
        429 => ErrorKind::RateLimited,
        502 => ErrorKind::ProviderError,
        503 => ErrorKind::ServiceUnavailable,
        529 => ErrorKind::Overloaded,
        300..=399 => ErrorKind::InvalidOption,
        400..=499 => ErrorKind::InvalidRequest,
        _ => ErrorKind::ServerError,
    }
}

fn is_moderation(metadata: &Object<'_>, error_type: Option<&str>) -> bool {
    error_type == Some("content_policy_violation")
        || metadata.present("flagged_input").is_some()
        || metadata
            .present("reasons")
            .is_some_and(|reasons| reasons.starts_with('['))
}

/// Returns the status that an error word stands for: a `code` that is a string, as in streams, or an error type.
fn status_of_word(word: &str) -> Option<u16> {
    Some(match word {
        "authentication" | "invalid_api_key" => 401,
        "payment_required" | "insufficient_credits" | "insufficient_quota" => 402,
        "permission_denied" | "content_policy_violation" | "refusal" | "moderation" => 403,
        "not_found" | "image_not_found" | "model_not_found" | "no_endpoints" => 404,
        "precondition_failed" => 412,
        "payload_too_large" => 413,
        "unprocessable" => 422,
        "rate_limit_exceeded" | "rate_limited" => 429,
        "provider_unavailable" | "provider_error" => 502,
        "provider_overloaded" => 503,
        "timeout" => 504,
        "invalid_request"
        | "invalid_request_error"
        | "invalid_prompt"
        | "context_length_exceeded"
        | "max_tokens_exceeded"
        | "token_limit_exceeded"
        | "string_too_long" => 400,
        _ => return None,
    })
}

/// Whether a request was rejected because of the reasoning in its history. Each provider words that differently.
fn is_about_reasoning(message: &str) -> bool {
    let message = message.to_ascii_lowercase().replace(['_', '-', '`'], " ");
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    [
        "thought signature",
        "signature in thinking",
        "encrypted content",
        "encrypted reasoning",
        "reasoning details",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// Returns the message in `{error: {message}}`, `{message}`, `{error}` or `{detail}`. Of an array the first item is read.
/// A message that is itself JSON is read in the same way.
fn nested_message(text: &str) -> Option<String> {
    let text = text.trim();
    let first = json::array(text).and_then(|items| items.first().copied());
    let object = Object::parse(first.unwrap_or(text))?;
    let message = object
        .object("error")
        .and_then(|error| error.string("message"))
        .or_else(|| object.string("message"))
        .or_else(|| object.string("error"))
        .or_else(|| object.string("detail"))?;
    Some(nested_message(&message).unwrap_or_else(|| message.into_owned()))
}

/// Returns the `data` of an error as JSON text: the body itself, or a string with the start of a body that is too large or
/// not JSON.
fn data(body: &str) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let is_json = body.starts_with(['{', '[']) && json::is_valid(body);
    Some(match (is_json, body.len() <= MAX_DATA) {
        (true, true) => body.to_owned(),
        (true, false) => json::quoted(body.get(..body.floor_char_boundary(MAX_DATA)).unwrap_or_default()),
        (false, _) => json::quoted(clip(body, SNIPPET)),
    })
}

/// Returns the first `limit` characters of `text`.
fn clip(text: &str, limit: usize) -> &str {
    let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}
