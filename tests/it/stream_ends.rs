//! How streams end: `[DONE]` on a connection that stays open, the end of the body without `[DONE]`, errors of every shape,
//! resets, timeouts, and a dropped stream. A failure is reported once, after everything that came before it.

use std::time::Duration;

use crate::support::client::{STREAM, client, client_of, flow, get, open, read_all, step, streamed};
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::delivery::{Mode, Outbox};
use openrouter_native::error::{Error, ErrorKind, Phase};
use openrouter_native::stream::ChatStream;
use serde_json::json;
use tokio::time::{self, Instant};

const TEXT: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":"so far"}}]}"#;
const STOP: &str = r#"{"model":"a/b","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

/// An event stream whose body ends when the server closes the connection.
fn until_close(body: &str) -> Reply {
    Reply::raw("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        .send(body.to_owned())
        .close()
}

/// The text of a stream, and its result.
async fn outcome(reply: Reply) -> (String, Result<(), Error>) {
    let server = Server::replying([reply]);
    let mut stream = match open(&client(&server), STREAM).await {
        Ok(stream) => stream,
        Err(error) => return ("never opened".to_owned(), Err(error)),
    };
    let (items, end) = read_all(&mut stream, flow(Mode::Text)).await;
    let text = items.iter().filter(|item| item.starts_with('"'));
    (text.map(|item| item.trim_matches('"')).collect(), end)
}

/// The error of a stream, which must have delivered `TEXT` before it failed.
async fn failure(reply: Reply) -> Error {
    let (text, end) = outcome(reply).await;
    assert_eq!(text, "so far");
    let error = end.unwrap_err();
    let partial = error.details().partial.as_deref().unwrap();
    assert_eq!(get(partial, "/choices/0/message/content"), "\"so far\"");
    error
}

#[tokio::test]
async fn done_ends_a_stream_on_a_connection_that_stays_open() {
    for held in [
        Reply::stream().event(TEXT).event("[DONE]").hold(),
        Reply::stream().event(TEXT).chunk("data:[DONE]\r\n\r\n").hold(),
        Reply::stream()
            .chunk(format!("data: {TEXT}\n\ndata: [DONE]\n\ndata: {{\"late\""))
            .hold(),
    ] {
        let (text, end) = outcome(held).await;
        end.unwrap();
        assert_eq!(text, "so far");
    }
    let server = Server::replying([Reply::stream().event("[DONE]").hold()]);
    assert!(streamed(&client(&server), Mode::Chunks).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_ends_after_a_finish_reason_or_done_is_complete() {
    for body in [
        format!("data: {TEXT}\n\ndata: {STOP}\n\n"),
        format!("data: {TEXT}\n\ndata: {STOP}"),
        format!("data: {TEXT}\n\ndata: {STOP}\n\ndata: {{\"usage\":{{\"pro"),
        format!("data: {TEXT}\n\ndata: {STOP}\n\ndata: [DONE]"),
        format!("data: {TEXT}\n\ndata: [DONE]\n\n"),
    ] {
        let (text, end) = outcome(until_close(&body)).await;
        end.unwrap();
        assert_eq!(text, "so far");
        let whole = Reply::stream().chunk(body).end();
        outcome(whole).await.1.unwrap();
    }
}

#[tokio::test]
async fn a_stream_with_a_finish_reason_is_complete_without_the_last_transfer_chunk() {
    let (text, end) = outcome(Reply::stream().event(TEXT).event(STOP).close()).await;
    end.unwrap();
    assert_eq!(text, "so far");
}

#[tokio::test]
async fn a_body_with_neither_done_nor_finish_reason_fails_with_stream_truncated() {
    for body in [
        format!("data: {TEXT}\n\n"),
        format!("data: {TEXT}\n\n: OPENROUTER PROCESSING\n\n"),
        format!("data: {TEXT}\n\ndata: {{\"choices\":[{{\"delta\":{{\"con"),
        format!("data: {TEXT}\n\ndata: [DON"),
    ] {
        let error = failure(until_close(&body)).await;
        assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{body}");
        let error = failure(Reply::stream().chunk(&body).end()).await;
        assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{body}");
    }
    for body in [
        "",
        ": OPENROUTER PROCESSING\n\n",
        "\n\n",
        "data: {\"id\":\"g\",\"choi",
        "data: {",
    ] {
        let error = outcome(until_close(body)).await.1.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{body:?}");
        assert_eq!(error.details().generation_id, None);
    }
}

#[tokio::test]
async fn a_connection_that_closes_in_mid_body_fails_with_stream_truncated() {
    let error = failure(Reply::stream().event(TEXT).close()).await;
    assert_eq!(error.kind(), ErrorKind::StreamTruncated);
    assert_eq!(error.details().generation_id.as_deref(), Some("gen-head"));
}

#[tokio::test]
async fn a_reset_fails_with_connection_reset_and_the_partial_completion() {
    // The gate keeps the reset from overtaking the event before it.
    let (reply, gate) = Reply::stream().event(TEXT).wait();
    let server = Server::replying([reply.reset()]);
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let mut out = Outbox::default();
    assert!(!step(&mut stream, flow(Mode::Text), &mut out).await.unwrap());
    gate.open();
    let error = read_all(&mut stream, flow(Mode::Text)).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let partial = error.details().partial.as_deref().unwrap();
    assert_eq!(get(partial, "/choices/0/message/content"), "\"so far\"");
    assert!(
        error
            .details()
            .cause
            .as_deref()
            .unwrap()
            .starts_with("ECONNRESET"),
        "{error:?}"
    );
}

/// Each shape of an error inside a stream, with the kind and the message that the client makes of it.
const SHAPES: &[(&str, ErrorKind, &str)] = &[
    (
        r#"{"id":"g","object":"chat.completion.chunk","created":1,"model":"a/b","provider":"P","error":{"code":502,"message":"Upstream idle","metadata":{"provider_name":"P","raw":"boom"}},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
        ErrorKind::ProviderError,
        "Upstream idle (P: boom)",
    ),
    (
        r#"{"error":{"message":"Overloaded, later","code":529}}"#,
        ErrorKind::Overloaded,
        "Overloaded, later",
    ),
    (
        r#"{"error":{"message":"m","code":"server_error"},"choices":[]}"#,
        ErrorKind::ServerError,
        "m",
    ),
    (
        r#"{"error":{"message":"m","code":"429"},"choices":null}"#,
        ErrorKind::RateLimited,
        "Rate limit exceeded. Please try again later. m",
    ),
    (
        r#"{"error":"plain words"}"#,
        ErrorKind::ServerError,
        "plain words",
    ),
    (
        r#"{"choices":[{"index":0,"delta":{},"error":{"code":504,"message":"too slow"},"finish_reason":null}]}"#,
        ErrorKind::Timeout,
        "too slow",
    ),
    (
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
        ErrorKind::ServerError,
        "OpenRouter reported a failure (status 500) without saying why. Please try again later.",
    ),
    (
        r#"{"error":{"message":"m","code":200,"metadata":{"error_type":"context_length_exceeded"}}}"#,
        ErrorKind::InvalidRequest,
        "m",
    ),
];

#[tokio::test]
async fn an_error_event_in_mid_stream_fails_the_stream_with_the_partial_completion() {
    for (event, kind, message) in SHAPES {
        // In one read with the text before it, and in a read of its own. Events after the error are not delivered.
        let one = Reply::stream().chunk(format!("data: {TEXT}\n\ndata: {event}\n\ndata: {TEXT}\n\n"));
        let two = Reply::stream().event(TEXT).event(event).event("[DONE]").end();
        for reply in [one.hold(), two] {
            let error = failure(reply).await;
            assert_eq!(error.kind(), *kind, "{event}");
            assert_eq!(error.to_string(), *message, "{event}");
            assert_eq!(error.details().generation_id.as_deref(), Some("gen-head"));
        }
    }
}

#[tokio::test]
async fn an_error_as_the_first_event_fails_the_request() {
    for (event, kind, message) in SHAPES {
        let reply = Reply::stream()
            .chunk(": OPENROUTER PROCESSING\n\n")
            .event(event)
            .hold();
        let (text, end) = outcome(reply).await;
        let error = end.unwrap_err();
        assert_eq!(text, "never opened", "{event}");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (*kind, *message),
            "{event}"
        );
        assert_eq!(error.details().partial, None);
        assert!(error.details().status.is_some());
    }
}

#[tokio::test]
async fn an_event_named_error_is_an_error() {
    let named = |data: &str| format!("event: error\ndata: {data}\n\n");
    for (data, kind) in [
        (r#"{"message":"m","code":503}"#, ErrorKind::ServiceUnavailable),
        (
            r#"{"error":{"message":"m","code":402}}"#,
            ErrorKind::InsufficientCredits,
        ),
        (r#"{"detail":"m"}"#, ErrorKind::ServerError),
    ] {
        let error = failure(Reply::stream().event(TEXT).chunk(named(data)).hold()).await;
        assert_eq!(error.kind(), kind, "{data}");
        let error = outcome(Reply::stream().chunk(named(data)).hold())
            .await
            .1
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{data}");
    }
    failure(Reply::stream().event(TEXT).chunk(named("plain words")).hold()).await;
}

#[tokio::test]
async fn an_event_that_is_not_json_is_reported_by_number_and_length_without_its_text() {
    let glued = format!("{}data: {TEXT}", &TEXT[..40]);
    for bad in [
        "{\"secret\":",
        "secret words",
        "[1]",
        "\"secret\"",
        "{}{}",
        &glued,
    ] {
        let error = failure(Reply::stream().event(TEXT).event(bad).hold()).await;
        assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{bad}");
        assert!(!error.to_json().contains("secret"), "{bad}");
        let place = |number| format!("Event {number} of the stream, {} bytes long, ", bad.len());
        assert!(error.to_string().starts_with(&place(2)), "{error}");
        let error = outcome(Reply::stream().event(bad).hold()).await.1.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{bad}");
        assert!(error.to_string().starts_with(&place(1)), "{error}");
    }
}

#[tokio::test]
async fn all_text_before_a_malformed_event_is_delivered() {
    for before in [1, 2, 7, 30] {
        let good = (0..before).fold(Reply::stream(), |reply, _| reply.event(TEXT));
        let (text, end) = outcome(good.event("{\"cut\":").event(TEXT).hold()).await;
        assert_eq!(text, "so far".repeat(before));
        let error = end.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedResponse);
        let place = format!("Event {} of the stream, 7 bytes long, ", before + 1);
        assert!(error.to_string().starts_with(&place), "{error}");
    }
}

#[tokio::test]
async fn a_streaming_request_answered_with_a_page_nothing_or_an_error_fails() {
    let page = Reply::whole(
        200,
        "content-type: text/html\r\n",
        "<html>Sign in to the Wi-Fi</html>",
    );
    let error = outcome(page).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedResponse);
    assert_eq!(
        error.details().data.as_deref(),
        Some("\"<html>Sign in to the Wi-Fi</html>\"")
    );
    let error = outcome(Reply::json(200, " \n  ")).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EmptyResponse);
    let error = outcome(Reply::json(
        200,
        r#"{"id":"g","error":{"code":402,"message":"m"}}"#,
    ))
    .await;
    assert_eq!(error.1.unwrap_err().kind(), ErrorKind::InsufficientCredits);
}

/// A stream that has delivered `TEXT`, and whose server continues with the steps that `after` adds.
async fn begun(params: &str, after: impl FnOnce(Reply) -> Reply) -> (Server, ChatStream) {
    let server = Server::replying([after(Reply::stream().event(TEXT))]);
    let mut stream = open(&client(&server), params).await.unwrap();
    let mut out = Outbox::default();
    assert!(!step(&mut stream, flow(Mode::Text), &mut out).await.unwrap());
    (server, stream)
}

#[tokio::test]
async fn an_idle_stream_times_out_although_comments_arrive() {
    let (reply, gate) = Reply::stream().event(TEXT).wait();
    let server = Server::replying([reply.chunk(": OPENROUTER PROCESSING\n\n").hold()]);
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let mut out = Outbox::default();
    step(&mut stream, flow(Mode::Text), &mut out).await.unwrap();
    let started = Instant::now();
    time::pause();
    time::advance(Duration::from_secs(200)).await;
    // Tokio moves a paused clock to the next timer whenever the runtime waits for the network, so the clock runs here.
    time::resume();
    gate.open();
    assert!(!step(&mut stream, flow(Mode::Text), &mut out).await.unwrap());
    time::pause();
    let error = read_all(&mut stream, flow(Mode::Text)).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.details().phase, Some(Phase::Idle));
    assert!(error.details().partial.is_some());
    let seconds = started.elapsed().as_secs();
    assert!((299..305).contains(&seconds), "{seconds} s, not 300");
}

