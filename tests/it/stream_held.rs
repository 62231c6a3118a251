//! Streams before the consumer has set its read mode: the first events are held and delivered in order once the mode is set,
//! a failure or the end follows them, and only a bounded amount is read ahead.

use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::support::call::{hub, opened, wait_for_end, wait_for_wake};
use crate::support::client::{STREAM, client, client_of, flow, get, open, read_all, step};
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::call::Call;
use openrouter_native::delivery::{Hub, Mode, Outbox};
use openrouter_native::error::{ErrorKind, Phase};
use openrouter_native::stream::ChatStream;
use serde_json::json;

const ONE: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":"one"}}]}"#;
const TWO: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":" two"}}]}"#;
const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
const MODEL: &str = r#"["model","a/b"]"#;

/// The open stream of `reply`, after everything that may be read ahead was read.
async fn held(reply: Reply) -> (Server, ChatStream) {
    let server = Server::replying([reply]);
    let stream = open(&client(&server), STREAM).await.unwrap();
    let (mut network, mut pump) = stream.split();
    let mut out = Outbox::default();
    while pump.may_hold_more() {
        pump.take(&network.read().await, &mut out);
        assert!(out.is_empty(), "nothing is written before the mode is set");
    }
    (server, ChatStream::join(network, pump))
}

#[tokio::test]
async fn held_events_are_delivered_in_order_in_any_mode() {
    let reply = || Reply::events(&[ONE, TWO, STOP]);
    for (mode, expected) in [
        (Mode::Text, vec![MODEL, "\"one two\""]),
        (Mode::Deltas, vec![MODEL, "\"one\"", "\" two\""]),
        (Mode::Events, vec![MODEL]),
    ] {
        let (_server, mut stream) = held(reply()).await;
        let (read, end) = read_all(&mut stream, flow(mode)).await;
        end.unwrap();
        assert_eq!(read, expected, "{mode:?}");
    }
    let (_server, mut stream) = held(reply()).await;
    let mut out = Outbox::default();
    while !step(&mut stream, flow(Mode::Bytes), &mut out).await.unwrap() {}
    let body = String::from_utf8(out.take_bytes().concat()).unwrap();
    assert_eq!(
        body,
        format!("data: {ONE}\n\ndata: {TWO}\n\ndata: {STOP}\n\ndata: [DONE]\n\n")
    );
}

#[tokio::test]
async fn a_failure_is_delivered_after_the_held_events() {
    let error = r#"{"error":{"code":502,"message":"the provider is down"}}"#;
    for (reply, kind) in [
        (
            Reply::stream().event(ONE).event(error).event(TWO).end(),
            ErrorKind::ProviderError,
        ),
        (
            Reply::stream().event(ONE).event("{broken").event(TWO).end(),
            ErrorKind::MalformedResponse,
        ),
        (Reply::stream().event(ONE).close(), ErrorKind::StreamTruncated),
        (
            Reply::stream().event(ONE).chunk("data: {\"choi").close(),
            ErrorKind::StreamTruncated,
        ),
    ] {
        let (_server, mut stream) = held(reply).await;
        let (read, end) = read_all(&mut stream, flow(Mode::Text)).await;
        let error = end.unwrap_err();
        assert_eq!(
            (read, error.kind()),
            (vec![MODEL.to_owned(), "\"one\"".to_owned()], kind)
        );
        let partial = error.details().partial.as_deref().unwrap();
        assert_eq!(get(partial, "/choices/0/message/content"), "\"one\"");
    }
}

#[tokio::test]
async fn the_amount_that_is_read_ahead_is_bounded() {
    let reply = Reply::stream()
        .event(ONE)
        .repeat(&format!("data: {TWO}\n\n"), Duration::ZERO);
    let (_server, stream) = held(reply).await;
    let metrics = stream.progress().properties_json();
    let read: usize = get(&metrics, "/metrics/bytes").parse().unwrap();
    // The limit is 64 KiB; the last read may exceed it.
    assert!((16 << 10..512 << 10).contains(&read), "{read} bytes");
}

/// All batches of a call up to its end, for a consumer that waits for them.
fn batches(hub: &Arc<Hub>, woken: &Receiver<()>, call: &Call) -> String {
    let id = call.mailbox().id();
    let ends = [format!("[{id},1"), format!("[{id},2")];
    let mut delivered = String::new();
    while !ends.iter().any(|end| delivered.contains(end)) {
        match call.mailbox().pull() {
            Some(batch) => delivered.push_str(&batch),
            // The empty pull has requested a wake-up.
            None => {
                wait_for_wake(woken);
                delivered.push_str(&hub.drain());
            }
        }
    }
    delivered
}

