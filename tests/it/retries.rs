//! Retries and fallback models: how many requests the server receives, and which models they name. The jitter is zero, so
//! that a retry does not wait.

use crate::support::client::{client_of, step};
use crate::support::reply::Reply;
use crate::support::server::{Server, refusing};
use futures_util::future::try_join_all;
use openrouter_native::client::{Answer, Client};
use openrouter_native::error::{Error, ErrorKind, Phase};
use serde_json::{Value, json};

const ANSWER: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;
const DELTA: &str =
    r#"{"id":"g","model":"f/4","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}"#;

fn client(server: &Server, options: Value) -> Client {
    let mut all = json!({ "maxRetries": 2 });
    all.as_object_mut()
        .unwrap()
        .extend(options.as_object().unwrap().clone());
    client_of(&server.url(), &all).with_jitter(|| 0.0)
}

fn params(more: Value) -> String {
    let mut params = json!({ "model": "a/b", "messages": [{ "role": "user", "content": "Hi" }] });
    params
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    params.to_string()
}

async fn ask(client: &Client, more: Value) -> Result<Value, Error> {
    match client.chat(&params(more)).await? {
        Answer::Complete(text) => Ok(serde_json::from_str(&text).unwrap()),
        Answer::Stream(stream) => {
            let progress = stream.progress().clone();
            let json = progress.final_json();
            Ok(serde_json::from_str(&json).unwrap())
        }
    }
}

fn failure(status: u16, message: &str) -> Reply {
    Reply::json(
        status,
        json!({ "error": { "code": status, "message": message } }).to_string(),
    )
}

/// The models that each request names: `model`, then `models`.
fn requested_models(server: &Server) -> Vec<Value> {
    let of = |text: &str| {
        let body: Value = serde_json::from_str(text).unwrap();
        json!([body["model"], body.get("models").cloned().unwrap_or(json!([]))])
    };
    server
        .requests()
        .iter()
        .map(|request| of(request.text()))
        .collect()
}

#[tokio::test]
async fn a_chat_is_retried_with_the_same_body_until_it_succeeds() {
    let server = Server::replying([
        failure(503, "full"),
        failure(529, "fuller"),
        Reply::json(200, ANSWER),
    ]);
    let answer = ask(&client(&server, json!({})), json!({ "seed": 7 }))
        .await
        .unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "hi");
    assert_eq!(answer.get("_metadata"), None);
    let bodies: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.body.clone())
        .collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn a_failing_chat_is_retried_max_retries_times_and_the_error_lists_each_attempt() {
    let server = Server::new(|_| failure(502, "down"));
    let error = ask(&client(&server, json!({})), json!({})).await.unwrap_err();
    assert_eq!(server.counts().requests, 3);
    let tries: Vec<_> = error
        .details()
        .attempts
        .iter()
        .map(|one| (one.model.as_deref(), one.status, one.reason.as_deref()))
        .collect();
    assert_eq!(tries, vec![(Some("a/b"), Some(502), Some("down")); 3]);

    let error = ask(&client(&server, json!({})), json!({ "maxRetries": 0 }))
        .await
        .unwrap_err();
    assert_eq!(
        server.counts().requests,
        4,
        "maxRetries of the call overrides that of the client"
    );
    assert_eq!(error.details().attempts, []);
}

#[tokio::test]
async fn an_exceeded_total_timeout_keeps_the_list_of_the_failed_attempts() {
    let mut count = 0;
    let server = Server::new(move |_| {
        count += 1;
        match count {
            1 | 2 => failure(503, "full"),
            _ => Reply::raw("").hold(),
        }
    });
    let options = json!({ "modelsPerRequest": 0, "timeouts": { "total": 1000 } });
    let error = ask(&client(&server, options), json!({ "models": ["c/d"] }))
        .await
        .unwrap_err();
    let attempts = &error.details().attempts;
    let failed: Vec<_> = attempts
        .iter()
        .map(|one| (one.model.as_deref(), one.status))
        .collect();
    assert_eq!(error.details().phase, Some(Phase::Total));
    assert_eq!(failed, [(Some("a/b"), Some(503)), (Some("c/d"), Some(503))]);
}

