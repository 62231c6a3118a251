//! What the bodies of failed requests say, in the forms of the API, providers, gateways and web frameworks.

use crate::support::failure::{error_body, read};
use openrouter_native::error::{Attempt, ErrorKind};
use openrouter_native::json;

const ADD_CREDITS: &str = "Insufficient credits. Please add credits to your OpenRouter account.";
const LATER: &str = "Rate limit exceeded. Please try again later.";
const UNAVAILABLE: &str = "OpenRouter service temporarily unavailable. Please try again later.";

/// Bodies that were observed in practice: status, body, the kind of the error, and the start of its message.
#[rustfmt::skip]
const BODIES: &[(u16, &str, ErrorKind, &str)] = &[
    (400, r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"temperature: must be <= 1\",\"type\":\"invalid_request_error\"}}","provider_name":"Anthropic"}}}"#, ErrorKind::InvalidRequest, "Provider returned error (Anthropic: temperature: must be <= 1)"),
    (502, r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"upstream connect error","provider_name":"Groq"}}}"#, ErrorKind::ProviderError, "Provider returned error (Groq: upstream connect error)"),
    (502, r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"<html><body>502 Bad Gateway</body></html>","provider_name":"Groq"}}}"#, ErrorKind::ProviderError, "Provider returned error (Groq)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"raw":{"message":"nested as it is"},"provider_name":"P"}}}"#, ErrorKind::ProviderError, "Provider returned error (P: nested as it is)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"raw":"{\"detail\":\"model is loading\"}"}}}"#, ErrorKind::ProviderError, "Provider returned error (model is loading)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"raw":"{\"error\":\"in words\"}","provider_name":"P"}}}"#, ErrorKind::ProviderError, "Provider returned error (P: in words)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"provider_name":"P","raw":"","previous_errors":[{"code":429,"message":"slow down"}]}}}"#, ErrorKind::ProviderError, "Provider returned error (P: slow down)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"raw":"[{\"error\":{\"code\":429,\"message\":\"first of a list\"}}]","provider_name":"P"}}}"#, ErrorKind::ProviderError, "Provider returned error (P: first of a list)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"{\\\"error\\\":{\\\"message\\\":\\\"twice wrapped\\\"}}\"}}","provider_name":"P"}}}"#, ErrorKind::ProviderError, "Provider returned error (P: twice wrapped)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"raw":"[1,2","provider_name":"Groq"}}}"#, ErrorKind::ProviderError, "Provider returned error (Groq)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":null}}"#, ErrorKind::ProviderError, "Provider returned error"),
    (502, r#"{"error":{"message":"P says no","metadata":{"raw":"says no","provider_name":"P"}}}"#, ErrorKind::ProviderError, "P says no"),
    (200, r#"{"id":"g","error":{"code":502,"message":"m"}}"#, ErrorKind::ProviderError, "m"),
    (200, r#"{"id":"g","error":{"code":"429","message":"m"},"choices":null}"#, ErrorKind::RateLimited, LATER),
    (200, r#"{"error":{"code":"server_error","message":"m"}}"#, ErrorKind::ServerError, "m"),
    (200, r#"{"error":{"code":"insufficient_quota","message":"m"}}"#, ErrorKind::InsufficientCredits, ADD_CREDITS),
    (200, r#"{"error":{"code":"rate_limit_exceeded","message":"m"}}"#, ErrorKind::RateLimited, LATER),
    (200, r#"{"error":{"message":"m","metadata":{"error_type":"provider_overloaded"}}}"#, ErrorKind::ServiceUnavailable, UNAVAILABLE),
    (200, r#"{"error":{"message":"m","type":"context_length_exceeded"}}"#, ErrorKind::InvalidRequest, "m"),
    (200, r#"{"error":{"code":0,"message":"m"}}"#, ErrorKind::ServerError, "m"),
    (200, r#"{"error":{"code":99999,"message":"m"}}"#, ErrorKind::ServerError, "m"),
    (200, r#"{"error":{"code":-1,"message":"m"}}"#, ErrorKind::ServerError, "m"),
    (200, r#"{"error":"in words"}"#, ErrorKind::ServerError, "in words"),
    (200, r#"{"choices":[{"finish_reason":"error","error":{"code":504,"message":"too slow"},"message":{"content":"half"}}]}"#, ErrorKind::Timeout, "too slow"),
    (400, r#"{"error":"in words"}"#, ErrorKind::InvalidRequest, "in words"),
    (400, r#"{"message":"no envelope"}"#, ErrorKind::InvalidRequest, "no envelope"),
    (422, r#"{"detail":"as gateways say it"}"#, ErrorKind::InvalidRequest, "as gateways say it"),
    (400, r#"{"error":{"message":"lone \ud83d half"}}"#, ErrorKind::InvalidRequest, "lone \u{FFFD} half"),
    (400, r#"{"success":false,"error":{"name":"ZodError","message":"[{\"path\":[\"model\"]}]"}}"#, ErrorKind::InvalidRequest, r#"[{"path":["model"]}]"#),
    (400, r#"{"success":false,"error":{"name":"ZodError","message":"[{\"path\":[\"messages\",0,\"role\"],\"message\":\"Required\"}]"}}"#, ErrorKind::InvalidRequest, "messages.0.role: Required"),
    (400, r#"{"error":{"name":"ZodError","issues":[{"code":"too_small","path":["messages"],"message":"Too few"},{"path":[],"message":"Bad"}]}}"#, ErrorKind::InvalidRequest, "messages: Too few; Bad"),
    (400, r#"{"issues":[{"path":["model"],"message":"Required"}]}"#, ErrorKind::InvalidRequest, "model: Required"),
    (422, r#"{"detail":[{"type":"missing","loc":["body","messages",0,"content"],"msg":"Field required","input":{"role":"PROMPT"}},{"loc":["body"],"msg":"b"},{"msg":"c"},{"msg":"d"},{"msg":"e"}]}"#, ErrorKind::InvalidRequest, "body.messages.0.content: Field required; body: b; c; and 2 more"),
    (400, r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]"#, ErrorKind::InvalidRequest, "API key not valid."),
    (400, r#"{"errors":["first","second"]}"#, ErrorKind::InvalidRequest, "first; second"),
    (400, r#"{"errors":[{"message":"first","locations":[]},{"code":2}],"data":null}"#, ErrorKind::InvalidRequest, "first"),
    (400, r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}"#, ErrorKind::InvalidRequest, "Authentication error"),
    (400, r#"{"type":"about:blank","title":"Validation errors.","status":400,"errors":{"Messages":["is required"]}}"#, ErrorKind::InvalidRequest, "Messages: is required"),
    (400, r#"{"statusCode":400,"message":["messages must be an array"],"error":"Bad Request"}"#, ErrorKind::InvalidRequest, "messages must be an array"),
    (400, r#"{"error":{"message":"{\"error\":{\"message\":\"inner words\"}}"}}"#, ErrorKind::InvalidRequest, "inner words"),
    (400, r#"{"error":{"message":{"detail":"in an object"}}}"#, ErrorKind::InvalidRequest, "in an object"),
    (500, r#"{"fault":{"faultstring":"Rate of gateway"}}"#, ErrorKind::ServerError, "Rate of gateway"),
    (400, r#"{"error":"invalid_grant","error_description":"Expired"}"#, ErrorKind::InvalidRequest, "Expired"),
    (400, r#""in a string""#, ErrorKind::InvalidRequest, "OpenRouter answered HTTP 400: in a string."),
    (502, r#"{"error":{"code":502,"metadata":{"provider_name":"Groq","raw":"upstream connect error"}}}"#, ErrorKind::ProviderError, "Groq: upstream connect error"),
    (502, r#"{"error":{"code":502,"metadata":{"raw":"upstream connect error"}}}"#, ErrorKind::ProviderError, "upstream connect error"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"provider_name":"P","raw":"<html><title>504 Gateway\n Time-out</title></html>"}}}"#, ErrorKind::ProviderError, "Provider returned error (P: 504 Gateway Time-out)"),
    (502, r#"{"error":{"message":"Provider returned error","metadata":{"provider_name":"P","raw":"{\"detail\":[{\"loc\":[\"model\"],\"msg\":\"unknown\"}]}"}}}"#, ErrorKind::ProviderError, "Provider returned error (P: model: unknown)"),
    (200, r#"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]"#, ErrorKind::RateLimited, LATER),
    (200, r#"{"error":{"code":"content_policy_violation","message":"m"}}"#, ErrorKind::Moderation, "m"),
    (200, r#"{"error":{"code":"moderation","message":"m"}}"#, ErrorKind::Moderation, "m"),
    (200, r#"{"error":{"message":"m","metadata":{"error_type":"refusal"}}}"#, ErrorKind::Moderation, "m"),
    (200, r#"{"error":{"code":"no_endpoints","message":"m"}}"#, ErrorKind::NoEndpoints, "m"),
    (403, r#"{"error":{"code":"content_policy_violation","message":"m"}}"#, ErrorKind::Moderation, "m"),
    (404, r#"{"error":{"code":404,"message":"m","availability":{"code":"no_endpoints"}}}"#, ErrorKind::NoEndpoints, "m"),
    (403, r#"{"error":{"code":403,"message":"Key limit exceeded (total limit). Manage it using https://x.example"}}"#, ErrorKind::InsufficientCredits, "Key limit exceeded (total limit)."),
    (403, r#"{"error":{"code":403,"message":"Monthly budget of the workspace exceeded"}}"#, ErrorKind::InsufficientCredits, "Monthly budget of the workspace exceeded"),
    (403, r#"{"error":{"code":403,"message":"Blocked","metadata":{"effective_budget":{"remaining_usd":0}}}}"#, ErrorKind::InsufficientCredits, "Blocked"),
    (403, r#"{"error":{"code":403,"message":"Blocked","metadata":{"limit_source":"openrouter_key_limit"}}}"#, ErrorKind::InsufficientCredits, "Blocked"),
    (403, r#"{"error":{"code":403,"message":"Blocked","metadata":{"error_type":"payment_required"}}}"#, ErrorKind::InsufficientCredits, "Blocked"),
    (200, r#"{"error":{"code":403,"message":"Budget exceeded"}}"#, ErrorKind::InsufficientCredits, "Budget exceeded"),
    (403, r#"{"error":{"code":403,"message":"Your budget words were flagged","metadata":{"flagged_input":"x"}}}"#, ErrorKind::Moderation, "Your budget words were flagged"),
    (403, r#"{"error":{"code":403,"message":"Flagged","metadata":{"reasons":["violence"],"flagged_input":"the prompt…","provider_name":"P"}}}"#, ErrorKind::Moderation, "Flagged (P)"),
    (403, r#"{"error":{"code":403,"message":"Flagged","metadata":{"error_type":"content_policy_violation"}}}"#, ErrorKind::Moderation, "Flagged"),
    (403, r#"{"error":{"code":403,"message":"Blocked by a guardrail","metadata":{"patterns":["x"]}}}"#, ErrorKind::Forbidden, "Blocked by a guardrail"),
    (404, r#"{"error":{"code":404,"message":"No endpoints found that support tool use."}}"#, ErrorKind::NoEndpoints, "No endpoints found that support tool use."),
    (404, r#"{"error":{"code":404,"message":"No allowed providers are available for the selected model."}}"#, ErrorKind::NoEndpoints, "No allowed providers"),
    (404, r#"{"error":{"code":404,"message":"Generation not found"}}"#, ErrorKind::NotFound, "Generation not found"),
];

#[test]
fn every_error_body_gives_its_kind_and_its_reason() {
    for (status, body, kind, message) in BODIES {
        let error = read(*status, body);
        assert_eq!(error.kind(), *kind, "{body}");
        assert!(error.to_string().starts_with(message), "{body}\n{error}");
        assert_eq!(error.details().data.as_deref(), Some(*body));
        assert!(json::is_valid(&error.to_json()), "{}", error.to_json());
        // White space around a body makes no difference.
        assert_eq!(read(*status, &format!("\n  {body} ")).to_json(), error.to_json());
    }
}

#[test]
fn a_body_without_a_message_gives_an_error_of_its_status() {
    for body in [
        "",
        " \n",
        "{}",
        "null",
        "7",
        r#"{"error":{}}"#,
        r#"{"error":null}"#,
        r#"{"error":{"message":""}}"#,
        r#"{"error":{"message":"\u000b \n"}}"#,
        r#"{"error":{"message":{"x":1}}}"#,
        r#"{"error":{"mess"#,
        "<html>Bad gateway</html>",
        "\u{1}\u{FFFD}binary",
    ] {
        let error = read(502, body);
        assert_eq!(
            (error.kind(), error.details().status),
            (ErrorKind::ProviderError, Some(502)),
            "{body}"
        );
        assert!(error.to_string().contains("502"), "{body}: {error}");
        for (status, kind) in [
            (524, ErrorKind::Timeout),
            (401, ErrorKind::InvalidApiKey),
            (200, ErrorKind::MalformedResponse),
        ] {
            let error = read(status, body);
            assert!(status == 200 || error.kind() == kind, "{status} {body}");
            assert!(!error.to_string().is_empty());
        }
    }
    assert_eq!(read(200, "<html>").kind(), ErrorKind::MalformedResponse);
}

#[test]
fn a_message_without_words_of_the_api_says_what_helps() {
    const ADDRESS: &str = "There is no API at this address. Check baseURL.";
    const SAME: &str = "The same request will fail again. Check it and baseURL.";
    const AGAIN: &str = "Please try again later.";
    let page = "<!doctype html><HTML><head><title lang=en>\n Not &amp; found </title></head></HTML>";
    for (status, body, words, advice) in [
        (404, page, ": Not & found.", ADDRESS),
        (405, page, ": Not & found.", ADDRESS),
        (404, "", " without saying why.", ADDRESS),
        (404, "404 page not found\nmore", ": 404 page not found.", ADDRESS),
        (404, r#"{"error":{"code":404}}"#, " without saying why.", SAME),
        (400, "", " without saying why.", SAME),
        (
            413,
            "<h1>413 Too Large</h1>",
            ": 413 Too Large.",
            "Send less text or smaller files.",
        ),
        (408, "", " without saying why.", AGAIN),
        (500, "{}", " without saying why.", AGAIN),
        (502, "upstream connect error.", ": upstream connect error.", AGAIN),
        (524, page, ": Not & found.", AGAIN),
        (
            529,
            r#"{"error":{"metadata":{"provider_name":"P"}}}"#,
            " without saying why.",
            AGAIN,
        ),
    ] {
        let error = read(status, body);
        let message = format!("OpenRouter answered HTTP {status}{words} {advice}");
        assert_eq!(error.to_string(), message, "{body}");
    }
    for (status, body) in [
        (404, r#"{"detail":"Not Found"}"#),
        (405, r#"{"detail":"Not Found"}"#),
        (
            404,
            r#"{"message":"Not Found","error":"Not Found","statusCode":404}"#,
        ),
    ] {
        let message = format!("OpenRouter answered HTTP {status}: Not Found. Check baseURL.");
        assert_eq!(read(status, body).to_string(), message);
    }
    for (body, status) in [
        (r#"{"choices":[{"finish_reason":"error","message":{}}]}"#, 500),
        (r#"{"error":{"code":502}}"#, 502),
    ] {
        let message = format!("OpenRouter reported a failure (status {status}) without saying why. {AGAIN}");
        assert_eq!(read(200, body).to_string(), message);
    }
    let refused = read(200, r#"{"error":{"code":422}}"#).to_string();
    assert!(refused.ends_with(SAME), "{refused}");
}

#[test]
fn a_redirect_is_about_base_url_whatever_its_body_says() {
    for body in [
        "",
        r#"{"error":{"code":429,"message":"Moved"}}"#,
        "<title>Moved</title>",
    ] {
        let error = read(308, body);
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(error.to_string().contains("HTTP 308, a redirect"), "{error}");
        assert!(error.to_string().ends_with("Check baseURL."), "{error}");
    }
}

#[test]
fn a_200_that_is_no_json_object_is_about_base_url() {
    for (body, said) in [
        ("7", ""),
        ("null", ""),
        ("[1]", ""),
        ("[]", ""),
        ("{]", ""),
        ("<title>OpenRouter</title>", " (OpenRouter)"),
        ("An answer", ""),
    ] {
        let error = read(200, body);
        assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{body}");
        let message = format!(
            "OpenRouter answered HTTP 200 with a body that is not a JSON object{said}. Check baseURL."
        );
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_200_whose_json_ends_in_the_middle_was_cut_off() {
    for body in ["{", "{\"id\":\"gen-1\",\"choices\":[{\"mess", " {\n \"a\": 1"] {
        let error = read(200, body);
        assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{body}");
        assert_eq!(
            error.to_string(),
            "The answer was cut off: its JSON ends in the middle. Please try again."
        );
    }
    assert_eq!(read(500, "{").kind(), ErrorKind::ServerError);
}

#[test]
fn an_attempt_keeps_the_reason_of_the_provider() {
    let raw = r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"provider_name":"Groq","raw":"slow down"}}}"#;
    for status in [429, 502] {
        let attempt = Attempt::failed("a/b", &read(status, raw));
        assert_eq!(
            attempt.reason.as_deref(),
            Some("Provider returned error (Groq: slow down)")
        );
    }
}

#[test]
fn a_message_is_cut_at_4000_characters() {
    let long = format!("{} sk-or-v1-0123456789", "x".repeat(3_990));
    let error = read(400, &error_body(400, &long));
    assert_eq!(
        error.to_string(),
        format!("{} [REDACTED", "x".repeat(3_990))[..4_000]
    );
}
