//! The streams of the endpoints beside chats: what crosses of their events, how they end, and what is kept of them.

use std::sync::Arc;

use bytes::Bytes;
use openrouter_native::client::{ApiRequest, Reply as Answer};
use openrouter_native::delivery::{Mode, Outbox};
use openrouter_native::error::{Error, ErrorKind};
use openrouter_native::json;
use openrouter_native::stream::AnswerStream;
use proptest::prelude::*;

use crate::support::client::{client, config, flow, get, items};
use crate::support::reply::Reply;
use crate::support::server::Server;

/// The events of an answer of each shape: those before its end, and the last one.
const ANSWERS: [(&str, [&str; 4], &str); 3] = [
    (
        "/responses",
        [
            r#"{"type":"response.created","sequence_number":0,"response":{"id":"r","model":"a/b","output":[]}}"#,
            r#"{"type":"response.output_text.delta","sequence_number":1,"output_index":0,"logprobs":[],"delta":"Hé"}"#,
            r#"{"type":"response.output_text.delta","sequence_number":2,"output_index":0,"logprobs":[],"delta":"l"}"#,
            r#"{"type":"response.output_text.delta","sequence_number":3,"output_index":0,"logprobs":[],"delta":"lo\n"}"#,
        ],
        r#"{"type":"response.completed","sequence_number":4,"response":{"id":"r","model":"a/b","output":["whole"]}}"#,
    ),
    (
        "/messages",
        [
            r#"{"type":"message_start","message":{"id":"m","model":"a/b","content":[]}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"l"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo\n"}}"#,
        ],
        r#"{"type":"message_stop"}"#,
    ),
    (
        "/completions",
        [
            r#"{"id":"c","model":"a/b","choices":[{"index":0,"text":"","finish_reason":null}]}"#,
            r#"{"id":"c","model":"a/b","choices":[{"index":0,"text":"Hé","finish_reason":null}]}"#,
            r#"{"id":"c","model":"a/b","choices":[{"index":0,"text":"l","finish_reason":null}]}"#,
            r#"{"id":"c","model":"a/b","choices":[{"index":0,"text":"lo\n","finish_reason":null}]}"#,
        ],
        r#"{"id":"c","model":"a/b","choices":[{"index":0,"text":"","finish_reason":"stop"}]}"#,
    ),
];

const FAILURE: &str = r#"{"error":{"code":502,"message":"the provider is down"}}"#;