#[tokio::test]
async fn a_chat_that_would_fail_again_or_be_billed_twice_is_not_retried() {
    for status in [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 504, 524] {
        let server = Server::new(move |_| failure(status, "no"));
        ask(&client(&server, json!({})), json!({})).await.unwrap_err();
        assert_eq!(server.counts().requests, 1, "{status}");
    }
    let server = Server::new(|_| Reply::raw("").close());
    let error = ask(&client(&server, json!({})), json!({})).await.unwrap_err();
    assert_eq!(
        (error.kind(), server.counts().requests),
        (ErrorKind::ConnectionReset, 1)
    );
}

#[tokio::test]
async fn no_kind_of_402_is_retried_and_each_keeps_its_details() {
    for (source, words, headers, wait) in [
        ("openrouter_credits", "Insufficient credits. Add more.", "", None),
        (
            "openrouter_credits",
            "You requested up to 225702 tokens, but can only afford 92985.",
            "",
            None,
        ),
        ("openrouter_key_limit", "Key limit exceeded.", "", None),
        (
            "openrouter_in_flight_budget",
            "Budget in flight is used up.",
            "retry-after: 1\r\n",
            Some(1),
        ),
        (
            "openrouter_in_flight_budget",
            "Budget in flight is used up.",
            "",
            None,
        ),
    ] {
        let body =
            json!({ "error": { "code": 402, "message": words, "metadata": { "limit_source": source } } });
        for stream in [false, true] {
            let body = body.to_string();
            let headers = format!("content-type: application/json\r\n{headers}");
            let server = Server::replying([Reply::whole(402, &headers, body)]);
            let error = ask(
                &client(&server, json!({})),
                json!({ "stream": stream, "models": ["c/d"] }),
            )
            .await
            .unwrap_err();
            let details = error.details();
            assert_eq!(server.counts().requests, 1, "{source}");
            assert_eq!(error.kind(), ErrorKind::InsufficientCredits);
            assert_eq!(details.cause.as_deref(), Some(words));
            assert!(details.metadata.as_deref().unwrap().contains(source));
            assert_eq!(details.retry_after.map(|wait| wait.as_secs()), wait);
        }
    }
}

#[tokio::test]
async fn a_429_is_retried_only_if_it_names_a_wait_of_at_most_30_seconds() {
    let hinted = |headers: &str, body: Value| {
        Reply::whole(
            429,
            &format!("content-type: application/json\r\n{headers}"),
            body.to_string(),
        )
    };
    let plain = json!({ "error": { "code": 429, "message": "slow down" } });
    let in_body = json!({ "error": { "code": 429, "message": "x", "metadata": { "headers": { "X-RateLimit-Reset": "1445412480" } } } });
    for reply in [
        hinted("retry-after: 0\r\n", plain.clone()),
        hinted("retry-after-ms: 1\r\n", plain.clone()),
        hinted("retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n", plain.clone()),
        hinted("x-ratelimit-reset: 1445412480000\r\n", plain.clone()),
        hinted("", in_body),
    ] {
        let server = Server::replying([reply, Reply::json(200, ANSWER)]);
        ask(&client(&server, json!({})), json!({})).await.unwrap();
        assert_eq!(server.counts().requests, 2);
    }
    for headers in ["retry-after: 31\r\n", "retry-after: 54000\r\n", ""] {
        let reply = hinted(headers, plain.clone());
        let server = Server::replying([reply]);
        let error = ask(&client(&server, json!({})), json!({})).await.unwrap_err();
        assert_eq!(
            (error.kind(), server.counts().requests),
            (ErrorKind::RateLimited, 1),
            "{headers}"
        );
    }
}

#[tokio::test]
async fn an_error_inside_a_200_is_retried_like_an_error_status() {
    let inside = r#"{"error":{"code":503,"message":"full"}}"#;
    let server = Server::replying([
        Reply::json(200, inside),
        Reply::events(&[inside]),
        Reply::events(&[DELTA]),
    ]);
    ask(&client(&server, json!({})), json!({ "stream": true }))
        .await
        .unwrap();
    assert_eq!(server.counts().requests, 3);
}

