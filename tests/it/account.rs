//! Credits, models and generations, read over HTTP and through the cache of the process. Each test has a server of its own,
//! and therefore cached values of its own.

use std::time::Duration;

use crate::support::client::{KEY, PLAIN, STREAM, client, client_of, complete, flow, get, open, read_all};
use crate::support::reply::Reply;
use crate::support::server::{Request, Server};
use openrouter_native::client::Client;
use openrouter_native::error::{Error, ErrorKind, Phase};
use openrouter_native::secret::ApiKey;
use serde_json::json;
use tokio::time::{self, Instant};

/// A server that answers with the status and body that `answers` returns for the path and the number of a request.
fn api(answers: impl Fn(&str, usize) -> (u16, String) + Send + 'static) -> Server {
    let mut count = 0;
    Server::new(move |request: &Request| {
        count += 1;
        let path = request.line().split(' ').nth(1).unwrap();
        let (status, body) = answers(path.strip_prefix("/api/v1").unwrap(), count);
        Reply::json(status, body)
    })
}

/// The paths of all requests.
fn paths(server: &Server) -> Vec<String> {
    let path = |request: &Request| request.line().split(' ').nth(1).unwrap().replace("/api/v1", "");
    server.requests().iter().map(path).collect()
}

async fn credits(client: &Client, force: bool) -> Result<String, Error> {
    client.credits(force).await.map(|credits| credits.to_json())
}

const ACCOUNT: &str = r#"{"data":{"total_credits":100.5,"total_usage":25.25}}"#;
const ZEROS: &str = r#"{"data":{"total_credits":0,"total_usage":0}}"#;
const NO_KEY: &str = r#"{"error":{"code":403,"message":"Only management keys can do that"}}"#;

