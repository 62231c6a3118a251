//! How the errors in responses of the API are read: the kind, the message and the details of each error. No message
//! contains a prompt. That the key is removed is tested in `key_scrubbing`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::client::KEY;
use crate::support::failure::{read, read_as};
use openrouter_native::error::ErrorKind;
use openrouter_native::json;

/// The body of an error in the form of the API.
fn error(status: u16, message: &str) -> String {
    format!(r#"{{"error":{{"code":{status},"message":"{message}"}}}}"#)
}

const CHECK_KEY: &str = "Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.";
const ADD_CREDITS: &str = "Insufficient credits. Please add credits to your OpenRouter account.";
const LATER: &str = "Rate limit exceeded. Please try again later.";
const UNAVAILABLE: &str = "OpenRouter service temporarily unavailable. Please try again later.";

#[test]
fn each_status_has_its_code_and_its_message() {
    for (status, code, message) in [
        (400, "invalid_request", "own words"),
        (422, "invalid_request", "own words"),
        (412, "invalid_request", "own words"),
        (401, "invalid_api_key", CHECK_KEY),
        (402, "insufficient_credits", ADD_CREDITS),
        (403, "forbidden", "own words"),
        (404, "not_found", "own words"),
        (408, "timeout", "own words"),
        (504, "timeout", "own words"),
        (524, "timeout", "own words"),
        (413, "payload_too_large", "own words"),
        (429, "rate_limited", LATER),
        (500, "server_error", "own words"),
        (502, "provider_error", "own words"),
        (503, "service_unavailable", UNAVAILABLE),
        (529, "overloaded", "own words"),
    ] {
        // As the status of the response, and as the code of an error in a response with status 200.
        for outer in [status, 200] {
            let error = read(outer, &error(status, "own words"));
            assert_eq!(error.kind().code(), code, "{status} in {outer}");
            assert!(error.to_string().starts_with(message), "{status}: {error}");
            assert_eq!(error.details().status, Some(status));
            let kept = error.to_json().contains("own words");
            assert!(kept, "the API's message is lost: {}", error.to_json());
        }
    }
}

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
fn a_body_that_is_not_json_is_kept_as_a_snippet_of_200_characters() {
    let page = format!("<html>{}</html>", "ü".repeat(500));
    let data = read(502, &page).details().data.clone().unwrap();
    let snippet: String = serde_json::from_str(&data).unwrap();
    assert_eq!(snippet.chars().count(), 200);
    assert!(page.starts_with(&snippet));
    let broken = format!(r#"{{"error":"{}"#, "x".repeat(500));
    let data = read(502, &broken).details().data.clone().unwrap();
    assert_eq!(serde_json::from_str::<String>(&data).unwrap().len(), 200);
}

#[test]
fn data_is_the_body_or_its_first_64_kib() {
    let body = |size: usize, letter: &str| {
        let around = error(400, "").len();
        error(400, &letter.repeat((size - around) / letter.len()))
    };
    let small = body(65_536, "x");
    assert_eq!(small.len(), 65_536);
    assert_eq!(read(400, &small).details().data.as_deref(), Some(small.as_str()));
    for letter in ["x", "é", "😀", "\\u0061"] {
        let large = body(150_000, letter);
        let data = read(400, &large).details().data.clone().unwrap();
        let text: String = serde_json::from_str(&data).unwrap();
        assert!(
            text.len() <= 65_536 && text.len() > 65_000,
            "{letter}: {} bytes",
            text.len()
        );
        assert!(large.starts_with(&text));
    }
}

#[test]
fn ids_provider_and_metadata_of_an_error_are_kept() {
    let headers = [
        ("x-generation-id", "gen-1"),
        ("cf-ray", "ray"),
        ("x-request-id", "req-1"),
    ];
    let body = r#"{"error":{"code":502,"message":"m","metadata":{"provider_name":"P","error_type":"provider_unavailable","x":1.10}}}"#;
    let error = read_as(KEY, 502, &headers, None, body);
    let details = error.details();
    assert_eq!(details.status_text.as_deref(), Some("Bad Gateway"));
    assert_eq!(details.generation_id.as_deref(), Some("gen-1"));
    assert_eq!(details.request_id.as_deref(), Some("req-1"));
    assert_eq!(details.provider.as_deref(), Some("P"));
    assert_eq!(details.error_type.as_deref(), Some("provider_unavailable"));
    assert_eq!(
        details.metadata.as_deref(),
        Some(r#"{"provider_name":"P","error_type":"provider_unavailable","x":1.10}"#)
    );
    let ray = read_as(KEY, 502, &headers[1..2], None, "");
    assert_eq!(ray.details().request_id.as_deref(), Some("ray"));
}

/// Headers, a body, and the seconds of `retry_after` that they give.
type Wait<'a> = (Vec<(&'a str, &'a str)>, String, Option<f64>);

#[test]
fn retry_after_is_found_in_each_of_its_forms() {
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (seconds, ms) = (
        (epoch.as_secs() + 90).to_string(),
        (epoch.as_millis() + 90_000).to_string(),
    );
    let (past, date) = (
        (epoch.as_secs() - 90).to_string(),
        httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90)),
    );
    let old = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(90));
    let inside =
        |metadata: &str| format!(r#"{{"error":{{"code":429,"message":"m","metadata":{metadata}}}}}"#);
    let cases: Vec<Wait<'_>> = vec![
        (vec![("retry-after", "7")], String::new(), Some(7.0)),
        (vec![("Retry-After", " 1.5 ")], String::new(), Some(1.5)),
        (vec![("retry-after", "0")], String::new(), Some(0.0)),
        (vec![("retry-after", &date)], String::new(), Some(90.0)),
        (vec![("retry-after", &old)], String::new(), Some(0.0)),
        (
            vec![("retry-after-ms", "250"), ("retry-after", "7")],
            String::new(),
            Some(0.25),
        ),
        (vec![("x-ratelimit-reset", &seconds)], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", &ms)], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", &past)], String::new(), Some(0.0)),
        (vec![("x-ratelimit-reset", "90")], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", &date)], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", "-1")], String::new(), None),
        (vec![("x-ratelimit-reset", "soon")], String::new(), None),
        (
            vec![],
            inside(&format!(r#"{{"headers":{{"X-RateLimit-Reset":"{date}"}}}}"#)),
            Some(90.0),
        ),
        (
            vec![],
            inside(r#"{"headers":{"X-RateLimit-Reset":90}}"#),
            Some(90.0),
        ),
        (
            vec![],
            inside(&format!(r#"{{"headers":{{"X-RateLimit-Reset":"{ms}"}}}}"#)),
            Some(90.0),
        ),
        (
            vec![],
            inside(&format!(r#"{{"headers":{{"X-RateLimit-Reset":{seconds}}}}}"#)),
            Some(90.0),
        ),
        (vec![], inside(r#"{"retry_after_seconds":12}"#), Some(12.0)),
        (
            vec![],
            r#"{"error":{"code":503,"availability":{"retry_after":3}}}"#.to_owned(),
            Some(3.0),
        ),
        (
            vec![("retry-after", "7")],
            inside(r#"{"retry_after_seconds":12}"#),
            Some(7.0),
        ),
        (
            vec![("retry-after", "soon")],
            inside(r#"{"retry_after_seconds":12}"#),
            Some(12.0),
        ),
        (vec![("retry-after", "-3")], String::new(), None),
        (vec![("retry-after", "1e999")], String::new(), None),
        (vec![], inside(r#"{"retry_after_seconds":"x"}"#), None),
        (vec![], error(429, "m"), None),
    ];
    for (headers, body, wait) in cases {
        for status in [429, 200] {
            let error = read_as(KEY, status, &headers, None, &body);
            let found = error.details().retry_after.map(|wait| wait.as_secs_f64());
            match (found, wait) {
                (Some(found), Some(wait)) => assert!(
                    (wait - 5.0..=wait + 1.0).contains(&found),
                    "{headers:?} {body}: {found}"
                ),
                (found, wait) => assert_eq!(found, wait, "{headers:?} {body}"),
            }
        }
    }
}

#[test]
fn a_no_endpoints_error_names_the_routing_limits_and_other_errors_do_not() {
    let limits = Some("provider.zdr=true, provider.only=[\"groq\"]");
    let body = error(404, "No endpoints found matching your data policy");
    let found = read_as(KEY, 404, &[], limits, &body);
    assert_eq!(found.kind(), ErrorKind::NoEndpoints);
    assert!(
        found
            .to_string()
            .starts_with("No endpoints found matching your data policy")
    );
    assert!(
        found
            .to_string()
            .contains("provider.zdr=true, provider.only=[\"groq\"]")
    );
    let other = read_as(KEY, 404, &[], limits, &error(404, "Generation not found"));
    assert!(!other.to_string().contains("provider"), "{other}");
}

#[test]
fn the_fixed_message_is_followed_by_the_message_of_the_api() {
    let afford = "This request requires more credits, or fewer max_tokens. You requested up to 225702 tokens, but can only afford 92985.";
    for (status, own, metadata, message) in [
        (402, afford, "{}", format!("{ADD_CREDITS} {afford}")),
        (
            402,
            "Insufficient credits. Add more using https://x.example",
            "{}",
            format!("{ADD_CREDITS} Add more using https://x.example"),
        ),
        (402, "", "{}", ADD_CREDITS.to_owned()),
        (
            429,
            "Rate limit exceeded: free-models-per-day.",
            "{}",
            format!("{LATER} free-models-per-day."),
        ),
        (429, "Rate limit exceeded", "{}", LATER.to_owned()),
        (
            429,
            "Provider returned error",
            r#"{"provider_name":"P1","raw":"slow down"}"#,
            format!("{LATER} Provider returned error (P1: slow down)"),
        ),
        (
            503,
            "No provider is available",
            "{}",
            format!("{UNAVAILABLE} No provider is available"),
        ),
    ] {
        let body = format!(r#"{{"error":{{"code":{status},"message":{own:?},"metadata":{metadata}}}}}"#);
        assert_eq!(read(status, &body).to_string(), message);
    }
}

#[test]
fn an_error_about_reasoning_of_another_provider_gets_a_hint_and_others_do_not() {
    for words in [
        "Thought signature is not valid.",
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        "The encrypted_content could not be verified",
        "Unknown reasoning_details format",
    ] {
        let body = format!(
            r#"{{"error":{{"code":400,"message":"Provider returned error","metadata":{{"provider_name":"Google","raw":{words:?}}}}}}}"#
        );
        let message = read(400, &body).to_string();
        assert!(
            message.starts_with(&format!("Provider returned error (Google: {words})")),
            "{message}"
        );
        assert!(
            message.ends_with("provider.order, or leave reasoning_details out."),
            "{message}"
        );
    }
    for (status, words) in [(400, "max_tokens is too large"), (502, "thought signature")] {
        assert!(
            !read(status, &error(status, words))
                .to_string()
                .contains("provider.order"),
            "{words}"
        );
    }
}

#[test]
fn each_text_about_missing_endpoints_gives_no_endpoints_and_names_the_limits() {
    let limits = Some("provider.zdr=true");
    for text in [
        "No endpoints found for a/b.",
        "No endpoints found for a/b:free.",
        "No endpoints found that support tool use. To learn more about provider routing, visit: https://x.example",
        "No endpoints found that support cache control",
        "No endpoints found that support image input",
        "No endpoints found that can handle the requested parameters.",
        "No endpoints found matching your data policy (Zero data retention). Configure: https://x.example",
        "No endpoints available matching your guardrail restrictions and data policy.",
        "No allowed providers are available for the selected model.",
    ] {
        for status in [404, 200] {
            let error = read_as(KEY, status, &[], limits, &error(404, text));
            assert_eq!(error.kind(), ErrorKind::NoEndpoints, "{text}");
            assert!(error.to_string().starts_with(text), "{error}");
            assert!(error.to_string().ends_with("provider.zdr=true."), "{error}");
        }
    }
}

#[test]
fn the_message_of_a_moderation_error_does_not_contain_the_prompt() {
    let body = r#"{"error":{"code":403,"message":"Your input was flagged","metadata":{"reasons":["hate"],"flagged_input":"PROMPT","provider_name":"P","model_slug":"m"}}}"#;
    assert!(!read(403, body).to_string().contains("PROMPT"));
}

#[test]
fn json_that_serde_json_refuses_keeps_all_details_of_the_error() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for odd in ["1e400", deep.as_str()] {
        let metadata = format!(r#"{{"provider_name":"P","x":{odd}}}"#);
        let body = format!(r#"{{"error":{{"code":502,"message":"own words","metadata":{metadata}}}}}"#);
        for status in [502, 200] {
            let error = read(status, &body);
            assert_eq!(error.kind(), ErrorKind::ProviderError, "{odd} in {status}");
            assert_eq!(error.to_string(), "own words (P)", "{odd} in {status}");
            assert_eq!(error.details().metadata.as_deref(), Some(metadata.as_str()));
            assert_eq!(error.details().data.as_deref(), Some(body.as_str()));
        }
    }
}
