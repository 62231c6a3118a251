//! The outcome of a stream does not depend on how the network cuts the stream: an event may come in one read with the next
//! event, or in many reads.

use crate::support::client::{STREAM, client, flow, items, open, read_tail, step};
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::delivery::{Mode, Outbox};
use openrouter_native::error::ErrorKind;
use proptest::prelude::*;

const ONE: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":"öne"}}]}"#;
const TWO: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":" two"}}]}"#;
const STOP: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"{"choices":[],"usage":{"completion_tokens":2,"cost":0.5}}"#;
const ERROR: &str = r#"{"error":{"code":502,"message":"the provider is down"},"choices":[]}"#;
const BAD: &str = r#"{"choices":[{"#;

/// The events after the first one.
const ENDS: [&[&str]; 10] = [
    &[TWO, STOP, USAGE, "[DONE]"],
    &[TWO, STOP, "[DONE]", USAGE],
    &[STOP, USAGE],
    &[TWO, ERROR, "[DONE]"],
    &[ERROR, TWO, STOP, "[DONE]"],
    &[TWO, BAD, STOP, "[DONE]"],
    &[TWO, "[DONE]", ERROR],
    &["[DONE]", TWO],
    &[TWO],
    &["[DONE]"],
];

/// The content or the bytes that were delivered, the kind of the error if the stream failed, and the completion.
type Outcome = (String, Option<ErrorKind>, String);

async fn outcome(mode: Mode, pieces: &[&[u8]]) -> Outcome {
    let reply = pieces
        .iter()
        .fold(Reply::stream(), |reply, piece| reply.chunk(piece));
    let server = Server::replying([reply.end()]);
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let progress = stream.progress().clone();
    let (mut out, mut seen, mut bytes) = (Outbox::default(), String::new(), Vec::new());
    let error = loop {
        let result = step(&mut stream, flow(mode), &mut out).await;
        bytes.extend(out.take_bytes().concat());
        for item in items(&mut out).iter().filter(|item| item.starts_with('"')) {
            seen.push_str(item.trim_matches('"'));
        }
        match result {
            Ok(false) => {}
            Ok(true) => break None,
            Err(error) => break Some(error.kind()),
        }
    };
    read_tail(stream).await;
    // The stream ends at `[DONE]`. The client passes on the bytes behind it that came in the same read, but does not wait
    // for more, so those bytes depend on the cut.
    let bytes = String::from_utf8(bytes).unwrap();
    seen.extend(bytes.split_inclusive("[DONE]").next());
    // Nor does the client wait for the LF when a read ends between the CR and the LF behind a failure.
    let seen = seen.trim_end_matches('\n').to_owned();
    let completion = progress.completion().to_json();
    (seen, error, completion)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    #[test]
    fn the_cut_of_a_stream_does_not_change_its_outcome(
        end in prop::sample::select(&ENDS[..]),
        blank in prop::sample::select(&["\n\n", "\r\n\r\n", "\r\r"][..]),
        mode in prop::sample::select(&[Mode::Text, Mode::Deltas, Mode::Bytes][..]),
        ends_blank in any::<bool>(),
        size in 1usize..120,
    ) {
        let events = [ONE].iter().chain(end);
        let mut body: String = events.map(|event| format!("data: {event}{blank}")).collect();
        if !ends_blank {
            body.truncate(body.len() - blank.len());
        }
        let pieces: Vec<&[u8]> = body.as_bytes().chunks(size).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (whole, cut) = runtime.block_on(async {
            (outcome(mode, &[body.as_bytes()]).await, outcome(mode, &pieces).await)
        });
        prop_assert_eq!(whole, cut);
    }
}