#[test]
fn the_first_text_is_delivered_as_soon_as_the_mode_is_set() {
    let (reply, gate) = Reply::stream().event(ONE).wait();
    let server = Server::replying([reply.event(TWO).hold()]);
    let (hub, woken) = hub();
    let call = opened(&hub, &woken, client(&server));
    let id = call.mailbox().id();
    call.flow(flow(Mode::Text));
    let first = format!(r#"[{id},0,{MODEL},"one"]"#);
    if let Some(batch) = call.mailbox().pull() {
        assert_eq!(batch, first);
    } else {
        // The task of the stream was working on it at that moment, so the task delivers the batch.
        wait_for_wake(&woken);
        assert_eq!(hub.drain(), format!("[{first}]"));
    }
    assert_eq!(call.mailbox().pull(), None);
    gate.open();
    wait_for_wake(&woken);
    assert_eq!(hub.drain(), format!(r#"[[{id},0," two"]]"#));
}

#[test]
fn a_complete_stream_is_finished_before_the_mode_is_set() {
    let server = Server::replying([Reply::events(&[ONE, STOP])]);
    let (hub, woken) = hub();
    let call = opened(&hub, &woken, client(&server));
    let id = call.mailbox().id();
    wait_for_end(&call);
    assert_eq!(
        call.mailbox().pull(),
        None,
        "the end is hidden until the mode is set"
    );
    call.flow(flow(Mode::Text));
    wait_for_wake(&woken);
    assert_eq!(hub.drain(), format!(r#"[[{id},1,{MODEL},"one"]]"#));
    let properties = call.progress().unwrap().properties_json();
    assert_eq!(get(&properties, "/finishReason"), "\"stop\"");
}

#[test]
fn a_failure_before_the_mode_is_set_is_delivered_after_the_text_before_it() {
    let error = r#"{"error":{"code":502,"message":"the provider is down"}}"#;
    let server = Server::replying([Reply::stream().event(ONE).event(error).end()]);
    let (hub, woken) = hub();
    let call = opened(&hub, &woken, client(&server));
    let id = call.mailbox().id();
    call.flow(flow(Mode::Text));
    let delivered = batches(&hub, &woken, &call);
    assert!(delivered.contains(&format!(r#"{MODEL},"one""#)), "{delivered}");
    assert!(
        delivered.contains(&format!("[{id},2,")) && delivered.contains("provider_error"),
        "{delivered}"
    );
}

#[test]
fn what_had_arrived_before_an_abort_is_delivered_although_the_mode_is_set_after_it() {
    let (reply, _gate) = Reply::stream().event(ONE).wait();
    for (reply, is_complete) in [(reply, false), (Reply::events(&[ONE, STOP]), true)] {
        let server = Server::replying([reply]);
        let (hub, woken) = hub();
        let call = opened(&hub, &woken, client(&server));
        if is_complete {
            wait_for_end(&call);
        }
        call.abort();
        // The task has ended once its end is sealed, also that of the stream which the server holds back.
        wait_for_end(&call);
        assert_eq!(call.mailbox().pull(), None);
        call.flow(flow(Mode::Text));
        let delivered = batches(&hub, &woken, &call);
        assert!(
            delivered.contains(&format!(r#"{MODEL},"one",{{"code":"aborted""#)),
            "{delivered}"
        );
    }
}

#[test]
fn an_abort_or_a_mode_at_any_moment_of_the_start_always_leads_to_an_end() {
    let server = Server::replying((0..400).map(|_| Reply::events(&[ONE, STOP])));
    let client = client(&server);
    let (hub, woken) = hub();
    for round in 0..400 {
        let call = opened(&hub, &woken, client.clone());
        let moment = Instant::now() + Duration::from_micros(round % 100);
        while Instant::now() < moment {
            spin_loop();
        }
        match round % 2 {
            0 => call.flow(flow(Mode::Text)),
            _ => call.abort(),
        }
        if round % 2 == 1 {
            call.flow(flow(Mode::Text));
        }
        let delivered = batches(&hub, &woken, &call);
        let is_whole = delivered.contains("\"one\"") && !delivered.contains("aborted");
        assert!(
            is_whole || round % 2 == 1 && delivered.contains("aborted"),
            "{delivered}"
        );
    }
}

#[test]
fn the_total_timeout_ends_a_stream_that_nobody_reads() {
    let endless = format!("data: {TWO}\n\n");
    for chosen in [None, Some(Mode::Text), Some(Mode::Bytes)] {
        let server = Server::replying([Reply::stream().event(ONE).repeat(&endless, Duration::ZERO)]);
        let options = json!({ "timeouts": { "total": 1_500 } });
        let (hub, woken) = hub();
        let call = opened(&hub, &woken, client_of(&server.url(), &options));
        if let Some(mode) = chosen {
            call.flow(flow(mode));
        }
        wait_for_end(&call);
        call.flow(flow(chosen.unwrap_or(Mode::Text)));
        let delivered = batches(&hub, &woken, &call);
        assert!(
            delivered.contains(r#""code":"timeout""#) && delivered.contains(r#""phase":"total""#),
            "{chosen:?}: {delivered}"
        );
        assert!(
            chosen == Some(Mode::Bytes) || delivered.contains("\"one two"),
            "{chosen:?}"
        );
    }
}

#[tokio::test]
async fn the_total_timeout_ends_a_stream_that_always_has_data() {
    let endless = Reply::stream().repeat(&format!("data: {TWO}\n\n"), Duration::ZERO);
    let server = Server::replying([endless]);
    let client = client_of(&server.url(), &json!({ "timeouts": { "total": 300 } }));
    let mut stream = open(&client, STREAM).await.unwrap();
    let error = read_all(&mut stream, flow(Mode::Events)).await.1.unwrap_err();
    assert_eq!(error.details().phase, Some(Phase::Total));
}
