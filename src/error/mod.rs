//! The one error of this client: a kind that code can match, a sentence that a person can act on, and the details that
//! came with it. Texts from outside are scrubbed of keys before they get in here.

pub mod api;

use std::fmt;
use std::time::Duration;

use crate::json::ObjectWriter;

/// What went wrong; [`ErrorKind::code`] is the `code` that JavaScript sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the documentation
pub enum ErrorKind {
    InvalidRequest,
    InvalidApiKey,
    InsufficientCredits,
    Forbidden,
    Moderation,
    NotFound,
    NoEndpoints,
    Timeout,
    PayloadTooLarge,
    RateLimited,
    #[default]
    ServerError,
    ProviderError,
    ServiceUnavailable,
    Overloaded,
    ConnectionFailed,
    ConnectionReset,
    TlsError,
    ProxyError,
    Aborted,
    StreamTruncated,
    MalformedResponse,
    EmptyResponse,
    ResponseTooLarge,
    MissingApiKey,
    InvalidOption,
}

impl ErrorKind {
    /// The stable name of this kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidApiKey => "invalid_api_key",
            Self::InsufficientCredits => "insufficient_credits",
            Self::Forbidden => "forbidden",
            Self::Moderation => "moderation",
            Self::NotFound => "not_found",
            Self::NoEndpoints => "no_endpoints",
            Self::Timeout => "timeout",
            Self::PayloadTooLarge => "payload_too_large",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::ProviderError => "provider_error",
            Self::ServiceUnavailable => "service_unavailable",
            Self::Overloaded => "overloaded",
            Self::ConnectionFailed => "connection_failed",
            Self::ConnectionReset => "connection_reset",
            Self::TlsError => "tls_error",
            Self::ProxyError => "proxy_error",
            Self::Aborted => "aborted",
            Self::StreamTruncated => "stream_truncated",
            Self::MalformedResponse => "malformed_response",
            Self::EmptyResponse => "empty_response",
            Self::ResponseTooLarge => "response_too_large",
            Self::MissingApiKey => "missing_api_key",
            Self::InvalidOption => "invalid_option",
        }
    }

    /// Whether the failure may pass by itself, so that an older value may stand in for a fresh one meanwhile.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::RateLimited
                | Self::ServerError
                | Self::ProviderError
                | Self::ServiceUnavailable
                | Self::Overloaded
                | Self::ConnectionFailed
                | Self::ConnectionReset
                | Self::TlsError
                | Self::ProxyError
        )
    }
}

/// The part of a request that ran out of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reaching the host: name, TCP and TLS.
    Connect,
    /// From the request to the response's headers.
    Headers,
    /// Between two data events of a stream, or two reads of a body.
    Idle,
    /// The whole request, where a total was asked for.
    Total,
}

impl Phase {
    /// The name that `timeouts` has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Headers => "headers",
            Self::Idle => "idle",
            Self::Total => "total",
        }
    }
}

/// One try of a request, as `error.attempts` and `_metadata.attempts` tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempt {
    /// The model that was asked.
    pub model: Option<String>,
    /// The provider that was asked for it.
    pub provider: Option<String>,
    /// The HTTP status it gave.
    pub status: Option<u16>,
    /// Why it failed; `None` for the one that answered.
    pub reason: Option<String>,
}

impl Attempt {
    /// A try of `model` that failed.
    pub fn failed(model: &str, error: &Error) -> Self {
        let details = error.details();
        // The messages of some statuses are this client's; the API's own words tell more.
        let words = details.status.and(details.cause.as_ref());
        Self {
            model: Some(model.to_owned()),
            provider: details.provider.clone(),
            status: details.status,
            reason: Some(words.unwrap_or(&details.message).clone()),
        }
    }

    /// This attempt as JSON text.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        fields.text("model", self.model.as_deref());
        fields.text("provider", self.provider.as_deref());
        fields.raw("status", self.status.map(|status| status.to_string()));
        fields.text("reason", self.reason.as_deref());
        fields.finish()
    }
}

