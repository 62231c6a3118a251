//! The error type of this client: a kind for code to match, a message that tells a person what to do, and the details of
//! the failure. [`Error::scrubbed`] removes the secrets of the request from it.

mod address;
pub mod api;
mod kind;
mod retry_after;
mod status;
mod timeout;
pub mod unknown;
mod words;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::json::ObjectWriter;
use crate::secret::Secrets;

pub use address::{check_address, lacks_version};
pub use kind::ErrorKind;
pub use timeout::Phase;

/// One attempt of a request: an item of `error.attempts` and `_metadata.attempts`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempt {
    /// The requested model.
    pub model: Option<String>,
    /// The provider that OpenRouter chose for the model.
    pub provider: Option<String>,
    /// The HTTP status of the response.
    pub status: Option<u16>,
    /// Why the attempt failed; `None` for the attempt that succeeded.
    pub reason: Option<String>,
}

impl Attempt {
    /// Returns the record of an attempt with `model` that failed.
    pub fn failed(model: &str, error: &Error) -> Self {
        let details = error.details();
        // For some statuses the message is a fixed sentence of this client, and the API's own words say more.
        let words = details.status.and(details.cause.as_ref());
        Self {
            model: Some(model.to_owned()),
            provider: details.provider.clone(),
            status: details.status,
            reason: Some(words.unwrap_or(&details.message).clone()),
        }
    }

    /// Returns the attempt as JSON text.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        fields.text("model", self.model.as_deref());
        fields.text("provider", self.provider.as_deref());
        fields.raw("status", self.status.map(|status| status.to_string()));
        fields.text("reason", self.reason.as_deref());
        fields.finish()
    }
}

/// Returns a list of attempts as JSON text.
pub fn attempts_json(attempts: &[Attempt]) -> String {
    let items: Vec<String> = attempts.iter().map(Attempt::to_json).collect();
    format!("[{}]", items.join(","))
}

/// A failure. Its details are boxed, so that a `Result` with this error stays small.
#[derive(Debug, Clone)]
pub struct Error(Box<ErrorDetails>);

/// Everything that is known about a failure. Fields marked (JSON) contain JSON text.
#[derive(Debug, Clone, Default)]
pub struct ErrorDetails {
    /// The kind of the failure.
    pub kind: ErrorKind,
    /// A message that tells a person what happened and what to do.
    pub message: String,
    /// The HTTP status; for an error inside a 200, the status that the error states, else 500.
    pub status: Option<u16>,
    /// The standard reason phrase of `status`, such as `Unauthorized`.
    pub status_text: Option<String>,
    /// The body of the response, or the data of the event that reported the failure (JSON): unchanged up to 64 KiB, else
    /// its start as a string; of text that is not JSON the first 200 characters as a string.
    pub data: Option<String>,
    /// OpenRouter's `metadata.error_type`, or the error's `type`.
    pub error_type: Option<String>,
    /// The provider that failed.
    pub provider: Option<String>,
    /// The API's `error.metadata` (JSON).
    pub metadata: Option<String>,
    /// `X-Generation-Id`.
    pub generation_id: Option<String>,
    /// `X-Request-Id`, or the edge's `CF-Ray`.
    pub request_id: Option<String>,
    /// How long to wait before the next request, as the API asks.
    pub retry_after: Option<Duration>,
    /// All attempts of the request.
    pub attempts: Vec<Attempt>,
    /// Node's name of the operating system's error, such as `ECONNREFUSED`.
    pub errno: Option<&'static str>,
    /// The phase whose timeout was exceeded.
    pub phase: Option<Phase>,
    /// Whether a reused connection was closed before any byte of the response arrived. Most likely the server closed the
    /// connection while it was idle, and never saw the request.
    pub is_stale_connection: bool,
    /// Whether the server has said that it did not process the request: by HTTP/2's `REFUSED_STREAM`, or by a `GOAWAY` that
    /// leaves the request out.
    pub is_unprocessed: bool,
    /// What the failed answer cost, in USD, if it reports a cost or generated tokens. It must not be requested again.
    pub billed: Option<f64>,
    /// The part of the answer that arrived before the failure (JSON).
    pub partial: Option<String>,
    /// The underlying message: the API's own words, or those of the operating system.
    pub cause: Option<String>,
}