#[tokio::test]
async fn a_chat_is_not_retried_once_text_was_generated() {
    let half = r#"{"id":"g","choices":[{"index":0,"message":{"content":"half"},"finish_reason":"error","error":{"code":502,"message":"m"}}]}"#;
    let server = Server::new(move |_| Reply::json(200, half));
    ask(&client(&server, json!({})), json!({ "models": ["c/d", "e/f"] }))
        .await
        .unwrap_err();
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn an_answer_that_reports_a_cost_or_tokens_is_never_requested_again() {
    let usages = [
        json!({ "cost": 0.5 }),
        json!({ "cost": "0.5" }),
        json!({ "completion_tokens": 3 }),
    ];
    for usage in usages {
        let error = json!({ "code": 502, "message": "down" });
        let body = json!({ "id": "g", "error": error, "usage": usage }).to_string();
        for form in ["inside a 200", "a 502", "an event"] {
            for stream in [false, true] {
                let body = body.clone();
                let server = Server::new(move |_| match form {
                    "inside a 200" => Reply::json(200, body.clone()),
                    "a 502" => Reply::json(502, body.clone()),
                    _ => Reply::events(&[body.as_str()]),
                });
                let params = json!({ "models": chain(), "stream": stream });
                ask(&client(&server, json!({})), params).await.unwrap_err();
                assert_eq!(server.counts().requests, 1, "{usage} {form}");
            }
        }
    }
}

#[tokio::test]
async fn a_gateway_that_gave_up_starts_no_fallback() {
    for status in [504, 524] {
        let server = Server::new(move |_| failure(status, "late"));
        let error = ask(&client(&server, json!({})), json!({ "models": chain() }))
            .await
            .unwrap_err();
        assert_eq!((error.kind(), server.counts().requests), (ErrorKind::Timeout, 1));
    }
}

#[tokio::test]
async fn max_retries_of_zero_means_one_request_also_on_a_stale_connection() {
    let mut served = 0;
    let server = Server::new(move |_| {
        served += 1;
        match served {
            2 => Reply::raw("").close(),
            _ => Reply::json(200, ANSWER),
        }
    });
    let client = client(&server, json!({ "maxRetries": 0 }));
    ask(&client, json!({})).await.unwrap();
    let error = ask(&client, json!({})).await.unwrap_err();
    assert_eq!(
        (error.kind(), server.counts().requests),
        (ErrorKind::ConnectionReset, 2)
    );
}

#[tokio::test]
async fn a_refused_connection_is_retried() {
    let (_unused, address) = refusing();
    let client =
        client_of(&format!("http://{address}/api/v1"), &json!({ "maxRetries": 2 })).with_jitter(|| 0.0);
    let error = ask(&client, json!({})).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.details().attempts.len()),
        (ErrorKind::ConnectionFailed, 3)
    );
}