fn key_body(rest: &str) -> String {
    format!(r#"{{"data":{{"label":"l","usage":3,{rest}}}}}"#)
}

#[tokio::test]
async fn a_management_key_reads_the_credits_of_its_account() {
    let server = api(|_, _| (200, ACCOUNT.into()));
    let client = client(&server);
    let expected = r#"{"balance":75.25,"currency":"USD","usage":25.25,"total":100.5,"source":"credits"}"#;
    assert_eq!(credits(&client, false).await.unwrap(), expected);
    assert_eq!(client.cached_credits().unwrap().to_json(), expected);
    assert_eq!(paths(&server), ["/credits"]);
    let request = &server.requests()[0];
    assert_eq!(request.line(), "GET /api/v1/credits HTTP/1.1");
    assert_eq!(
        request.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn an_inference_key_reads_its_own_limit_and_the_endpoint_is_remembered() {
    for refusal in [(403, NO_KEY), (200, ZEROS)] {
        let server = api(move |path, _| match path {
            "/credits" => (refusal.0, refusal.1.into()),
            _ => (200, key_body(r#""limit":10,"limit_remaining":7"#)),
        });
        let client = client(&server);
        for _ in 0..2 {
            assert_eq!(
                credits(&client, true).await.unwrap(),
                r#"{"balance":7.0,"currency":"USD","usage":3.0,"total":10.0,"source":"key"}"#
            );
        }
        assert_eq!(paths(&server), ["/credits", "/key", "/key"], "{refusal:?}");
    }
}

#[tokio::test]
async fn a_key_without_a_limit_has_no_balance_and_a_management_keys_zeros_are_kept() {
    let server = api(|path, _| match path {
        "/credits" => (403, NO_KEY.into()),
        _ => (200, key_body(r#""limit":null,"limit_remaining":null"#)),
    });
    let read = credits(&client(&server), false).await.unwrap();
    assert_eq!(
        (get(&read, "/balance"), get(&read, "/total")),
        ("null".into(), "null".into())
    );
    let server = api(|path, _| match path {
        "/credits" => (200, ZEROS.into()),
        _ => (
            200,
            key_body(r#""limit":null,"limit_remaining":null,"is_management_key":true"#),
        ),
    });
    let read = credits(&client(&server), false).await.unwrap();
    assert_eq!(
        (get(&read, "/balance"), get(&read, "/source")),
        ("0.0".into(), "\"credits\"".into())
    );
}

#[tokio::test]
async fn an_unknown_total_is_null_and_spending_the_balance_leaves_exactly_zero() {
    let server = api(|path, _| match path {
        "/credits" => (200, r#"{"data":{"total_credits":null,"total_usage":7}}"#.into()),
        _ => (404, "{}".into()),
    });
    let read = credits(&client(&server), false).await.unwrap();
    assert_eq!(
        read,
        r#"{"balance":null,"currency":"USD","usage":7.0,"total":null,"source":"credits"}"#
    );
    let server = api(|_, _| (200, r#"{"data":{"total_credits":0.3,"total_usage":0}}"#.into()));
    let client = client(&server);
    credits(&client, false).await.unwrap();
    let read = client.cached_credits().unwrap();
    read.spend(0.1);
    read.spend(0.2);
    assert_eq!(get(&read.to_json(), "/balance"), "0.0");
}

#[tokio::test]
async fn a_timeout_of_one_caller_does_not_fail_a_shared_request_for_others() {
    let (reply, gate) = Reply::raw("HTTP/1.1 200 OK\r\n\r\n").wait();
    let server = Server::replying([reply.send(r#"{"data":[{"id":"a/b"}]}"#).close()]);
    let patient = client(&server);
    let hasty = client_of(&server.url(), &json!({ "timeouts": { "total": 60 } }));
    let (first, second) = (hasty.models(false), tokio::spawn(patient.models(false)));
    let error = first.await.unwrap_err();
    assert_eq!(error.details().phase, Some(Phase::Total), "{error}");
    gate.open();
    assert_eq!(second.await.unwrap().unwrap().text, r#"[{"id":"a/b"}]"#);
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn failures_are_returned_and_not_cached_and_no_other_endpoint_is_tried() {
    for (status, kind) in [
        (401, ErrorKind::InvalidApiKey),
        (402, ErrorKind::InsufficientCredits),
    ] {
        let server = api(move |_, _| (status, "{}".into()));
        let client = client(&server);
        for count in 1..=2 {
            assert_eq!(credits(&client, false).await.unwrap_err().kind(), kind);
            assert_eq!(server.counts().requests, count);
        }
    }
    for bad in ["", "[]", "<html>"] {
        let server = api(move |_, _| (200, bad.into()));
        let kind = credits(&client(&server), false).await.unwrap_err().kind();
        assert!(
            matches!(kind, ErrorKind::EmptyResponse | ErrorKind::MalformedResponse),
            "{bad}: {kind:?}"
        );
    }
}

#[tokio::test]
async fn each_finished_request_lowers_the_cached_balance_without_a_lookup() {
    let usage = r#"{"choices":[],"usage":{"cost":0.25}}"#;
    let stop = r#"{"model":"a/b","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#;
    let server = Server::new(
        move |request| match (request.line().contains("/credits"), request.text()) {
            (true, _) => Reply::json(200, ACCOUNT),
            (false, STREAM) => Reply::events(&[stop, usage]),
            (false, _) => Reply::json(
                200,
                r#"{"id":"g","model":"a/b","choices":[],"usage":{"cost":0.5}}"#,
            ),
        },
    );
    let client = client(&server);
    credits(&client, false).await.unwrap();
    let balance = || get(&client.cached_credits().unwrap().to_json(), "/balance");
    complete(&client, PLAIN).await.unwrap();
    assert_eq!(balance(), "74.75");
    let mut stream = open(&client, STREAM).await.unwrap();
    read_all(&mut stream, flow(openrouter_native::delivery::Mode::Text))
        .await
        .1
        .unwrap();
    client.outcome().settle(stream.progress());
    assert_eq!(balance(), "74.5");
    assert_eq!(get(&client.cached_credits().unwrap().to_json(), "/usage"), "26.0");
    assert_eq!(server.counts().requests, 3);
}

#[tokio::test]
async fn balances_go_by_the_key_that_is_sent_and_not_by_the_option() {
    let server = Server::new(|request| match request.line().contains("/credits") {
        true => {
            let total = match request.header("authorization").or(request.header("x-api-key")) {
                Some("Bearer other-key-1") => 10,
                Some("other-key-2") => 20,
                _ => 30,
            };
            let body = json!({ "data": { "total_credits": total, "total_usage": 0 } });
            Reply::json(200, body.to_string())
        }
        false => Reply::json(200, r#"{"id":"g","model":"a/b","choices":[],"usage":{"cost":1}}"#),
    });
    let with_headers = |headers| client_of(&server.url(), &json!({ "headers": headers }));
    let first = with_headers(json!({ "Authorization": "Bearer other-key-1" }));
    let second = with_headers(json!({ "Authorization": null, "x-api-key": "other-key-2" }));
    let third = with_headers(json!({}));
    let clients = [&first, &second, &third];
    let balances = async |force| {
        let mut found = Vec::new();
        for client in clients {
            found.push(get(&credits(client, force).await.unwrap(), "/balance"));
        }
        found
    };
    assert_eq!(balances(false).await, ["10.0", "20.0", "30.0"]);
    complete(&first, PLAIN).await.unwrap();
    // The key of a request pays, whoever made the client.
    let params =
        r#"{"model":"a/b","messages":[{}],"headers":{"Authorization":null,"X-API-Key":"other-key-2"}}"#;
    complete(&third, params).await.unwrap();
    complete(&third, params).await.unwrap();
    assert_eq!(balances(false).await, ["9.0", "18.0", "30.0"]);
    openrouter_native::account::clear(Some(ApiKey::choose(["other-key-1"]).unwrap().digest()));
    assert!(first.cached_credits().is_none() && second.cached_credits().is_some());
}

#[tokio::test]
async fn the_cost_of_a_failed_completion_is_subtracted_from_the_balance() {
    const HALF: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"error","error":{"code":502}}],"usage":{"cost":0.5}}"#;
    let server = Server::new(|request| match request.line().contains("/credits") {
        true => Reply::json(200, ACCOUNT),
        false => Reply::json(200, HALF),
    });
    let client = client(&server);
    credits(&client, false).await.unwrap();
    complete(&client, PLAIN).await.unwrap_err();
    let left = client.cached_credits().unwrap().to_json();
    assert_eq!(get(&left, "/balance"), "74.75");
}

#[tokio::test]
async fn the_cost_of_an_answer_with_an_error_is_subtracted_once() {
    const FAILED: &str = r#"{"id":"g","error":{"code":502,"message":"down"},"usage":{"cost":0.5}}"#;
    for params in [PLAIN, STREAM] {
        for events in [false, true] {
            let server = Server::new(
                move |request| match (request.line().contains("/credits"), events) {
                    (true, _) => Reply::json(200, ACCOUNT),
                    (false, true) => Reply::events(&[FAILED]),
                    (false, false) => Reply::json(200, FAILED),
                },
            );
            let client = client(&server);
            credits(&client, false).await.unwrap();
            client.chat(params).await.unwrap_err();
            let left = client.cached_credits().unwrap().to_json();
            assert_eq!(get(&left, "/balance"), "74.75", "{params} {events}");
            assert_eq!(server.counts().requests, 2);
        }
    }
}

#[tokio::test]
async fn a_cost_that_cannot_be_true_is_not_subtracted() {
    for cost in [
        "-1", "10001", "1e300", "1e999", "\"NaN\"", "\"inf\"", "null", "[]",
    ] {
        let body = format!(r#"{{"id":"g","model":"a/b","choices":[],"usage":{{"cost":{cost}}}}}"#);
        let server = Server::new(move |request| match request.line().contains("/credits") {
            true => Reply::json(200, ACCOUNT),
            false => Reply::json(200, body.clone()),
        });
        let client = client(&server);
        credits(&client, false).await.unwrap();
        complete(&client, PLAIN).await.unwrap();
        let left = client.cached_credits().unwrap().to_json();
        assert_eq!(get(&left, "/balance"), "75.25", "{cost}");
    }
}

#[tokio::test]
async fn a_402_and_a_spent_budget_invalidate_the_cached_balance() {
    let spent = r#"{"error":{"code":403,"message":"Key limit exceeded (total limit)."}}"#;
    for (status, body) in [(402, "{}"), (403, spent)] {
        let server = Server::new(move |request| match request.line().contains("/credits") {
            true => Reply::json(200, ACCOUNT),
            false => Reply::json(status, body),
        });
        let client = client(&server);
        credits(&client, false).await.unwrap();
        let error = complete(&client, PLAIN).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InsufficientCredits);
        assert!(client.cached_credits().is_none(), "{status}");
    }
}

#[tokio::test]
async fn a_key_without_a_limit_shows_the_budget_that_holds_it() {
    let budget =
        r#""effective_budget":{"limit_usd":20,"remaining_usd":12.5,"spend_usd":7.5,"scope":"workspace"}"#;
    for (rest, balance, total) in [
        (
            format!(r#""limit":null,"limit_remaining":null,{budget}"#),
            "12.5",
            "20.0",
        ),
        (
            format!(r#""limit":10,"limit_remaining":7,{budget}"#),
            "7.0",
            "10.0",
        ),
        (r#""limit":null,"effective_budget":null"#.into(), "null", "null"),
        (
            r#""limit":null,"effective_budget":{"limit_usd":20}"#.into(),
            "null",
            "20.0",
        ),
    ] {
        let body = key_body(&rest);
        let server = api(move |path, _| match path {
            "/credits" => (403, NO_KEY.into()),
            _ => (200, body.clone()),
        });
        let found = credits(&client(&server), false).await.unwrap();
        assert_eq!(
            (get(&found, "/balance"), get(&found, "/total")),
            (balance.into(), total.into()),
            "{rest}"
        );
    }
}

#[tokio::test]
async fn figures_may_be_text_and_what_cannot_be_read_is_null_and_never_0() {
    let not_found = r#"{"error":{"code":404,"message":"no"}}"#;
    for (data, expected) in [
        (
            r#"{"total_credits":"100.5","total_usage":" 25.25 "}"#,
            ("75.25", "25.25", "100.5"),
        ),
        (
            r#"{"total_credits":"many","total_usage":7}"#,
            ("null", "7.0", "null"),
        ),
        (
            r#"{"total_credits":10,"total_usage":"few"}"#,
            ("null", "null", "10.0"),
        ),
        (
            r#"{"total_credits":{},"total_usage":[]}"#,
            ("null", "null", "null"),
        ),
    ] {
        let body = format!(r#"{{"data":{data}}}"#);
        let server = api(move |path, _| match path {
            "/credits" => (200, body.clone()),
            _ => (404, not_found.into()),
        });
        let found = credits(&client(&server), false).await.unwrap();
        let figures = [
            get(&found, "/balance"),
            get(&found, "/usage"),
            get(&found, "/total"),
        ];
        assert_eq!(figures, [expected.0, expected.1, expected.2], "{data}");
    }
}

#[tokio::test]
async fn models_are_the_data_field_of_the_response_byte_for_byte() {
    let list = r#"[{"id":"a/b","pricing":{"prompt":"-1"},"x":1.10},{"id":"\ud83d"}]"#;
    let server = api(move |path, count| {
        assert_eq!(path, "/models");
        match count {
            1 => (200, format!("{{\"data\":{list}}}")),
            2 => (200, r#"{"data":null}"#.into()),
            3 => (200, "{}".into()),
            4 => (200, r#"{"data":{}}"#.into()),
            5 => (200, r#"{"error":{"code":503,"message":"m"}}"#.into()),
            _ => (503, "{}".into()),
        }
    });
    let client = client(&server);
    assert!(client.cached_models().is_none());
    assert_eq!(client.models(false).await.unwrap().text, list);
    assert_eq!(client.cached_models().unwrap().text, list);
    assert_eq!(client.models(true).await.unwrap().text, "[]");
    assert_eq!(client.models(true).await.unwrap().text, "[]");
    for kind in [
        ErrorKind::MalformedResponse,
        ErrorKind::ServiceUnavailable,
        ErrorKind::ServiceUnavailable,
    ] {
        assert_eq!(client.models(true).await.unwrap_err().kind(), kind);
    }
    assert_eq!(
        client.cached_models().unwrap().text,
        list,
        "neither an empty list nor a failed forced call replaces the list"
    );
}

#[tokio::test]
async fn an_empty_list_is_returned_but_not_cached_and_replaces_no_list() {
    let full = r#"{"data":[{"id":"a/b"}]}"#;
    let server = api(move |_, count| {
        let body = match count {
            1 => r#"{"data":[]}"#,
            2 => r#"{"data":null}"#,
            4 => r#"{"data": [ ] }"#,
            _ => full,
        };
        (200, body.to_owned())
    });
    let client = client(&server);
    for answered in ["[]", "[]", r#"[{"id":"a/b"}]"#] {
        assert_eq!(client.models(false).await.unwrap().text, answered);
    }
    assert_eq!(client.models(true).await.unwrap().text, "[ ]");
    assert_eq!(client.cached_models().unwrap().text, r#"[{"id":"a/b"}]"#);
    assert_eq!(paths(&server).len(), 4);
}

#[tokio::test]
async fn a_ttl_of_zero_disables_the_cache() {
    let server = api(|_, _| (200, r#"{"data":[{"id":"a/b"}]}"#.into()));
    let client = client_of(&server.url(), &json!({ "cache": { "modelsTTL": 0 } }));
    for count in 1..=3 {
        client.models(false).await.unwrap();
        assert!(client.cached_models().is_none());
        assert_eq!(server.counts().requests, count);
    }
}

#[tokio::test]
async fn clients_of_one_key_share_values_and_requests() {
    let (reply, gate) = Reply::default().wait();
    let body = r#"{"data":[{"id":"a/b"}]}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let server = Server::replying([reply.send(head)]);
    let (one, two) = (client(&server), client(&server));
    let other = two.clone();
    let first = tokio::spawn(async move { one.models(false).await });
    server.request(1).await;
    let second = tokio::spawn(async move { two.models(false).await });
    first.abort();
    gate.open();
    assert_eq!(
        second.await.unwrap().unwrap().text,
        r#"[{"id":"a/b"}]"#,
        "the first caller was aborted"
    );
    assert!(other.cached_models().is_some());
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn a_generation_is_requested_again_until_its_cost_is_known() {
    let server = api(|path, count| {
        assert_eq!(path, "/generation?id=gen-1%26x");
        match count {
            1 => (
                404,
                r#"{"error":{"code":404,"message":"Generation not found"}}"#.into(),
            ),
            2 => (200, r#"{"data":{"total_cost":null}}"#.into()),
            _ => (200, r#"{"data":{"total_cost":0.00010}}"#.into()),
        }
    });
    let read = client(&server).generation("gen-1&x").await.unwrap();
    assert_eq!(read, r#"{"total_cost":0.00010}"#);
    assert_eq!(server.counts().requests, 3);
}

#[tokio::test]
async fn a_generation_that_stays_missing_fails_after_a_minute_of_growing_waits() {
    let missing = r#"{"error":{"code":404,"message":"Generation not found"}}"#;
    let server = api(|_, _| (404, missing.into()));
    let client = client(&server);
    let mut asking = tokio::spawn(async move { client.generation("gen-1").await });
    let started = Instant::now();
    let answer = loop {
        // The clock is advanced in steps and runs in between: tokio moves a paused clock to the next timer whenever the
        // runtime waits for the network.
        time::pause();
        time::advance(Duration::from_millis(500)).await;
        time::resume();
        match time::timeout(Duration::from_millis(3), &mut asking).await {
            Ok(answer) => break answer.unwrap(),
            Err(_) => assert!(
                started.elapsed() < Duration::from_secs(600),
                "the client never gives up"
            ),
        }
    };
    let error = answer.unwrap_err();
    assert_eq!(
        (error.kind(), error.details().status),
        (ErrorKind::NotFound, Some(404))
    );
    // The client waits 0.5, 1, 2 and 4 s, and then 8 s each time.
    assert!(
        (6..=12).contains(&server.counts().requests),
        "{:?}",
        server.counts()
    );
}