impl Error {
    /// Returns an error with this kind and message, and no further details.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorDetails {
            kind,
            message: message.into(),
            ..ErrorDetails::default()
        }))
    }

    /// Returns the error of a request that the caller aborted.
    pub fn aborted() -> Self {
        Self::new(ErrorKind::Aborted, "Request aborted")
    }

    /// Returns the error of a 200 whose body is empty or only white space.
    pub fn empty_response() -> Self {
        Self::new(
            ErrorKind::EmptyResponse,
            "OpenRouter answered with an empty body. Please try again.",
        )
    }

    /// Returns the error of a task that ended without a result, which is a bug in this package. None of the codes stands for
    /// a bug. Of them `connection_failed` promises the least: that there is no answer.
    pub fn internal() -> Self {
        Self::new(
            ErrorKind::ConnectionFailed,
            "The request ended unexpectedly. Please report this.",
        )
    }

    /// Returns the kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the details.
    pub fn details(&self) -> &ErrorDetails {
        &self.0
    }

    /// Returns the details for changes.
    pub fn details_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }

    /// Returns this error with its underlying message.
    pub fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Returns this error with the partial answer, as JSON text, that arrived before the failure.
    pub fn with_partial(mut self, partial: String) -> Self {
        self.0.partial = Some(partial);
        self
    }

    /// Returns this error without `secrets`, in whichever of its texts a server or a library may have put them. All errors of
    /// a request pass here on their way out.
    pub fn scrubbed(mut self, secrets: &Secrets) -> Self {
        let scrub = |text: &mut String, as_json: bool| {
            let clean = match as_json {
                true => secrets.scrub_json(text),
                false => secrets.scrub(text),
            };
            if let Cow::Owned(clean) = clean {
                *text = clean;
            }
        };
        // Every field is named, so that the compiler asks about each new one.
        let ErrorDetails {
            kind: _,
            message,
            status: _,
            status_text,
            data,
            error_type,
            provider,
            metadata,
            generation_id,
            request_id,
            retry_after: _,
            attempts,
            errno: _,
            phase: _,
            is_stale_connection: _,
            is_unprocessed: _,
            billed: _,
            partial,
            cause,
        } = &mut *self.0;
        scrub(message, false);
        let texts = [
            status_text,
            error_type,
            provider,
            generation_id,
            request_id,
            cause,
        ];
        for text in texts.into_iter().flatten() {
            scrub(text, false);
        }
        for attempt in attempts {
            let texts = [&mut attempt.model, &mut attempt.provider, &mut attempt.reason];
            for text in texts.into_iter().flatten() {
                scrub(text, false);
            }
        }
        for json in [data, metadata, partial].into_iter().flatten() {
            scrub(json, true);
        }
        self
    }

    /// Returns the status, such as `401 Unauthorized`, or the message if there is no status.
    pub fn in_short(&self) -> String {
        let details = &*self.0;
        match (details.status, &details.status_text) {
            (Some(status), Some(text)) => format!("{status} {text}"),
            (Some(status), None) => status.to_string(),
            _ => details.message.clone(),
        }
    }

    /// Returns the error as JSON text, from which JavaScript makes its `OpenRouterError`.
    pub fn to_json(&self) -> String {
        let details = &*self.0;
        let mut fields = ObjectWriter::new();
        fields.text("code", Some(details.kind.code()));
        fields.text("message", Some(&details.message));
        fields.raw("status", details.status.map(|status| status.to_string()));
        fields.text("statusText", details.status_text.as_deref());
        fields.raw("data", details.data.clone());
        fields.text("errorType", details.error_type.as_deref());
        fields.text("provider", details.provider.as_deref());
        fields.raw("metadata", details.metadata.clone());
        fields.text("generationId", details.generation_id.as_deref());
        fields.text("requestId", details.request_id.as_deref());
        fields.raw(
            "retryAfter",
            details.retry_after.map(|wait| wait.as_millis().to_string()),
        );
        if !details.attempts.is_empty() {
            fields.raw("attempts", Some(attempts_json(&details.attempts)));
        }
        fields.text("errno", details.errno);
        fields.text("phase", details.phase.map(Phase::name));
        fields.raw("partial", details.partial.clone());
        fields.text("cause", details.cause.as_deref());
        fields.finish()
    }
}

/// Returns the error for an invalid option. The message does not show the value, which may be a secret that the caller put
/// into the wrong option.
pub fn invalid_option(name: &str, expected: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOption,
        format!("Invalid option {name}: expected {expected}."),
    )
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