async fn open(server: &Server, path: &str) -> Result<AnswerStream, Error> {
    let settings = serde_json::json!({ "method": "POST", "path": path, "as": "events" }).to_string();
    let config = Arc::new(config(
        &serde_json::json!({ "baseURL": server.url(), "allowInsecureHttp": true }),
    ));
    let body = Bytes::from_static(br#"{"model":"a/b","stream":true}"#);
    let request = ApiRequest::build(&config, &settings, body).unwrap();
    match client(server).request(request).await? {
        Answer::Events(stream) => Ok(*stream),
        other => panic!("the answer is no stream: {other:?}"),
    }
}

/// What a stream has brought: its items, its bytes, how it ended, and the answer that was assembled.
struct Outcome {
    items: Vec<String>,
    bytes: String,
    end: Result<(), Error>,
    whole: String,
}

async fn outcome(path: &str, mode: Mode, reply: Reply) -> Outcome {
    let server = Server::replying([reply]);
    let (mut out, mut all, mut bytes) = (Outbox::default(), Vec::new(), Vec::new());
    let mut stream = match open(&server, path).await {
        Ok(stream) => stream,
        Err(error) => {
            return Outcome {
                items: all,
                bytes: String::new(),
                end: Err(error),
                whole: String::new(),
            };
        }
    };
    stream.flow(flow(mode), &mut out);
    let end = loop {
        let result = stream.advance(&mut out).await;
        bytes.extend(out.take_bytes().concat());
        all.append(&mut items(&mut out));
        match result {
            Ok(false) => {}
            Ok(true) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    Outcome {
        items: all,
        bytes: String::from_utf8(bytes).unwrap(),
        end,
        whole: stream.progress().final_json(),
    }
}

fn data(events: &[&str]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

fn ended(body: impl AsRef<[u8]>) -> Reply {
    Reply::stream().chunk(body).end()
}

#[tokio::test]
async fn events_that_differ_in_their_text_only_cross_as_that_text() {
    for (path, events, last) in ANSWERS {
        let place = match path {
            "/responses" => "delta",
            "/messages" => "delta.text",
            _ => "choices.text",
        };
        let seen = outcome(path, Mode::Chunks, ended(data(&events) + &data(&[last]))).await;
        seen.end.unwrap();
        let template = |event: &str| format!("[\"t\",{event},\"{place}\"]");
        let first = match path {
            // The first chunk of a completion has an empty text, and the others differ in it only.
            "/completions" => vec![template(events[0]), "\"Hé\"".into()],
            _ => vec![events[0].to_owned(), template(events[1])],
        };
        let rest = ["\"l\"", r#""lo\n""#, last].map(str::to_owned);
        let seen: Vec<String> = seen
            .items
            .into_iter()
            .filter(|item| !item.starts_with("[\"model\""))
            .collect();
        assert_eq!(seen, [first, rest.to_vec()].concat(), "{path}");
    }
}

#[tokio::test]
async fn an_event_whose_number_does_not_follow_crosses_as_a_whole() {
    let (path, [first, one, two, _], last) = ANSWERS[0];
    let late = two.replace(":2,", ":7,");
    let next = two.replace(":2,", ":8,");
    let seen = outcome(path, Mode::Chunks, ended(data(&[first, one, &late, &next, last]))).await;
    assert_eq!(
        seen.items[2..5],
        [
            format!("[\"t\",{one},\"delta\"]"),
            format!("[\"t\",{late},\"delta\"]"),
            "\"l\"".into()
        ]
    );
}

#[tokio::test]
async fn an_incomplete_event_at_the_end_is_a_cut_and_no_malformed_event() {
    for (path, events, last) in ANSWERS {
        for rest in ["data: {\"type\":\"resp", "data: {", "data: [DON"] {
            let cut = data(&events) + rest;
            for reply in [ended(&cut), Reply::stream().chunk(&cut).close()] {
                let seen = outcome(path, Mode::Text, reply).await;
                let error = seen.end.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{path} {rest}");
                assert!(
                    seen.items.contains(&r#""Héllo\n""#.to_owned()),
                    "{:?}",
                    seen.items
                );
                assert!(error.details().partial.as_deref().unwrap().contains(r"Héllo\n"));
            }
            let whole = data(&events) + &data(&[last]) + rest;
            outcome(path, Mode::Text, ended(whole)).await.end.unwrap();
        }
        for nothing in [
            "",
            ": OPENROUTER PROCESSING\n\n",
            "data: {\"type\":\"resp",
            "data: {",
            "data: [DONE]\n\n",
        ] {
            let error = outcome(path, Mode::Text, ended(nothing)).await.end.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{path} {nothing:?}");
        }
        let malformed = data(&events) + "data: {\"type\":\n\n" + &data(&[last]);
        let error = outcome(path, Mode::Text, ended(malformed)).await.end.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedResponse);
        assert!(error.to_string().contains("Event 5 "), "{error}");
    }
}

#[tokio::test]
async fn the_bytes_end_with_a_failed_event() {
    for (path, events, _) in ANSWERS {
        let body = data(&events) + &data(&[FAILURE]);
        let seen = outcome(path, Mode::Bytes, ended(body.clone() + "data: [DONE]\n\n")).await;
        assert_eq!(seen.end.unwrap_err().kind(), ErrorKind::ProviderError);
        assert_eq!(seen.bytes, body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_answer_does_not_depend_on_how_the_network_cuts_it(
        which in 0..ANSWERS.len(),
        is_cut in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let (path, events, last) = ANSWERS[which];
        let body = data(&events) + &if is_cut { String::new() } else { data(&[last]) };
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len())).collect();
        at.sort_unstable();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let read = |pieces: Vec<&[u8]>, mode| {
            let reply = pieces.into_iter().filter(|piece| !piece.is_empty()).fold(Reply::stream(), |reply, piece| reply.chunk(piece));
            runtime.block_on(outcome(path, mode, reply.end()))
        };
        let mut pieces = Vec::new();
        let mut start = 0;
        for end in at.into_iter().chain([body.len()]) {
            pieces.push(&body.as_bytes()[start..end]);
            start = end;
        }
        for mode in [Mode::Chunks, Mode::Text, Mode::Named] {
            let (one, other) = (read(vec![body.as_bytes()], mode), read(pieces.clone(), mode));
            prop_assert_eq!(joined(&one.items, mode), joined(&other.items, mode));
            prop_assert_eq!(&one.whole, &other.whole);
            prop_assert_eq!(one.end.err().map(|error| error.kind()), other.end.err().map(|error| error.kind()));
            if is_cut {
                prop_assert!(one.whole.contains(r"Héllo\n"), "{}", one.whole);
            } else {
                prop_assert_eq!(get(&one.whole, "/output/0"), if which == 0 { "\"whole\"" } else { "null" });
            }
        }
    }
}

/// The items, and texts as one: how many they are depends on the reads.
fn joined(items: &[String], mode: Mode) -> Vec<String> {
    match mode {
        Mode::Text => vec![items.iter().filter_map(|item| json::string_body(item)).collect()],
        _ => items.to_vec(),
    }
}
