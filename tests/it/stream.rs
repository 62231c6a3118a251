//! Streams that end well, read from a real socket in each mode: the items that are delivered, the properties, and the
//! completion. Streams that fail are in `stream_ends`.

use crate::support::chunks::RECORDED;
use crate::support::client::{
    PLAIN, STREAM, client, client_of, complete, flow, get, items, open, read_all, read_tail, step, streamed,
};
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::completion::{Chunk, Completion};
use openrouter_native::delivery::{Flow, Mode, Outbox};
use openrouter_native::error::ErrorKind;
use openrouter_native::json::{self, Object};
use proptest::prelude::*;
use serde_json::json;

/// A content chunk in the form that OpenRouter sends.
fn content(text: &str) -> String {
    let text = json::quoted(text);
    format!(
        r#"{{"id":"gen-1","provider":"P","model":"a/b","object":"chat.completion.chunk","created":7,"choices":[{{"index":0,"delta":{{"role":"assistant","content":{text}}},"finish_reason":null,"native_finish_reason":null,"logprobs":null}}]}}"#
    )
}

const STOP: &str =
    r#"{"id":"gen-1","model":"a/b","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}"#;

/// The chunks that JavaScript rebuilds from the items of `Mode::Chunks`.
fn expand(items: &[String]) -> Vec<String> {
    let mut template = String::new();
    let mut chunks = Vec::new();
    for item in items {
        if item.starts_with('{') {
            chunks.push(item.clone());
        } else if let Some(text) = item.strip_prefix("[\"t\",") {
            template = text.strip_suffix(']').unwrap().to_owned();
            chunks.push(template.clone());
        } else if item.starts_with('"') {
            let span = Chunk::parse(&template).unwrap().content_span().unwrap();
            let mut chunk = template.clone();
            chunk.replace_range(span, json::string_body(item).unwrap());
            chunks.push(chunk);
        }
    }
    chunks
}

/// The items that are content.
fn strings(items: &[String]) -> Vec<&str> {
    let strings = items.iter().filter(|item| item.starts_with('"'));
    strings.map(|item| json::string_body(item).unwrap()).collect()
}

/// The items that are events, such as `["model",…]`.
fn events(items: &[String]) -> Vec<&str> {
    let events = items
        .iter()
        .filter(|item| item.starts_with('[') && !item.starts_with("[\"t\""));
    events.map(String::as_str).collect()
}

#[tokio::test]
async fn every_mode_delivers_the_same_stream_in_its_own_form() {
    let chunks = ["a\n", "", "é\"", "b"].map(content);
    let usage = r#"{"choices":[],"usage":{"completion_tokens":3,"cost":0.00010}}"#;
    let sent = chunks.iter().map(String::as_str).chain([STOP, usage]);
    let sent: Vec<String> = sent.map(str::to_owned).collect();
    let all = sent.clone();
    let server = Server::new(move |_| Reply::events(&all));
    let client = client(&server);
    let expected_events = [
        r#"["model","a/b"]"#,
        r#"["usage",{"completion_tokens":3,"cost":0.00010}]"#,
    ];

    let read = streamed(&client, Mode::Chunks).await.unwrap();
    assert_eq!(expand(&read), sent);
    assert_eq!(events(&read), expected_events);
    assert_eq!(
        strings(&read),
        ["", "é\\\"", "b"],
        "chunks that differ only in their content cross as content"
    );

    let read = streamed(&client, Mode::Deltas).await.unwrap();
    assert_eq!(strings(&read), ["a\\n", "é\\\"", "b"]);
    assert_eq!(events(&read), expected_events);

    let read = streamed(&client, Mode::Text).await.unwrap();
    assert_eq!(strings(&read).concat(), "a\\né\\\"b");
    assert_eq!(events(&read), expected_events);

    let read = streamed(&client, Mode::Events).await.unwrap();
    assert_eq!(read, expected_events);
}

#[tokio::test]
async fn text_of_one_read_is_delivered_as_one_string() {
    let burst: String = (0..12)
        .map(|at| format!("data: {}\n\n", content(&format!("{at},"))))
        .collect();
    let server = Server::replying([Reply::stream().chunk(burst + "data: [DONE]\n\n").end()]);
    let read = streamed(&client(&server), Mode::Text).await.unwrap();
    let whole: String = (0..12).map(|at| format!("{at},")).collect();
    assert_eq!(strings(&read), [whole]);
}

