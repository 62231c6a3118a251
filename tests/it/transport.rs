//! Connections and responses: redirects and the key, the kinds of failures, timeouts, size limits, and the reuse of
//! connections. Proxies and TLS are in `proxies` and `tls`.

use std::sync::Arc;

use crate::support::client::{
    KEY, PLAIN, STREAM, client, client_of, complete, flow, get, open, read_all, read_tail, streamed,
};
use crate::support::packed::gzip_of;
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::delivery::Mode;
use openrouter_native::error::{Error, ErrorKind, Phase};
use openrouter_native::transport;
use serde_json::json;
use tokio::net::TcpSocket;
use tokio::time::{self, Instant};

const ANSWER: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;

async fn failure(reply: Reply) -> Error {
    let server = Server::replying([reply]);
    complete(&client(&server), PLAIN).await.unwrap_err()
}

fn redirect(status: u16, to: &str) -> Reply {
    Reply::whole(status, &format!("location: {to}\r\n"), "")
}

#[tokio::test]
async fn the_key_is_not_sent_to_another_origin_by_a_redirect() {
    for status in [301, 302, 303, 307, 308] {
        let other = Server::new(|_| Reply::json(200, ANSWER));
        let server = Server::replying([redirect(status, &format!("{}/x", other.url()))]);
        let error = complete(&client(&server), PLAIN).await.unwrap_err();
        assert_eq!(error.details().status, Some(status));
        assert_eq!(error.kind(), ErrorKind::InvalidOption, "{status}");
        assert!(error.to_string().contains("redirect"), "{error}");
        assert_eq!(other.counts().connections, 0, "{status}");
        assert_eq!(server.counts().requests, 1);
    }
}

#[tokio::test]
async fn the_key_is_not_sent_to_another_origin_by_a_second_redirect() {
    let other = Server::new(|_| Reply::json(200, ANSWER));
    let away = format!("//localhost:{}/x", other.port);
    let server = Server::replying([redirect(307, "/elsewhere"), redirect(307, &away)]);
    let error = complete(&client(&server), PLAIN).await.unwrap_err();
    assert_eq!(error.details().status, Some(307));
    assert_eq!(server.counts().requests, 2);
    assert_eq!(other.counts().connections, 0);
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_the_body_and_the_key() {
    for status in [307, 308] {
        let server = Server::replying([redirect(status, "/v2/chat"), Reply::json(200, ANSWER)]);
        complete(&client(&server), PLAIN).await.unwrap();
        let requests = server.requests();
        assert_eq!(requests[1].line(), "POST /v2/chat HTTP/1.1");
        assert_eq!(
            requests[1].header("authorization"),
            Some(format!("Bearer {KEY}").as_str())
        );
        assert_eq!(requests[1].text(), requests[0].text());
    }
}

#[tokio::test]
async fn a_chat_is_sent_at_most_twice_by_redirects_and_never_again_to_the_same_address() {
    let mut count = 0;
    let endless = Server::new(move |_| {
        count += 1;
        redirect(307, &format!("/{count}"))
    });
    let same = Server::new(|request| redirect(308, request.line().split(' ').nth(1).unwrap()));
    for (server, requests, words) in [(endless, 2, "more than once"), (same, 1, "same address")] {
        let error = complete(&client(&server), PLAIN).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains("baseURL"), "{error}");
        assert_eq!(server.counts().requests, requests, "{words}");
    }
}

#[tokio::test]
async fn a_get_follows_20_redirects_and_ends_at_one_to_the_same_address() {
    let mut count = 0;
    let endless = Server::new(move |_| {
        count += 1;
        redirect(302, &format!("/{count}"))
    });
    let same = Server::new(|_| redirect(302, "/api/v1/models"));
    for (server, requests) in [(endless, 21), (same, 1)] {
        let error = client(&server).models(true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert_eq!(server.counts().requests, requests);
    }
}

#[tokio::test]
async fn a_redirect_that_would_make_a_get_of_a_chat_is_an_error_that_names_the_base_url() {
    for status in [301, 302, 303] {
        let server = Server::replying([redirect(status, "/v2/chat")]);
        let error = complete(&client(&server), PLAIN).await.unwrap_err();
        assert_eq!(error.details().status, Some(status));
        assert!(error.to_string().contains("baseURL"), "{error}");
        assert_eq!(server.counts().requests, 1, "{status}");
    }
}

#[tokio::test]
async fn a_chat_request_has_the_documented_path_headers_and_body() {
    let server = Server::replying([Reply::json(200, ANSWER)]);
    let options = json!({ "siteUrl": "https://s.example", "siteName": "Näme", "headers": { "X-Mine": "1" } });
    complete(&client_of(&server.url(), &options), PLAIN)
        .await
        .unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.line(), "POST /api/v1/chat/completions HTTP/1.1");
    for (name, value) in [
        ("authorization", format!("Bearer {KEY}")),
        ("content-type", "application/json".into()),
        ("http-referer", "https://s.example".into()),
        ("x-title", "Näme".into()),
        ("x-mine", "1".into()),
        ("x-openrouter-metadata", "enabled".into()),
        ("content-length", PLAIN.len().to_string()),
    ] {
        assert_eq!(request.header(name), Some(value.as_str()), "{name}");
    }
    assert_eq!(request.text(), PLAIN);
}

