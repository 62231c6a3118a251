//! Turns every form of failure that the API can report into an [`Error`]: an HTTP error, a 200 that contains an error,
//! an error in the middle of a stream, a gateway's HTML page. Reading a failure cannot fail: if the body cannot be
//! parsed, the error is made from the status.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::error::status::{self, Meaning};
use crate::error::{Error, ErrorDetails, ErrorKind, check_address, lacks_version, retry_after, words};
use crate::json::{self, Object};
use crate::secret::Secrets;

/// The largest JSON body, in bytes, that is kept unchanged in `data`.
const MAX_DATA: usize = 64 * 1024;
/// The most characters of a body that is not JSON that are kept in `data`.
const MAX_SNIPPET: usize = 200;
/// The most bytes of a character.
const MAX_UTF8: usize = 4;
/// The most characters of the API's message.
const MAX_MESSAGE: usize = 4000;
/// The most characters of a provider's own message, or of a text that is not JSON, that are put into a message.
const MAX_REASON: usize = 300;

/// The advice when a provider rejects a request because it cannot read another provider's reasoning.
const REASONING_ADVICE: &str = " Earlier reasoning can be read only by the provider that wrote it: keep to that one with \
                                provider.order, or leave reasoning_details out.";

/// What is said of JSON that ends too early.
const CUT: &str = "The answer was cut off: its JSON ends in the middle. Please try again.";

/// The response that reports a failure, and what is known of its request.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The HTTP status of the response.
    pub status: u16,
    /// The headers of the response.
    pub headers: &'a http::HeaderMap,
    /// The secrets of the request, which are removed from the error because the server may echo them.
    pub secrets: &'a Secrets,
    /// The base URL to which the request was sent; empty if it is not known.
    pub base_url: &'a str,
    /// A description of the request's routing limits, which is added to "No endpoints found" messages.
    pub limits: Option<&'a str>,
}

/// What a body says about the failure.
struct Report<'a> {
    /// The fields of the error.
    error: Object<'a>,
    metadata: Object<'a>,
    /// The API's own message; empty if there is none.
    message: String,
    /// Whether the body has an `error` object, as those of the API have it.
    is_of_api: bool,
}