#[tokio::test]
async fn by_default_data_restarts_the_idle_timeout_and_there_is_no_total_timeout() {
    // More than an hour in steps that are shorter than the idle timeout of 300 s.
    let (mut reply, mut gates) = (Reply::stream().event(TEXT), Vec::new());
    for _ in 0..13 {
        let (waiting, gate) = reply.wait();
        reply = waiting.event(TEXT);
        gates.push(gate);
    }
    let server = Server::replying([reply.event(STOP).event("[DONE]").end()]);
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let mut out = Outbox::default();
    step(&mut stream, flow(Mode::Text), &mut out).await.unwrap();
    for gate in gates {
        time::pause();
        time::advance(Duration::from_secs(290)).await;
        time::resume();
        gate.open();
        step(&mut stream, flow(Mode::Text), &mut out).await.unwrap();
    }
    read_all(&mut stream, flow(Mode::Text)).await.1.unwrap();
}

#[tokio::test]
async fn a_stream_of_comments_times_out_before_its_first_event() {
    let endless = Reply::stream().repeat(": OPENROUTER PROCESSING\n\n", Duration::from_millis(5));
    let server = Server::replying([endless]);
    let client = client_of(&server.url(), &json!({ "timeouts": { "idle": 150 } }));
    let error = open(&client, STREAM).await.unwrap_err();
    assert_eq!(error.details().phase, Some(Phase::Idle));
    server.until(|counts| counts.left == 1).await;
}

