//! How the errors in responses of the API are read: the kind, the message and the details of each error. No message
//! contains a prompt. That the key is removed is tested in `key_scrubbing`.

use crate::support::client::KEY;
use crate::support::failure::{error_body, read, read_as};
use openrouter_native::error::ErrorKind;

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
            let error = read(outer, &error_body(status, "own words"));
            assert_eq!(error.kind().code(), code, "{status} in {outer}");
            assert!(error.to_string().starts_with(message), "{status}: {error}");
            assert_eq!(error.details().status, Some(status));
            let kept = error.to_json().contains("own words");
            assert!(kept, "the API's message is lost: {}", error.to_json());
        }
    }
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
        let around = error_body(400, "").len();
        error_body(400, &letter.repeat((size - around) / letter.len()))
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

#[test]
fn a_no_endpoints_error_names_the_routing_limits_and_other_errors_do_not() {
    let limits = Some("provider.zdr=true, provider.only=[\"groq\"]");
    let body = error_body(404, "No endpoints found matching your data policy");
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
    let other = read_as(KEY, 404, &[], limits, &error_body(404, "Generation not found"));
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
            !read(status, &error_body(status, words))
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
            let error = read_as(KEY, status, &[], limits, &error_body(404, text));
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