#[tokio::test]
async fn a_models_request_is_retried_where_a_chat_is_not() {
    for reply in [
        failure(500, "oops"),
        failure(408, "late"),
        Reply::raw("").close(),
        Reply::raw("").reset(),
    ] {
        let server = Server::replying([reply, Reply::json(200, r#"{"data":[{"id":"a/b"}]}"#)]);
        client(&server, json!({})).models(true).await.unwrap();
        assert_eq!(server.counts().requests, 2);
    }
    let server = Server::new(|_| failure(401, "no"));
    client(&server, json!({})).models(true).await.unwrap_err();
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn a_chat_on_a_stale_connection_is_sent_again_on_a_fresh_one() {
    // The first connection serves two requests and closes at the third, like a connection that the server has closed
    // because it was idle.
    let mut served = 0;
    let server = Server::new(move |_| {
        served += 1;
        match served {
            3 => Reply::raw("").close(),
            _ => Reply::json(200, ANSWER),
        }
    });
    let client = client(&server, json!({}));
    for _ in 0..3 {
        ask(&client, json!({})).await.unwrap();
    }
    let connections: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(connections, [0, 0, 0, 1]);
}

#[tokio::test]
async fn one_stale_connection_fails_none_of_many_concurrent_requests() {
    // The server closes the one connection that was idle; the others are opened meanwhile.
    let mut served = 0;
    let server = Server::new(move |request| {
        served += 1;
        match (request.connection, served) {
            (0, 2..) => Reply::raw("").close(),
            _ => Reply::json(200, ANSWER),
        }
    });
    let client = client(&server, json!({}));
    ask(&client, json!({})).await.unwrap();
    let together = (1..=3).map(|seed| ask(&client, json!({ "seed": seed })));
    try_join_all(together).await.unwrap();
    assert_eq!(server.counts().requests, 5, "one of the requests is sent twice");
}

#[tokio::test]
async fn a_chat_on_a_stale_connection_is_sent_again_only_once() {
    // Each connection answers one request and closes at the second.
    let mut seen = std::collections::HashSet::new();
    let server = Server::new(move |request| match seen.insert(request.connection) {
        true => Reply::json(200, ANSWER),
        false => Reply::raw("").close(),
    });
    let client = client(&server, json!({ "maxRetries": 5 }));
    for round in 0..20 {
        let chats = (0..8).map(|number| ask(&client, json!({ "seed": round * 8 + number })));
        try_join_all(chats).await.unwrap();
    }
    let mut sent = std::collections::HashMap::<String, usize>::new();
    for request in server.requests() {
        *sent.entry(request.text().to_owned()).or_default() += 1;
    }
    assert_eq!(sent.len(), 160);
    assert!(sent.values().all(|times| *times <= 2), "{sent:?}");
}

#[tokio::test]
async fn a_chat_is_not_retried_after_a_fresh_connection_closes_without_a_response() {
    let mut served = 0;
    let server = Server::new(move |_| {
        served += 1;
        match served {
            1 => Reply::json(200, ANSWER),
            _ => Reply::raw("").close(),
        }
    });
    let client = client(&server, json!({}));
    ask(&client, json!({})).await.unwrap();
    let error = ask(&client, json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(
        server.counts().requests,
        3,
        "after the first chat, one request on the stale connection, one on a fresh one, and no more"
    );
}

#[tokio::test]
async fn fallback_models_are_tried_after_a_choice_that_failed_without_text() {
    let failed = |content: &str| {
        json!({ "id": "g", "model": "a/b", "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": content },
            "finish_reason": "error",
            "error": { "code": 502, "message": "down" },
        }] })
        .to_string()
    };
    let blank = failed("");
    let server = Server::new(move |request| match request.text().contains(r#""f/4""#) {
        true if !request.text().contains(r#""a/b""#) => Reply::json(200, ANSWER),
        _ => Reply::json(200, &blank),
    });
    ask(
        &client(&server, json!({})),
        json!({ "models": ["f/1", "f/2", "f/3", "f/4"] }),
    )
    .await
    .unwrap();
    assert_eq!(server.counts().requests, 2);

    let half = failed("hi");
    let server = Server::new(move |_| Reply::json(200, &half));
    let error = ask(
        &client(&server, json!({})),
        json!({ "models": ["f/1", "f/2", "f/3", "f/4"] }),
    )
    .await
    .unwrap_err();
    assert!(error.details().partial.as_ref().unwrap().contains("hi"));
    assert_eq!(
        server.counts().requests,
        1,
        "generated text is billed, so no other model is tried"
    );
}

/// Ten fallback models.
fn chain() -> Value {
    json!((1..=10).map(|n| format!("f/{n}")).collect::<Vec<_>>())
}

#[tokio::test]
async fn fallback_models_are_tried_group_by_group_until_none_is_left() {
    for stream in [false, true] {
        let server = Server::new(|_| failure(503, "full"));
        let error = ask(
            &client(&server, json!({ "maxRetries": 0 })),
            json!({ "models": chain(), "stream": stream }),
        )
        .await
        .unwrap_err();
        assert_eq!(
            requested_models(&server),
            [
                json!(["a/b", ["f/1", "f/2", "f/3"]]),
                json!(["f/4", ["f/5", "f/6", "f/7"]]),
                json!(["f/8", ["f/9", "f/10"]]),
            ]
        );
        let models: Vec<_> = error
            .details()
            .attempts
            .iter()
            .map(|one| one.model.as_deref().unwrap())
            .collect();
        assert_eq!(models, ["a/b", "f/4", "f/8"]);
    }
}

#[tokio::test]
async fn a_response_of_a_later_group_reports_the_failed_group_and_its_reason() {
    let answered = ANSWER.replace("a/b", "f/5");
    let failed = || failure(429, "too many");
    let server = Server::replying([failed(), Reply::json(200, &answered)]);
    let answer = ask(
        &client(&server, json!({ "zdr": true })),
        json!({ "models": chain() }),
    )
    .await
    .unwrap();
    assert_eq!(
        answer["_metadata"],
        json!({
            "autoRouterUsed": false, "requestedModel": "a/b", "effectiveModel": "f/4", "actualModelUsed": "f/5",
            "fallbackUsed": true, "attempts": [{ "model": "a/b", "status": 429, "reason": "too many" }],
        })
    );
    for request in server.requests() {
        assert!(
            request.text().contains(r#""provider":{"zdr":true}"#),
            "each group is sent with zdr"
        );
    }

    let server = Server::replying([failed(), Reply::events(&[DELTA])]);
    let Answer::Stream(mut stream) = client(&server, json!({}))
        .chat(&params(json!({ "models": chain(), "stream": true })))
        .await
        .unwrap()
    else {
        panic!("no stream");
    };
    let mut out = openrouter_native::delivery::Outbox::default();
    while !step(
        &mut stream,
        crate::support::client::flow(openrouter_native::delivery::Mode::Chunks),
        &mut out,
    )
    .await
    .unwrap()
    {}
    let facts: Value = serde_json::from_str(&stream.progress().properties_json()).unwrap();
    assert_eq!(
        facts["fallback"],
        json!({ "from": "a/b", "to": "f/4", "reason": "too many", "attempts": [{ "model": "a/b", "status": 429, "reason": "too many" }] })
    );
}

#[tokio::test]
async fn fallback_models_are_tried_only_after_failures_that_they_may_avoid() {
    let moderated =
        json!({ "error": { "code": 403, "message": "flagged", "metadata": { "reasons": ["x"] } } })
            .to_string();
    let too_long = failure(400, "This endpoint's maximum context length is 8192 tokens.");
    let inside = Reply::json(200, r#"{"error":{"code":502,"message":"m"}}"#);
    for reply in [
        failure(408, "m"),
        failure(429, "m"),
        failure(500, "m"),
        failure(529, "m"),
        failure(404, "No endpoints found for a/b."),
        Reply::json(403, moderated),
        too_long,
        inside,
    ] {
        let server = Server::replying([reply, Reply::json(200, ANSWER)]);
        ask(&client(&server, json!({})), json!({ "models": chain() }))
            .await
            .unwrap();
        assert_eq!(requested_models(&server)[1][0], "f/4");
    }
    for status in [400, 401, 402, 403, 404, 413] {
        let server = Server::new(move |_| failure(status, "m"));
        ask(&client(&server, json!({})), json!({ "models": chain() }))
            .await
            .unwrap_err();
        assert_eq!(server.counts().requests, 1, "{status}");
    }
}

#[tokio::test]
async fn only_the_last_group_of_models_is_retried() {
    let server = Server::new(|_| failure(503, "full"));
    let error = ask(
        &client(&server, json!({})),
        json!({ "models": ["f/1", "f/2", "f/3", "f/4"] }),
    )
    .await
    .unwrap_err();
    let firsts: Vec<_> = requested_models(&server)
        .iter()
        .map(|one| one[0].clone())
        .collect();
    assert_eq!(firsts, ["a/b", "f/4", "f/4", "f/4"]);
    assert_eq!(error.details().attempts.len(), 4);
}