impl Source<'_> {
    /// Returns the error that a whole response body reports.
    pub fn read(&self, body: &str) -> Error {
        let body = body.trim();
        // Google answers a list with one object.
        let first = json::array(body).and_then(|items| items.first().copied());
        let now = retry_after::server_time(self.headers);
        let Some(object) = Object::parse(first.unwrap_or(body)) else {
            return self.read_text(body, now);
        };
        let choices = object
            .present("choices")
            .and_then(json::array)
            .unwrap_or_default();
        let choices: Vec<Object<'_>> = choices.into_iter().filter_map(Object::parse).collect();
        let error = failure_in(&object, choices.iter());
        if error.is_none() && first.is_some() && self.is_success() {
            return self.read_text(body, now);
        }
        self.read_error(error.unwrap_or(first.unwrap_or(body)), &object, body, now)
    }

    /// Returns the error that a chunk of a stream, or a completion, reports. `error` is its error value, `chunk` the whole
    /// text.
    pub fn read_chunk(&self, error: &str, chunk: &str) -> Error {
        let object = Object::parse(chunk).unwrap_or_default();
        self.read_error(error, &object, chunk, SystemTime::now())
    }

    /// Returns the error for a body that is not a JSON object.
    fn read_text(&self, body: &str, now: SystemTime) -> Error {
        let message = words::in_text(body).unwrap_or_default();
        let report = Report {
            error: Object::default(),
            metadata: Object::default(),
            message: self.clipped(&message, MAX_REASON),
            is_of_api: false,
        };
        if !self.is_success() {
            let message = self.unexplained(self.status, &report);
            let kind = status::of_status(self.status);
            let message = self.fixed_message(kind, self.status, &report).unwrap_or(message);
            return self.build(kind, self.status, message, &report, body, now);
        }
        // Other text may be an answer, which is not quoted in a message.
        let said = match body.starts_with('<') && !report.message.is_empty() {
            true => format!(" ({})", report.message),
            false => String::new(),
        };
        let (kind, message) = match json::is_cut(body) {
            true => (ErrorKind::StreamTruncated, CUT.to_owned()),
            false => {
                let advice = check_address(self.base_url);
                let status = self.status;
                let message = format!(
                    "OpenRouter answered HTTP {status} with a body that is not a JSON object{said}. {advice}"
                );
                (ErrorKind::MalformedResponse, message)
            }
        };
        self.build(kind, self.status, message, &report, body, now)
    }

    fn read_error(&self, error: &str, object: &Object<'_>, body: &str, now: SystemTime) -> Error {
        let fields = Object::parse(error).unwrap_or_default();
        let metadata = fields.object("metadata").unwrap_or_default();
        let error_type = error_type(&fields, &metadata);
        let report = Report {
            message: self.clipped(&words::of_error(error, object).unwrap_or_default(), MAX_MESSAGE),
            is_of_api: object.object("error").is_some(),
            error: fields,
            metadata,
        };
        let Meaning { status, kind } = status::meaning(
            self.status,
            &report.error,
            &report.metadata,
            error_type.as_deref(),
            &report.message,
        );
        let message = self.message(kind, status, &report);
        let mut built = self.build(kind, status, message, &report, body, now);
        built.details_mut().billed = billed(object);
        built
    }

    fn build(
        &self,
        kind: ErrorKind,
        status: u16,
        message: String,
        report: &Report<'_>,
        body: &str,
        now: SystemTime,
    ) -> Error {
        let Report { error, metadata, .. } = report;
        let mut built = Error::new(kind, message);
        let details = built.details_mut();
        self.add_response(details, status, body);
        details.error_type = error_type(error, metadata).map(Cow::into_owned);
        details.provider = metadata.string("provider_name").map(Cow::into_owned);
        details.metadata = error
            .present("metadata")
            .filter(|text| text.starts_with('{'))
            .map(str::to_owned);
        details.retry_after =
            retry_after::in_headers(self.headers, now).or_else(|| retry_after::in_body(error, metadata, now));
        // For some statuses the message begins with a fixed sentence of this client. What the API said is kept as the cause.
        let cause = self.explain(report);
        details.cause = Some(cause).filter(|cause| !cause.is_empty() && *cause != details.message);
        built.scrubbed(self.secrets)
    }

    /// Adds what is known of the response.
    fn add_response(&self, details: &mut ErrorDetails, status: u16, body: &str) {
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
        details.request_id = request_id(self.headers).map(str::to_owned);
        details.data = self.data(body);
    }

    fn is_success(&self) -> bool {
        self.status < 300
    }

    /// Returns a sentence that says what happened and what to do.
    fn message(&self, kind: ErrorKind, status: u16, report: &Report<'_>) -> String {
        if let Some(message) = self.fixed_message(kind, status, report) {
            return message;
        }
        let explained = self.explain(report);
        if explained.is_empty() {
            return self.unexplained(status, report);
        }
        match kind {
            ErrorKind::NoEndpoints => match self.limits {
                Some(limits) => format!("{} Routing limits in force: {limits}.", report.message),
                None => report.message.clone(),
            },
            ErrorKind::InvalidRequest if is_about_reasoning(&explained) => explained + REASONING_ADVICE,
            // The API has an `error` object in each of its answers: this is another server, or another part of it.
            _ if matches!(status, 404 | 405) && (!report.is_of_api || self.is_elsewhere(&explained)) => {
                format!(
                    "OpenRouter answered HTTP {status}: {}. {}",
                    explained.trim_end_matches('.'),
                    check_address(self.base_url)
                )
            }
            _ => explained,
        }
    }

    /// Whether a 404 is most likely about the address: the base URL is not like that of the API, and the words do not speak
    /// of a model.
    fn is_elsewhere(&self, words: &str) -> bool {
        let mut all = words.split(|c: char| !c.is_alphanumeric());
        lacks_version(self.base_url) && !all.any(|word| word.eq_ignore_ascii_case("model"))
    }

    /// Returns the message of a status for which it begins with a fixed sentence. The API's own words, which are appended,
    /// say for example how many tokens the credits allow, or when a limit ends.
    fn fixed_message(&self, kind: ErrorKind, status: u16, report: &Report<'_>) -> Option<String> {
        let sentence = match (kind, status) {
            (_, 300..=399) => {
                return Some(format!(
                    "OpenRouter answered HTTP {status}, a redirect to another address, which is not followed so that \
                     the API key stays here. {}",
                    check_address(self.base_url)
                ));
            }
            (ErrorKind::InvalidApiKey, _) => {
                return Some("Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.".into());
            }
            // A 403 is about the budget of a key, which credits do not raise.
            (ErrorKind::InsufficientCredits, 402) => {
                "Insufficient credits. Please add credits to your OpenRouter account."
            }
            (ErrorKind::RateLimited, _) => "Rate limit exceeded. Please try again later.",
            (ErrorKind::ServiceUnavailable, _) => {
                "OpenRouter service temporarily unavailable. Please try again later."
            }
            _ => return None,
        };
        let said = sentence.split('.').next().unwrap_or_default();
        let explained = self.explain(report);
        let words = explained.strip_prefix(said).unwrap_or(&explained);
        Some(match words.trim_start_matches(['.', ':', ' ']) {
            "" => sentence.to_owned(),
            words => format!("{sentence} {words}"),
        })
    }

    /// Returns the message for a failure of which the API gives no reason, and what helps against its status.
    fn unexplained(&self, status: u16, report: &Report<'_>) -> String {
        let words = report.message.trim_end_matches('.');
        let what = match (self.is_success(), words) {
            (true, _) => format!("OpenRouter reported a failure (status {status}) without saying why."),
            (false, "") => format!("OpenRouter answered HTTP {status} without saying why."),
            (false, words) => format!("OpenRouter answered HTTP {status}: {words}."),
        };
        let advice = match status {
            _ if status::may_pass(status) => "Please try again later.",
            413 => "Send less text or smaller files.",
            404 | 405 if !report.is_of_api => {
                return format!(
                    "{what} There is no API at this address. {}",
                    check_address(self.base_url)
                );
            }
            _ => "The same request will fail again. Check it and baseURL.",
        };
        format!("{what} {advice}")
    }

    /// Returns the API's message with the provider's name and its reason added: the API's message alone may be no more than
    /// "Provider returned error". Empty if there is neither a message nor a reason.
    fn explain(&self, report: &Report<'_>) -> String {
        let message = report.message.as_str();
        let provider = report.metadata.string("provider_name");
        let reason = self
            .reason(&report.metadata)
            .filter(|reason| !message.contains(reason.as_str()));
        let (brackets, reason) = match (provider, reason) {
            (Some(provider), Some(reason)) => (true, format!("{provider}: {reason}")),
            (None, Some(reason)) => (true, reason),
            (Some(provider), None) => (
                !message.is_empty() && !message.contains(&*provider),
                provider.into_owned(),
            ),
            (None, None) => (false, String::new()),
        };
        match (message, brackets) {
            ("", true) => reason,
            (message, true) => format!("{message} ({reason})"),
            (message, false) => message.to_owned(),
        }
    }

    /// Returns the provider's own message from `raw`, which may be plain text, JSON, JSON in a string, or an HTML page; else
    /// that of the first of `previous_errors`.
    fn reason(&self, metadata: &Object<'_>) -> Option<String> {
        let raw = metadata.present("raw").and_then(|raw| match json::string(raw) {
            Some(text) => words::in_text(&text),
            None => words::in_json(raw),
        });
        let previous = || words::in_json(json::array(metadata.present("previous_errors")?)?.first()?);
        Some(self.clipped(&raw.or_else(previous)?, MAX_REASON))
    }

    /// Returns the first `limit` characters of `words`, without secrets.
    fn clipped(&self, words: &str, limit: usize) -> String {
        clip(&self.secrets.scrub_start(words, limit * MAX_UTF8), limit).to_owned()
    }

    /// Returns the `data` of an error as JSON text, without secrets: the body itself, or a string with the start of a body
    /// that is too large or not JSON.
    fn data(&self, body: &str) -> Option<String> {
        if body.is_empty() {
            return None;
        }
        let is_json = body.starts_with(['{', '[', '"']) && json::is_valid(body);
        Some(match (is_json, body.len() <= MAX_DATA) {
            (true, true) => self.secrets.scrub_json(body).into_owned(),
            (true, false) => json::quoted(&self.secrets.scrub_start(body, MAX_DATA)),
            (false, _) => json::quoted(&self.clipped(body, MAX_SNIPPET)),
        })
    }
}