/// A list of attempts as JSON text.
pub fn attempts_json(attempts: &[Attempt]) -> String {
    let items: Vec<String> = attempts.iter().map(Attempt::to_json).collect();
    format!("[{}]", items.join(","))
}

/// A failure. Boxed inside, so that a `Result` with it stays one word.
#[derive(Debug, Clone)]
pub struct Error(Box<ErrorDetails>);

/// All that is known of a failure. ObjectWriter that are JSON hold it as text.
#[derive(Debug, Clone, Default)]
pub struct ErrorDetails {
    /// What went wrong.
    pub kind: ErrorKind,
    /// One sentence that a user can act on.
    pub message: String,
    /// The HTTP status, also where it came inside a 200.
    pub status: Option<u16>,
    /// The status line's text.
    pub status_text: Option<String>,
    /// The body (JSON).
    pub data: Option<String>,
    /// OpenRouter's `metadata.error_type`.
    pub error_type: Option<String>,
    /// The provider that failed.
    pub provider: Option<String>,
    /// The API's `error.metadata` (JSON).
    pub metadata: Option<String>,
    /// `X-Generation-Id`.
    pub generation_id: Option<String>,
    /// `X-Request-Id`, or the edge's `CF-Ray`.
    pub request_id: Option<String>,
    /// How long the API asks to wait.
    pub retry_after: Option<Duration>,
    /// Every try that was made.
    pub attempts: Vec<Attempt>,
    /// Node's name for what the system said: `ECONNREFUSED`.
    pub errno: Option<&'static str>,
    /// What ran out of time.
    pub phase: Option<Phase>,
    /// Whether a connection that had served before was closed before a byte of the answer: most likely the server let
    /// go of it while it was idle, and never saw the request (E6).
    pub is_stale_connection: bool,
    /// What had arrived before (JSON).
    pub partial: Option<String>,
    /// What lies underneath: the API's own words, or the operating system's.
    pub cause: Option<String>,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorDetails {
            kind,
            message: message.into(),
            ..ErrorDetails::default()
        }))
    }

    /// A limit of time that was passed in `phase`.
    pub fn timeout(phase: Phase, limit: Duration) -> Self {
        let what = match phase {
            Phase::Connect => "could not be reached",
            Phase::Headers => "did not answer",
            Phase::Idle => "sent no data",
            Phase::Total => "did not finish",
        };
        let mut error = Self::new(
            ErrorKind::Timeout,
            format!(
                "OpenRouter {what} within {} ms. Raise timeouts.{} if this is expected.",
                limit.as_millis(),
                phase.name()
            ),
        );
        error.0.phase = Some(phase);
        error
    }

    /// The caller's own abort.
    pub fn aborted() -> Self {
        Self::new(ErrorKind::Aborted, "Request aborted")
    }

    /// A 200 that holds nothing but white space (S16).
    pub fn empty_response() -> Self {
        Self::new(
            ErrorKind::EmptyResponse,
            "OpenRouter answered with an empty body. Please try again.",
        )
    }

    /// A task that ended without a result: a bug in this package.
    pub fn internal() -> Self {
        Self::new(
            ErrorKind::ConnectionFailed,
            "The request ended unexpectedly. Please report this.",
        )
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The details.
    pub fn details(&self) -> &ErrorDetails {
        &self.0
    }

    /// The details, to add to.
    pub fn details_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }

    /// This error with what lies underneath.
    pub fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// This error with what had arrived before it.
    pub fn with_partial(mut self, partial: String) -> Self {
        self.0.partial = Some(partial);
        self
    }

    /// `401 Unauthorized`, or the message where there is no status.
    pub fn in_short(&self) -> String {
        let details = &*self.0;
        match (details.status, &details.status_text) {
            (Some(status), Some(text)) => format!("{status} {text}"),
            (Some(status), None) => status.to_string(),
            _ => details.message.clone(),
        }
    }

    /// The error as JSON text, for JavaScript to make its error from.
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

/// An option that is not what it must be. The value stays out of the message: it may be a secret in the wrong place.
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