#[tokio::test]
async fn a_total_timeout_applies_in_mid_stream_and_before_the_headers() {
    let limited = STREAM.replace("{\"model\"", "{\"timeouts\":{\"total\":200000},\"model\"");
    let (_server, mut stream) = begun(&limited, Reply::hold).await;
    let started = Instant::now();
    time::pause();
    let error = read_all(&mut stream, flow(Mode::Text)).await.1.unwrap_err();
    assert_eq!(error.details().phase, Some(Phase::Total));
    let seconds = started.elapsed().as_secs();
    assert!((190..201).contains(&seconds), "{seconds} s, not 200");

    // The total timeout also applies before the response headers.
    time::resume();
    let server = Server::replying([Reply::default().hold()]);
    let client = client(&server);
    let chat = tokio::spawn(async move { open(&client, &limited).await.map(drop) });
    server.request(1).await;
    time::pause();
    assert_eq!(
        chat.await.unwrap().unwrap_err().details().phase,
        Some(Phase::Total)
    );
}

#[tokio::test]
async fn a_renewed_idle_timeout_counts_from_zero() {
    let (_server, stream) = begun(STREAM, |reply| reply.event("[DONE]").end()).await;
    time::pause();
    time::advance(Duration::from_secs(3000)).await;
    time::resume();
    let (mut network, pump) = stream.split();
    network.renew();
    let mut stream = ChatStream::join(network, pump);
    read_all(&mut stream, flow(Mode::Text)).await.1.unwrap();
}

#[tokio::test]
async fn dropping_a_request_closes_its_connection_in_every_phase() {
    // Before the headers, and before the first event. The two cases below are in mid-stream.
    for reply in [
        Reply::default().hold(),
        Reply::stream().chunk(": OPENROUTER PROCESSING\n\n").hold(),
    ] {
        let server = Server::replying([reply]);
        let client = client(&server);
        let chat = tokio::spawn(async move { open(&client, STREAM).await.map(drop) });
        server.request(1).await;
        chat.abort();
        server.until(|counts| counts.left == 1).await;
    }
    let (server, stream) = begun(STREAM, Reply::hold).await;
    drop(stream);
    server.until(|counts| counts.left == 1).await;
    let (server, mut stream) = begun(STREAM, Reply::hold).await;
    let reading = tokio::spawn(async move { read_all(&mut stream, flow(Mode::Text)).await.1 });
    tokio::task::yield_now().await;
    reading.abort();
    server.until(|counts| counts.left == 1).await;
}