/// Returns the number under which the service knows the request of a response: its own, else that of its edge.
pub fn request_id(headers: &http::HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name)?.to_str().ok();
    text("x-request-id").or_else(|| text("cf-ray"))
}

fn error_type<'a>(error: &Object<'a>, metadata: &Object<'a>) -> Option<Cow<'a, str>> {
    metadata.string("error_type").or_else(|| error.string("type"))
}

/// Returns the `error` of a completion, a chunk or a choice. `null`, `false`, `""` and `0` mean that there is no error.
pub fn error_of<'a>(object: &Object<'a>) -> Option<&'a str> {
    object
        .present("error")
        .filter(|value| !matches!(*value, "false" | "\"\"" | "0"))
}

/// Returns the failure that a completion or a chunk reports: its own error, else that of the first choice with one; `{}` if
/// only a `finish_reason: "error"` reports it.
pub fn failure_in<'a: 'c, 'c>(
    fields: &Object<'a>,
    choices: impl Iterator<Item = &'c Object<'a>> + Clone,
) -> Option<&'a str> {
    let is_failed = |choice: &Object<'a>| choice.string("finish_reason").as_deref() == Some("error");
    error_of(fields)
        .or_else(|| choices.clone().find_map(error_of))
        .or_else(|| choices.clone().any(is_failed).then_some("{}"))
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

/// Returns the first `limit` characters of `text`.
fn clip(text: &str, limit: usize) -> &str {
    let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// Returns what the answer in `object` cost, if it reports a cost or generated tokens: a model has worked for it.
fn billed(object: &Object<'_>) -> Option<f64> {
    let usage = object.object("usage")?;
    let figure = |name| usage.present(name).and_then(json::figure).unwrap_or(0.0);
    let cost = figure("cost");
    (cost > 0.0 || figure("completion_tokens") > 0.0).then_some(cost)
}
