//! What comes before a consumer has said how it reads: its first words are there when it does, in order, and a failure
//! or the end comes behind them; little is read for who may never come.

use std::sync::mpsc;
use std::time::Duration;

use crate::support::call::{hub, opened};
use crate::support::client::{STREAM, client, flow, get, items, open, read_all};
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::delivery::{Mode, Outbox};
use openrouter_native::error::{Error, ErrorKind};
use openrouter_native::stream::{ChatStream, lock};

const ONE: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":"one"}}]}"#;
const TWO: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":" two"}}]}"#;
const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
const MODEL: &str = r#"["model","a/b"]"#;

/// Reads for nobody, as long as there is something to read.
async fn read_ahead(stream: &mut ChatStream) {
    let mut out = Outbox::default();
    while stream.reads_on() {
        assert!(
            !stream.read_on(&mut out).await.unwrap(),
            "nobody is there to be told the end"
        );
        assert!(out.is_empty(), "nobody is there to be told anything");
    }
}

/// The open stream of `reply`, of which all was read before anybody asked.
async fn held(reply: Reply) -> (Server, ChatStream) {
    let server = Server::replying([reply]);
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    read_ahead(&mut stream).await;
    (server, stream)
}

#[tokio::test]
async fn all_of_it_comes_in_order_whatever_it_is_read_as() {
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
    while !stream.advance(flow(Mode::Bytes), &mut out).await.unwrap() {}
    let body = String::from_utf8(out.take_bytes().concat()).unwrap();
    assert_eq!(
        body,
        format!("data: {ONE}\n\ndata: {TWO}\n\ndata: {STOP}\n\ndata: [DONE]\n\n")
    );
}

#[tokio::test]
async fn a_failure_is_told_with_all_that_came_before_it() {
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
        let partial = error.facts().partial.as_deref().unwrap();
        assert_eq!(get(partial, "/choices/0/message/content"), "\"one\"");
    }
}

#[tokio::test]
async fn no_more_than_a_little_is_read_for_nobody() {
    let reply = Reply::stream()
        .event(ONE)
        .repeat(&format!("data: {TWO}\n\n"), Duration::ZERO);
    let (_server, stream) = held(reply).await;
    let metrics = lock(&stream.progress()).facts_json();
    let read: usize = get(&metrics, "/metrics/bytes").parse().unwrap();
    // 64 KiB, and the one read that went past it.
    assert!((16 << 10..512 << 10).contains(&read), "{read} bytes");
}

#[test]
fn the_first_words_are_there_as_soon_as_the_reader_says_how_it_reads() {
    let (reply, gate) = Reply::stream().event(ONE).wait();
    let server = Server::replying([reply.event(TWO).hold()]);
    let (hub, woken) = hub();
    let call = opened(&hub, &woken, client(&server));
    let id = call.mailbox().id();
    call.flow(flow(Mode::Text));
    assert_eq!(call.mailbox().pull(), Some(format!(r#"[{id},0,{MODEL},"one"]"#)));
    assert_eq!(call.mailbox().pull(), None);
    gate.open();
    woken.recv().unwrap();
    assert_eq!(hub.drain(), format!(r#"[[{id},0," two"]]"#));
}

#[tokio::test]
async fn a_whole_answer_is_brought_to_its_end_by_who_asks_for_it() {
    for asked_first in [false, true] {
        let (_server, stream) = held(Reply::events(&[ONE, TWO, STOP])).await;
        assert!(stream.is_whole());
        let reading = stream.reading();
        let (tell, told) = mpsc::channel();
        let rest = Box::new(move |out: &mut Outbox, result: Result<(), Error>| {
            tell.send((items(out), result.is_ok())).unwrap();
        });
        let mut out = Outbox::default();
        if asked_first {
            lock(&reading).want(flow(Mode::Text));
            lock(&reading).leave_whole(rest);
        } else {
            lock(&reading).leave_whole(rest);
            assert!(told.try_recv().is_err(), "nobody has asked yet");
            lock(&reading).want(flow(Mode::Text));
            assert!(lock(&reading).show_whole(&mut out));
        }
        let expected = vec![MODEL.to_owned(), "\"one two\"".to_owned()];
        assert_eq!(told.try_recv().unwrap(), (expected, true));
        assert!(!lock(&reading).show_whole(&mut out), "it is done once");
    }
    for reply in [
        Reply::stream().event(ONE).close(),
        Reply::stream().event(ONE).event(TWO).hold(),
    ] {
        let server = Server::replying([reply]);
        let stream = open(&client(&server), STREAM).await.unwrap();
        assert!(!stream.is_whole(), "a cut or open answer is none");
    }
}

#[test]
fn who_asks_for_a_whole_answer_finds_its_end_with_it() {
    let server = Server::replying([Reply::events(&[ONE, STOP])]);
    let (hub, woken) = hub();
    let call = opened(&hub, &woken, client(&server));
    let id = call.mailbox().id();
    call.flow(flow(Mode::Text));
    let mut said = String::new();
    while !call.mailbox().is_finished() {
        said.extend(call.mailbox().pull());
    }
    said.extend(call.mailbox().pull());
    assert!(said.contains(&format!("[{id},1")), "{said}");
    assert!(said.contains("\"one\""), "{said}");
    assert_eq!(
        get(
            &call.progress().map(|p| lock(&p).facts_json()).unwrap(),
            "/finishReason"
        ),
        "\"stop\""
    );
}

#[test]
fn a_whole_answer_that_is_aborted_is_no_answer() {
    let server = Server::replying([Reply::events(&[ONE, STOP])]);
    let (hub, woken) = hub();
    let call = opened(&hub, &woken, client(&server));
    call.abort();
    call.flow(flow(Mode::Text));
    let batch = call.mailbox().pull().unwrap();
    assert!(
        batch.contains("\"aborted\"") && !batch.contains("\"one\","),
        "{batch}"
    );
}
