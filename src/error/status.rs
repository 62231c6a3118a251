//! What the status of a failure, and the words that the API states beside it, mean.

use crate::error::ErrorKind;
use crate::json::{self, Object};

/// The status and kind of a failure.
pub(super) struct Meaning {
    pub(super) status: u16,
    pub(super) kind: ErrorKind,
}

/// Returns what a failure means. `http` is the HTTP status, `error` the error in the body with its `metadata`, `message` what
/// it says. An HTTP status of 300 or more stands; inside a 200 the error states the status.
pub(super) fn meaning(
    http: u16,
    error: &Object<'_>,
    metadata: &Object<'_>,
    error_type: Option<&str>,
    message: &str,
) -> Meaning {
    let code = error.present("code");
    let word = code.and_then(json::string);
    let availability = error
        .object("availability")
        .and_then(|availability| availability.string("code"));
    let stated = [word.as_deref(), error_type, availability.as_deref()];
    let stated = stated.into_iter().flatten().filter_map(of_word);
    let status = match http {
        300.. => http,
        _ => code
            .and_then(json::number)
            .or_else(|| word.as_deref().and_then(json::number))
            .filter(|number| (400.0..600.0).contains(number))
            .map(|number| number as u16)
            .or_else(|| stated.clone().next().map(|(status, _)| status))
            .unwrap_or(500),
    };
    let by_word = stated
        .filter(|(of_word, _)| *of_word == status)
        .find_map(|(_, kind)| kind);
    let kind = by_word.unwrap_or_else(|| match status {
        403 if is_moderation(metadata) => ErrorKind::Moderation,
        403 if is_budget(metadata, error_type, message) => ErrorKind::InsufficientCredits,
        404 if message.starts_with("No endpoints") || message.starts_with("No allowed providers") => {
            ErrorKind::NoEndpoints
        }
        _ => of_status(status),
    });
    Meaning { status, kind }
}

/// Returns the kind of a failure of which nothing is known but its status.
pub(super) fn of_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::InvalidApiKey,
        402 => ErrorKind::InsufficientCredits,
        403 => ErrorKind::Forbidden,
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

/// Whether the same request may succeed later.
pub(super) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// Returns what an error word stands for: a `code` that is a string, as in streams, or an error type. The kind is there if
/// it says more than the status.
fn of_word(word: &str) -> Option<(u16, Option<ErrorKind>)> {
    Some(match word {
        "authentication" | "invalid_api_key" => (401, None),
        "payment_required" | "insufficient_credits" | "insufficient_quota" => (402, None),
        "permission_denied" => (403, None),
        "content_policy_violation" | "refusal" | "moderation" => (403, Some(ErrorKind::Moderation)),
        "not_found" | "image_not_found" | "model_not_found" => (404, None),
        "no_endpoints" => (404, Some(ErrorKind::NoEndpoints)),
        "precondition_failed" => (412, None),
        "payload_too_large" => (413, None),
        "unprocessable" => (422, None),
        "rate_limit_exceeded" | "rate_limited" => (429, None),
        "provider_unavailable" | "provider_error" => (502, None),
        "provider_overloaded" => (503, None),
        "timeout" => (504, None),
        "invalid_request"
        | "invalid_request_error"
        | "invalid_prompt"
        | "context_length_exceeded"
        | "max_tokens_exceeded"
        | "token_limit_exceeded"
        | "string_too_long" => (400, None),
        _ => return None,
    })
}

fn is_moderation(metadata: &Object<'_>) -> bool {
    metadata.present("flagged_input").is_some()
        || metadata
            .present("reasons")
            .is_some_and(|reasons| reasons.starts_with('['))
}

/// Whether a 403 is about money: OpenRouter answers it, not 402, when the budget or limit of a key is spent.
fn is_budget(metadata: &Object<'_>, error_type: Option<&str>, message: &str) -> bool {
    let by_word = error_type
        .and_then(of_word)
        .is_some_and(|(status, _)| status == 402);
    let by_field = metadata.entries().any(|(name, value)| {
        let is_source = name == "limit_source" && value.contains("openrouter");
        is_source || (name.contains("budget") && value != "null")
    });
    let message = message.to_ascii_lowercase();
    let by_text = [
        "budget",
        "key limit",
        "spending limit",
        "spend limit",
        "credit limit",
    ];
    by_word || by_field || by_text.iter().any(|words| message.contains(words))
}
