//! Compressed answers of the client, streamed and whole. What each coding decodes to is tested in `src/transport/decoder.rs`
//! and, against the stock `fetch`, in `__test__/fetch/bodies.test.js`.

use compression_codecs::core::Level;
use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
use compression_codecs::{EncodeV2, GzipEncoder};

use crate::support::client::{PLAIN, STREAM, client, complete, flow, items, open, step, streamed};
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::delivery::{Mode, Outbox};
use openrouter_native::error::ErrorKind;

const ANSWER: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;
const JSON: &str = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
const EVENTS: &str = "content-type: text/event-stream\r\ncontent-encoding: X-Gzip\r\n";

/// A gzip member.
fn gzip(plain: &str) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Level::Default.into());
    let mut buffer = vec![0; plain.len() + 1024];
    let mut output = WriteBuffer::new_initialized(&mut buffer);
    encoder
        .encode(&mut PartialBuffer::new(plain.as_bytes()), &mut output)
        .unwrap();
    assert!(encoder.finish(&mut output).unwrap());
    output.written().to_vec()
}

fn event(content: &str) -> String {
    format!(
        "data: {{\"id\":\"g\",\"model\":\"a/b\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n"
    )
}

#[tokio::test]
async fn each_event_of_a_compressed_stream_is_delivered_when_it_arrives() {
    let (reply, gate) = Reply::chunked(EVENTS).chunk(gzip(&event("one"))).wait();
    let last = gzip(&format!("{}data: [DONE]\n\n", event("two")));
    let server = Server::replying([reply.chunk(last).end()]);
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let (mut out, mut seen) = (Outbox::default(), Vec::new());
    while seen.last().is_none_or(|item: &String| item != "\"one\"") {
        assert!(!step(&mut stream, flow(Mode::Text), &mut out).await.unwrap());
        seen.append(&mut items(&mut out));
    }
    // The server has not sent the second event yet.
    gate.open();
    while !step(&mut stream, flow(Mode::Text), &mut out).await.unwrap() {}
    assert_eq!(items(&mut out), ["\"two\""]);
}

#[tokio::test]
async fn a_compressed_stream_that_is_cut_is_truncated_not_complete() {
    let whole = [gzip(&event("one")), gzip(&event("two"))].concat();
    for missing in [1, 9, 20] {
        let cut = &whole[..whole.len() - missing];
        let server = Server::replying([Reply::whole(200, EVENTS, cut)]);
        let error = streamed(&client(&server), Mode::Text).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{missing}");
        assert!(
            error.details().partial.as_deref().unwrap().contains("one"),
            "{missing}"
        );
    }
}

#[tokio::test]
async fn a_compressed_completion_is_read_whole_or_fails() {
    let (start, rest) = ANSWER.split_at(40);
    let members = [gzip(start), gzip(rest)].concat();
    let server = Server::replying([Reply::whole(200, JSON, &members)]);
    assert_eq!(complete(&client(&server), PLAIN).await.unwrap(), ANSWER);
    // The text is complete, but the checksum that proves it is missing.
    for cut in [&gzip(ANSWER)[..], &members].map(|body| body[..body.len() - 8].to_vec()) {
        let server = Server::replying([Reply::whole(200, JSON, cut)]);
        let error = complete(&client(&server), PLAIN).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error:?}");
    }
    let mut corrupt = gzip(ANSWER);
    let checksum = corrupt.len() - 8;
    corrupt[checksum] ^= 1;
    let server = Server::replying([Reply::whole(200, JSON, corrupt)]);
    let error = complete(&client(&server), PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{error:?}");
    assert!(error.to_string().contains("compressed"), "{error}");
}
