//! Chats without streaming, from the request to the completion.

use crate::support::client::{PLAIN, client, client_of, complete, get};
use crate::support::reply::Reply;
use crate::support::server::Server;
use futures_util::FutureExt;
use openrouter_native::error::ErrorKind;
use serde_json::json;

/// A completion by `model`, with the JSON text `more` appended to its fields.
fn answer(model: &str, more: &str) -> String {
    format!(
        r#"{{"id":"g","model":"{model}","choices":[{{"index":0,"message":{{"role":"assistant","content":"hi \ud83d"}},"finish_reason":"stop"}}],"usage":{{"cost":0.00010}},"x":{{"b":1,"a":1.10}}{more}}}"#
    )
}

#[tokio::test]
async fn a_completion_of_the_requested_model_is_returned_unchanged() {
    let body = answer("a/b", "");
    let padded = format!("   \n\n{body}\n");
    let server = Server::replying([Reply::json(200, &body), Reply::json(200, padded)]);
    let client = client(&server);
    assert_eq!(complete(&client, PLAIN).await.unwrap(), body);
    assert_eq!(
        complete(&client, PLAIN).await.unwrap(),
        body,
        "white space that keeps the connection alive is removed"
    );
}

#[tokio::test]
async fn a_completion_of_another_model_has_metadata_about_its_routing() {
    let attempts = r#","openrouter_metadata":{"attempts":[{"provider":"P","model":"a/b","status":503},{"provider":"Q","model":"c/d","status":200}]}"#;
    let body = answer("c/d", attempts);
    let whole = body.clone();
    let server = Server::new(move |_| Reply::json(200, &whole));
    let client = client(&server);
    let fallback = PLAIN.replace(r#""model""#, r#""models":["c/d"],"model""#);
    let read = complete(&client, &fallback).await.unwrap();
    let whole = body.strip_suffix('}').unwrap();
    assert!(read.starts_with(&format!("{whole},\"_metadata\":{{")), "{read}");
    let meta = |name: &str| get(&read.replace("\\ud83d", ""), &format!("/_metadata/{name}"));
    assert_eq!(meta("autoRouterUsed"), "false");
    assert_eq!(meta("requestedModel"), "\"a/b\"");
    assert_eq!(meta("effectiveModel"), "\"a/b\"");
    assert_eq!(meta("actualModelUsed"), "\"c/d\"");
    assert_eq!(meta("fallbackUsed"), "true");
    assert_eq!(meta("attempts/0/status"), "503");
    assert_eq!(meta("attempts/1/provider"), "\"Q\"");

    let auto = PLAIN.replace(r#""model""#, r#""autoRouter":true,"model""#);
    let read = complete(&client, &auto).await.unwrap().replace("\\ud83d", "");
    assert_eq!(get(&read, "/_metadata/autoRouterUsed"), "true");
    assert_eq!(get(&read, "/_metadata/requestedModel"), "\"a/b\"");
    assert_eq!(get(&read, "/_metadata/effectiveModel"), "\"openrouter/auto\"");
    assert_eq!(get(&read, "/_metadata/fallbackUsed"), "false");
    assert!(
        server.requests()[1]
            .text()
            .contains(r#""model":"openrouter/auto""#)
    );
}

#[tokio::test]
async fn a_body_of_white_space_fails_with_empty_response() {
    let server = Server::new(|_| Reply::whole(200, "x-generation-id: gen-1\r\n", " \n".repeat(5_000)));
    let error = complete(&client(&server), PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EmptyResponse);
    assert_eq!(error.details().generation_id.as_deref(), Some("gen-1"));
}

#[tokio::test]
async fn a_byte_order_mark_before_a_body_is_ignored() {
    let marked = |body: &str| format!("\u{FEFF}{body}");
    let server = Server::replying([
        Reply::json(200, marked(&answer("a/b", ""))),
        Reply::json(402, marked(r#"{"error":{"code":402,"message":"own words"}}"#)),
    ]);
    let client = client(&server);
    assert_eq!(complete(&client, PLAIN).await.unwrap(), answer("a/b", ""));
    let error = complete(&client, PLAIN).await.unwrap_err();
    assert_eq!(error.details().cause.as_deref(), Some("own words"));
}

#[tokio::test]
async fn an_error_in_a_response_with_status_200_is_an_error() {
    for (body, kind) in [
        (
            r#"{"id":"g","error":{"code":502,"message":"m"}}"#,
            ErrorKind::ProviderError,
        ),
        (
            r#"{"error":{"code":"429","message":"m"},"choices":null}"#,
            ErrorKind::RateLimited,
        ),
        (r#"<html>Sign in</html>"#, ErrorKind::MalformedResponse),
        (r#"["a"]"#, ErrorKind::MalformedResponse),
    ] {
        let server = Server::new(move |_| Reply::json(200, body));
        let error = complete(&client(&server), PLAIN).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
        assert_eq!(error.details().partial, None);
    }
    let half = r#"{"id":"g","choices":[{"index":0,"message":{"content":"half"},"finish_reason":"error","error":{"code":504,"message":"too slow"}}]}"#;
    let server = Server::new(move |_| Reply::json(200, half));
    let error = complete(&client(&server), PLAIN).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::Timeout, "too slow")
    );
    let partial = error.details().partial.as_deref().unwrap();
    assert_eq!(get(partial, "/choices/0/message/content"), "\"half\"");
}

#[tokio::test]
async fn a_no_endpoints_error_names_the_routing_limits_of_the_request() {
    let server =
        Server::new(|_| Reply::json(404, r#"{"error":{"code":404,"message":"No endpoints found"}}"#));
    let client = client_of(&server.url(), &json!({ "zdr": true }));
    let error = complete(&client, PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoEndpoints);
    assert!(error.to_string().contains("provider.zdr=true"), "{error}");
    assert!(server.requests()[0].text().contains(r#""provider":{"zdr":true}"#));
    assert_eq!(server.counts().requests, 1, "the request is not retried");
}

#[tokio::test]
async fn an_invalid_request_fails_without_a_connection() {
    let server = Server::replying([]);
    for params in ["{}", "[]", r#"{"messages":[{}]}"#] {
        let error = complete(&client(&server), params).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert_eq!(server.counts().connections, 0);
}

#[tokio::test]
async fn a_large_request_is_read_on_another_thread_than_the_networks() {
    let client = client_of("http://127.0.0.1:9/api/v1", &json!({}));
    let invalid =
        |size: usize| json!({ "model": "a/b", "messages": [], "pad": "x".repeat(size) }).to_string();
    let (small, large) = (invalid(1000), invalid(300_000));
    let refused = client.chat(&small).now_or_never().unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
    let mut pending = Box::pin(client.chat(&large));
    assert!(pending.as_mut().now_or_never().is_none());
    assert_eq!(pending.await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}
