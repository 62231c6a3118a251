//! The kinds of failures.

/// The kind of a failure. [`ErrorKind::code`] is the `code` of the JavaScript error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names say what each kind is
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
    PrivacyNotPossible,
    BudgetExceeded,
}

impl ErrorKind {
    /// Returns the stable name of this kind.
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
            Self::PrivacyNotPossible => "privacy_not_possible",
            Self::BudgetExceeded => "budget_exceeded",
        }
    }

    /// Whether the cache may serve its last value instead, because the API did not judge the request.
    pub fn allows_last_value(self) -> bool {
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