#[tokio::test]
async fn byte_mode_delivers_the_body_unchanged() {
    let body = format!(
        ": OPENROUTER PROCESSING\n\ndata: {}\r\n\r\n:\n\ndata:{STOP}\n\ndata: [DONE]\n\n",
        content("x")
    );
    let pieces: Vec<&[u8]> = body.as_bytes().chunks(7).collect();
    let reply = pieces
        .iter()
        .fold(Reply::stream(), |reply, piece| reply.chunk(piece))
        .end();
    let server = Server::replying([reply]);
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let (mut out, mut read) = (Outbox::default(), Vec::new());
    while !step(&mut stream, flow(Mode::Bytes), &mut out).await.unwrap() {
        read.extend(out.take_bytes().concat());
    }
    read.extend(out.take_bytes().concat());
    assert_eq!(String::from_utf8(read).unwrap(), body);
    assert_eq!(events(&items(&mut out)), [r#"["model","a/b"]"#]);
}

#[tokio::test]
async fn byte_mode_delivers_nothing_after_an_error_event() {
    let error = r#"{"error":{"code":502,"message":"the provider is down"}}"#;
    for blank in ["\n\n", "\r\n\r\n", "\r\r"] {
        let good = format!("data: {}{blank}data: {error}{blank}", content("x"));
        let sent = format!("{good}data: {}{blank}data: [DONE]{blank}", content("y"));
        for held in [true, false] {
            // The error comes in one read with the first event, or in a read of its own.
            let all_or_one = [sent.len(), good.find("data: {\"error").unwrap()];
            let (first, rest) = sent.split_at(all_or_one[usize::from(!held)]);
            let (reply, gate) = Reply::stream().chunk(first).wait();
            let server = Server::replying([reply.chunk(format!("{rest}:")).end()]);
            let mut stream = open(&client(&server), STREAM).await.unwrap();
            let (mut out, mut read, mut gate) = (Outbox::default(), Vec::new(), Some(gate));
            let error = loop {
                match step(&mut stream, flow(Mode::Bytes), &mut out).await {
                    Ok(is_over) => assert!(!is_over, "the stream ended without the error"),
                    Err(error) => break error,
                }
                read.extend(out.take_bytes().concat());
                if let Some(gate) = gate.take() {
                    gate.open();
                }
            };
            read.extend(out.take_bytes().concat());
            assert_eq!(error.kind(), ErrorKind::ProviderError);
            assert_eq!(String::from_utf8(read).unwrap(), good, "{blank:?}, held: {held}");
        }
    }
}

#[tokio::test]
async fn content_and_reasoning_events_are_delivered_on_request() {
    let thought = r#"{"model":"a/b","choices":[{"index":0,"delta":{"reasoning":"h\u006d"}}]}"#;
    let sent = [thought.to_owned(), content("x"), content("y"), STOP.to_owned()];
    let expected = sent.clone();
    let server = Server::new(move |_| Reply::events(&sent));
    let with_events = Flow {
        mode: Mode::Chunks,
        content_events: true,
        reasoning_events: true,
    };
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let (read, end) = read_all(&mut stream, with_events).await;
    end.unwrap();
    assert_eq!(
        events(&read),
        [
            r#"["model","a/b"]"#,
            r#"["reasoning","h\u006d"]"#,
            r#"["content","x"]"#,
            r#"["content","y"]"#
        ]
    );
    assert_eq!(expand(&read), expected);
}

#[tokio::test]
async fn a_body_cut_at_any_byte_gives_the_same_chunks() {
    let body = format!(
        "\u{FEFF}: hi\r\n\r\ndata: {}\n\ndata:{STOP}\r\r: OPENROUTER\n\ndata: [DONE]\n\n",
        content("né😀")
    );
    let size = body.len();
    let bytes = body.clone().into_bytes();
    let mut cut = 0;
    let server = Server::new(move |_| {
        cut += 1;
        let (before, after) = bytes.split_at(cut);
        let reply = Reply::stream().chunk(before);
        // The last body is cut at every byte.
        match after.is_empty() {
            true => bytes
                .chunks(1)
                .fold(Reply::stream(), |reply, byte| reply.chunk(byte)),
            false => reply.chunk(after),
        }
        .end()
    });
    let client = client(&server);
    for cut in 1..=size {
        let read = streamed(&client, Mode::Chunks).await.unwrap();
        assert_eq!(expand(&read), [content("né😀").as_str(), STOP], "cut at {cut}");
    }
    assert_eq!(server.counts().requests, size);
}

/// Chunks, of which some differ from the chunk before only in their content.
fn any_chunk() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-z\\\\\"é\n\u{1}]{0,6}".prop_map(|text| content(&text)),
        1 => Just(STOP.to_owned()),
        1 => prop::sample::select(&RECORDED[..4]).prop_map(str::to_owned),
        1 => Just(r#"{"model":"a/b","choices":[{"index":0,"delta":{"content":"\ud83d"}}]}"#.to_owned()),
        1 => Just(r#"{"id":"gen-1","choices":[],"usage":{"cost":0.5}}"#.to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn rebuilt_chunks_equal_the_sent_ones_and_give_the_same_completion(
        mut sent in prop::collection::vec(any_chunk(), 1..20),
        size in 1usize..400,
    ) {
        sent.push(STOP.to_owned());
        let mut body: String = sent.iter().map(|text| format!("data: {text}\n\n")).collect();
        body.push_str("data: [DONE]\n\n");
        let pieces = body.as_bytes().chunks(size);
        let server = Server::replying([pieces.fold(Reply::stream(), |reply, piece| reply.chunk(piece)).end()]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (read, whole) = runtime.block_on(async {
            let mut stream = open(&client(&server), STREAM).await.unwrap();
            let (read, end) = read_all(&mut stream, flow(Mode::Chunks)).await;
            end.unwrap();
            (read, stream.progress().completion().to_json())
        });
        prop_assert_eq!(expand(&read), sent.clone());
        let mut completion = Completion::new();
        for text in &sent {
            completion.apply(&Chunk::parse(text).unwrap());
        }
        prop_assert_eq!(whole, completion.to_json());
    }
}

#[tokio::test]
async fn the_properties_of_a_stream_are_readable_at_any_time() {
    let first = r#"{"id":"gen-9","model":"openrouter/auto","provider":"P","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;
    let second =
        r#"{"id":"gen-9","model":"c/d","provider":"P","choices":[{"index":0,"delta":{"content":"x"}}]}"#;
    let usage = r#"{"usage":{"completion_tokens":40,"cost":0.25,"is_byok":true,"cost_details":{"upstream_inference_cost":1.5}},"choices":[]}"#;
    let (reply, gate) = Reply::stream().event(first).event(second).wait();
    let server = Server::replying([reply.event(STOP).event(usage).event("[DONE]").end()]);
    let params = STREAM.replace("a/b", "openrouter/auto");
    let mut stream = open(&client(&server), &params).await.unwrap();
    let progress = stream.progress().clone();
    let fact = |name: &str| get(&progress.properties_json(), name);
    assert_eq!(fact("/generationId"), "\"gen-head\"");
    assert_eq!(fact("/requestedModel"), "\"openrouter/auto\"");
    assert_eq!(fact("/model"), "null");
    assert_eq!(fact("/metrics/firstTokenMs"), "null");
    let mut out = Outbox::default();
    while fact("/model") == "null" {
        step(&mut stream, flow(Mode::Chunks), &mut out).await.unwrap();
    }
    assert_eq!(fact("/id"), "\"gen-9\"");
    assert_eq!(fact("/model"), "\"c/d\"");
    assert_eq!(fact("/provider"), "\"P\"");
    assert_eq!(fact("/usage"), "null");
    assert_eq!(fact("/finishReason"), "null");
    assert_ne!(fact("/metrics/firstTokenMs"), "null");
    gate.open();
    while !step(&mut stream, flow(Mode::Chunks), &mut out).await.unwrap() {}
    assert_eq!(fact("/cost"), "0.25");
    assert_eq!(fact("/totalCost"), "1.75");
    assert_eq!(fact("/usage/completion_tokens"), "40");
    assert_eq!(fact("/finishReason"), "\"stop\"");
    assert_eq!(fact("/metrics/events"), "4");
    let size: usize = [first, second, STOP, usage, "[DONE]"]
        .map(|event| event.len() + 8)
        .iter()
        .sum();
    assert_eq!(fact("/metrics/bytes"), size.to_string());
    let number = |name: &str| fact(name).parse::<f64>().unwrap();
    assert!(number("/metrics/headersMs") <= number("/metrics/firstTokenMs"));
    assert!(number("/metrics/firstTokenMs") <= number("/metrics/durationMs"));
    let (speed, seconds) = (
        number("/metrics/tokensPerSecond"),
        (number("/metrics/durationMs") - number("/metrics/firstTokenMs")) / 1e3,
    );
    assert!((speed * seconds - 40.0).abs() < 0.5, "{speed} in {seconds}");
    let duration = number("/metrics/durationMs");
    assert_eq!(
        number("/metrics/durationMs"),
        duration,
        "the duration does not grow after the end"
    );
    let whole = progress.final_json();
    assert_eq!(get(&whole, "/_metadata/autoRouterUsed"), "true");
    assert_eq!(get(&whole, "/_metadata/fallbackUsed"), "false");
}

#[tokio::test]
async fn a_fallback_is_reported_with_its_reason() {
    let answered = content("x").replace("a/b", "c/d-2026-01-01");
    let metadata = r#"{"model":"c/d","choices":[],"openrouter_metadata":{"attempts":[{"provider":"P","model":"a/b","status":429},{"provider":"Q","model":"c/d","status":200}]}}"#;
    let stop = STOP.replace("a/b", "c/d");
    let server = Server::replying([Reply::events(&[&answered, &stop, metadata])]);
    let params = STREAM.replace(r#""model""#, r#""models":["c/d"],"model""#);
    let mut stream = open(&client(&server), &params).await.unwrap();
    let (read, end) = read_all(&mut stream, flow(Mode::Events)).await;
    end.unwrap();
    let fallback = r#"{"from":"a/b","to":"c/d-2026-01-01","reason":null,"attempts":[]}"#;
    assert_eq!(events(&read)[1], format!("[\"fallback\",{fallback}]"));
    let facts = stream.progress().properties_json();
    assert_eq!(get(&facts, "/fallback/reason"), "\"HTTP 429\"");
    assert_eq!(get(&facts, "/fallback/attempts/1/model"), "\"c/d\"");
}

#[tokio::test]
async fn twenty_streams_in_a_row_use_one_connection() {
    let server = Server::new(|_| Reply::events(&[&content("x"), STOP]));
    let client = client(&server);
    for _ in 0..20 {
        let mut stream = open(&client, STREAM).await.unwrap();
        read_all(&mut stream, flow(Mode::Text)).await.1.unwrap();
        read_tail(stream).await;
    }
    assert_eq!(server.counts().requests, 20);
    assert_eq!(server.counts().connections, 1);
}

#[tokio::test]
async fn usage_in_the_same_read_as_done_is_delivered_with_the_end() {
    let early = r#"{"choices":[],"usage":{"cost":0.1}}"#;
    let late = r#"{"choices":[{"delta":{"content":"late"}}],"usage":{"cost":0.5}}"#;
    let rest = format!("data: {early}\n\ndata: {STOP}\n\ndata: [DONE]\n\ndata: {late}\n\n");
    for held in [true, false] {
        let first = format!("data: {}\n\n", content("x"));
        let (first, rest) = match held {
            true => (first + &rest, ""),
            false => (first, rest.as_str()),
        };
        let (reply, gate) = Reply::stream().chunk(first).wait();
        let server = Server::replying([reply.chunk(format!("{rest}:\n")).hold()]);
        let mut stream = open(&client(&server), STREAM).await.unwrap();
        if !held {
            gate.open();
        }
        let (read, end) = read_all(&mut stream, flow(Mode::Text)).await;
        end.unwrap();
        assert_eq!(
            *events(&read).last().unwrap(),
            r#"["usage",{"cost":0.5}]"#,
            "held: {held}"
        );
        let completion = stream.progress().completion().to_json();
        assert_eq!(get(&completion, "/choices/0/message/content"), "\"x\"");
    }
}

#[tokio::test]
async fn usage_that_arrives_after_done_is_read_from_the_rest_of_the_body() {
    for blank in ["\n\n", ""] {
        let late = r#"{"id":"late","choices":[{"delta":{"content":"late"}}],"usage":{"cost":0.5}}"#;
        let usage = format!("data: {late}{blank}");
        let events = [&content("x"), STOP, "[DONE]"];
        let (reply, gate) = events
            .iter()
            .fold(Reply::stream(), |reply, event| reply.event(event))
            .wait();
        let server = Server::replying([reply.chunk(usage).end()]);
        let mut stream = open(&client(&server), STREAM).await.unwrap();
        let progress = stream.progress().clone();
        read_all(&mut stream, flow(Mode::Text)).await.1.unwrap();
        gate.open();
        read_tail(stream).await;
        let completion = progress.completion();
        assert_eq!(completion.cost(), Some(0.5), "{blank:?}");
        let message = get(&completion.to_json(), "/choices/0/message/content");
        assert_eq!(message, "\"x\"", "only the usage of the rest is taken");
        assert_ne!(completion.id().as_deref(), Some("late"));
    }
}

#[tokio::test]
async fn the_actual_model_is_known_although_the_last_chunk_names_the_router() {
    let router = STOP.replace("a/b", "openrouter/auto");
    let server = Server::new(move |_| Reply::events(&[&content("x"), &router]));
    let params = STREAM.replace("a/b", "openrouter/auto");
    let mut stream = open(&client(&server), &params).await.unwrap();
    read_all(&mut stream, flow(Mode::Events)).await.1.unwrap();
    let completion = stream.progress().final_json();
    assert_eq!(get(&completion, "/_metadata/actualModelUsed"), "\"a/b\"");
}

#[tokio::test]
async fn a_streaming_request_answered_with_json_gives_a_stream_of_one_chunk() {
    let whole = r#"{"id":"g","model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"cost":0.5}}"#;
    let server = Server::new(move |_| Reply::json(200, format!("\n  {whole}")));
    let client = client(&server);
    let mut stream = open(&client, STREAM).await.unwrap();
    let (read, end) = read_all(&mut stream, flow(Mode::Text)).await;
    end.unwrap();
    assert_eq!(strings(&read), ["hi"]);
    let completion = stream.progress().completion().to_json();
    assert_eq!(get(&completion, "/choices/0/message/content"), "\"hi\"");
    assert_eq!(stream.progress().completion().cost(), Some(0.5));
    let facts = stream.progress().properties_json();
    assert_eq!(get(&facts, "/metrics/bytes"), (whole.len() + 3).to_string());
    let read = streamed(&client, Mode::Chunks).await.unwrap();
    assert_eq!(get(&expand(&read)[0], "/id"), "\"g\"");
}

#[tokio::test]
async fn a_request_without_streaming_answered_with_events_gives_one_completion() {
    let usage = r#"{"choices":[],"usage":{"cost":0.5}}"#;
    let server = Server::new(move |_| Reply::events(&[&content("a"), &content("b"), STOP, usage]));
    let body = complete(&client(&server), PLAIN).await.unwrap();
    assert_eq!(get(&body, "/object"), "\"chat.completion\"");
    assert_eq!(get(&body, "/choices/0/message/content"), "\"ab\"");
    assert_eq!(get(&body, "/choices/0/finish_reason"), "\"stop\"");
    assert_eq!(get(&body, "/usage/cost"), "0.5");
    assert!(Object::parse(&body).is_some());
}

#[tokio::test]
async fn an_event_up_to_the_size_limit_is_read_and_a_larger_one_fails() {
    let event = content(&"x".repeat(70_000));
    for (limit, fits) in [(event.len() + 8, true), (event.len() - 1, false)] {
        let server = Server::replying([Reply::events(&[&event, STOP])]);
        let client = client_of(&server.url(), &json!({ "maxEventBytes": limit }));
        match streamed(&client, Mode::Text).await {
            Ok(read) => assert!(fits && strings(&read)[0].len() == 70_000),
            Err(error) => assert!(!fits && error.kind() == ErrorKind::ResponseTooLarge, "{error}"),
        }
    }
}

#[tokio::test]
async fn the_bytes_of_a_body_end_before_an_event_that_is_too_large() {
    let good = format!("data: {}\n\n", content("x"));
    let large = format!("data: {}\n\n", content(&"y".repeat(2_000)));
    let body = format!("{good}{large}data: [DONE]\n\n");
    for is_held in [true, false] {
        let (reply, gate) = match is_held {
            true => Reply::stream().chunk(&body).wait(),
            false => Reply::stream().chunk(&good).wait(),
        };
        let server = Server::replying([reply.chunk(&body[good.len()..]).end()]);
        let client = client_of(&server.url(), &json!({ "maxEventBytes": 1_000 }));
        let mut stream = open(&client, STREAM).await.unwrap();
        let mut out = Outbox::default();
        assert!(!step(&mut stream, flow(Mode::Bytes), &mut out).await.unwrap());
        gate.open();
        let error = loop {
            match step(&mut stream, flow(Mode::Bytes), &mut out).await {
                Ok(is_over) => assert!(!is_over),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
        let seen = String::from_utf8(out.take_bytes().concat()).unwrap();
        assert_eq!(seen, good, "held: {is_held}");
    }
}