#[tokio::test]
async fn a_refused_connection_or_an_unknown_host_fails_with_connection_failed() {
    // The port is bound, so that no other process gets it, but nothing listens on it.
    let unused = TcpSocket::new_v4().unwrap();
    unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = unused.local_addr().unwrap().port();
    let client = client_of(&format!("http://127.0.0.1:{port}/api/v1"), &json!({}));
    let error = complete(&client, PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
    assert!(
        error
            .details()
            .cause
            .as_deref()
            .unwrap()
            .starts_with("ECONNREFUSED"),
        "{error:?}"
    );
    let client = client_of("http://no-such-host.invalid/api/v1", &json!({}));
    let error = complete(&client, PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{error:?}");
    assert!(error.to_string().contains("no-such-host.invalid"), "{error}");
}

#[tokio::test]
async fn a_connection_that_closes_before_the_response_fails_with_connection_reset() {
    for reply in [
        Reply::default().reset(),
        Reply::default().close(),
        Reply::raw("HTTP/1.1 200 OK\r\ncontent-le").close(),
    ] {
        let error = failure(reply).await;
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error:?}");
        assert!(!error.to_json().contains(KEY));
    }
}

#[tokio::test]
async fn a_truncated_body_fails_with_connection_reset() {
    for reply in [
        Reply::raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"id\"")
            .close(),
        Reply::chunked("content-type: application/json\r\n")
            .chunk("{\"id\"")
            .close(),
    ] {
        assert_eq!(failure(reply).await.kind(), ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn a_response_that_is_not_http_fails_with_malformed_response() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "\u{15}\u{3}\u{1}\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
    ] {
        let error = failure(Reply::raw(garbage).hold()).await;
        assert_eq!(
            error.kind(),
            ErrorKind::MalformedResponse,
            "{garbage:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn missing_response_headers_fail_with_a_headers_timeout() {
    let server = Server::replying([Reply::default().hold()]);
    let client = client(&server);
    let chat = tokio::spawn(async move { complete(&client, PLAIN).await });
    server.request(1).await;
    let started = Instant::now();
    time::pause();
    let error = chat.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.details().phase, Some(Phase::Headers));
    let seconds = started.elapsed().as_secs();
    assert!((590..=600).contains(&seconds), "{seconds} s, not 600");
    server.until(|counts| counts.left == 1).await;
}

#[tokio::test]
async fn a_stalled_body_fails_with_an_idle_timeout() {
    let (reply, gate) =
        Reply::raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n")
            .send("{\"id\"")
            .wait();
    let server = Server::replying([reply]);
    let client = client_of(&server.url(), &json!({ "timeouts": { "idle": 100 } }));
    let error = complete(&client, PLAIN).await.unwrap_err();
    assert_eq!(error.details().phase, Some(Phase::Idle), "{error}");
    drop(gate);
    server.until(|counts| counts.left == 1).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_host_that_does_not_accept_connections_fails_with_a_connect_timeout() {
    // The only place in the accept queue is taken, so the system leaves further connections pending.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _taken = tokio::net::TcpStream::connect(address).await.unwrap();
    let client = client_of(
        &format!("http://{address}/api/v1"),
        &json!({ "timeouts": { "connect": 150 } }),
    );
    let own = PLAIN.replacen('{', r#"{"timeouts":{"connect":90},"#, 1);
    for (params, limit) in [(PLAIN, "150 ms"), (&own, "90 ms")] {
        let error = complete(&client, params).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert_eq!(error.details().phase, Some(Phase::Connect));
        assert!(error.to_string().contains(limit), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_headers_timeout_before_the_connection_is_made_has_the_phase_connect() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _taken = tokio::net::TcpStream::connect(address).await.unwrap();
    let options = json!({ "timeouts": { "headers": 120 } });
    for scheme in ["http", "https"] {
        let client = client_of(&format!("{scheme}://{address}/api/v1"), &options);
        let error = complete(&client, PLAIN).await.unwrap_err();
        assert_eq!(error.details().phase, Some(Phase::Connect), "{error:?}");
        assert!(error.to_string().contains("timeouts.headers"), "{error}");
    }
    // On a connection that was made, the request may have been read.
    let server = Server::new(|_| Reply::default().hold());
    let error = complete(&client_of(&server.url(), &options), PLAIN)
        .await
        .unwrap_err();
    assert_eq!(error.details().phase, Some(Phase::Headers), "{error:?}");
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn the_total_timeout_applies_to_models_credits_and_generations() {
    let server = Server::new(|_| Reply::raw("").hold());
    let client = client_of(
        &server.url(),
        &json!({ "maxRetries": 2, "timeouts": { "total": 80 } }),
    );
    let failures = [
        client.models(true).await.unwrap_err(),
        client.credits(true).await.unwrap_err(),
        client.generation("gen-1").await.unwrap_err(),
    ];
    for error in failures {
        assert_eq!(error.details().phase, Some(Phase::Total), "{error}");
    }
}

#[tokio::test]
async fn a_body_up_to_the_size_limit_is_read_and_a_larger_one_fails() {
    let server = Server::new(|_| Reply::json(200, ANSWER));
    for (limit, fits) in [(ANSWER.len(), true), (ANSWER.len() - 1, false)] {
        let client = client_of(&server.url(), &json!({ "maxResponseBytes": limit }));
        match complete(&client, PLAIN).await {
            Ok(body) => assert!(fits && body == ANSWER),
            Err(error) => {
                assert!(!fits && error.kind() == ErrorKind::ResponseTooLarge, "{error}");
                assert!(error.to_string().contains("maxResponseBytes"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn size_limits_apply_to_the_decompressed_body() {
    let (packed, size) = gzip_of(b' ', 8 << 20);
    assert!(packed.len() < 80_000);
    let packed = Arc::new(packed);
    let headers = |kind: &str| format!("content-type: {kind}\r\ncontent-encoding: gzip\r\n");
    let bomb = packed.clone();
    let json_head = headers("application/json");
    let server = Server::new(move |_| Reply::whole(200, &json_head, &*bomb));
    let limited = client_of(&server.url(), &json!({ "maxResponseBytes": 1 << 20 }));
    let error = complete(&limited, PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    // The whole body is decompressed, and is white space only. This also proves that the gzip encoder of the tests is
    // correct.
    let wide = client_of(&server.url(), &json!({ "maxResponseBytes": size }));
    let error = complete(&wide, PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EmptyResponse, "{error:?}");

    // Neither an event without an end nor the body of an error fills the memory.
    let (bomb, stream_head) = (gzip_of(b'x', 8 << 20).0, headers("text/event-stream"));
    let server = Server::new(move |_| Reply::whole(200, &stream_head, &*bomb));
    let limited = client_of(&server.url(), &json!({ "maxEventBytes": 1 << 20 }));
    let error = streamed(&limited, Mode::Text).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    let error_head = headers("application/json");
    let server = Server::new(move |_| Reply::whole(500, &error_head, &*packed));
    let error = complete(&client(&server), PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServerError);
    assert!(error.to_json().len() < 100_000);
}

#[tokio::test]
async fn an_error_with_a_truncated_body_keeps_its_status() {
    let head = "HTTP/1.1 402 X\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"error\"";
    for reply in [Reply::raw(head).close(), Reply::raw(head).reset()] {
        assert_eq!(failure(reply).await.kind(), ErrorKind::InsufficientCredits);
    }
}

#[tokio::test]
async fn sequential_requests_share_one_connection_and_concurrent_ones_do_not() {
    let server = Server::new(|_| Reply::json(200, ANSWER));
    let one = client(&server);
    for _ in 0..20 {
        complete(&one, PLAIN).await.unwrap();
    }
    assert_eq!(server.counts().connections, 1);
    let (waiting, gates): (Vec<_>, Vec<_>) = (0..8).map(|_| Reply::default().wait()).unzip();
    let replies = waiting.into_iter().map(|reply| {
        reply.send(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{ANSWER}",
            ANSWER.len()
        ))
    });
    let server = Server::replying(replies);
    let many = client(&server);
    let chats: Vec<_> = (0..8)
        .map(|_| {
            let many = many.clone();
            tokio::spawn(async move { complete(&many, PLAIN).await })
        })
        .collect();
    server.until(|counts| counts.requests == 8).await;
    for gate in gates {
        gate.open();
    }
    for chat in chats {
        assert_eq!(get(&chat.await.unwrap().unwrap(), "/id"), "\"g\"");
    }
    assert_eq!(server.counts().connections, 8);
}

#[tokio::test]
async fn clients_with_the_same_settings_share_connections() {
    let server = Server::new(|_| Reply::json(200, ANSWER));
    for name in ["A", "B"] {
        let options = json!({ "siteName": name, "timeouts": { "connect": 7_777 } });
        complete(&client_of(&server.url(), &options), PLAIN)
            .await
            .unwrap();
    }
    assert_eq!(server.counts().connections, 1);
}

#[tokio::test]
async fn a_pool_with_an_open_response_is_kept_however_many_other_pools_there_are() {
    let (reply, gate) = Reply::stream().event("{}").wait();
    let stream = reply.event("[DONE]").end();
    let server = Server::replying([stream, Reply::json(200, ANSWER)]);
    let first = client(&server);
    let mut open = open(&first, STREAM).await.unwrap();
    for other in 0..100 {
        let options = json!({ "timeouts": { "connect": 500_000 + other } });
        transport::shared(&client_of(&server.url(), &options).config().transport);
    }
    gate.open();
    let (_, end) = read_all(&mut open, flow(Mode::Text)).await;
    end.unwrap();
    read_tail(open).await;
    complete(&first, PLAIN).await.unwrap();
    assert_eq!(server.counts().connections, 1);
}
