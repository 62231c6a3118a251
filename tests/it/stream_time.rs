//! Long streams under the default timeouts, on a clock that the tests advance: gaps that occur with healthy providers do
//! not end a stream.

use std::time::Duration;

use crate::support::client::{STREAM, client, flow, open, read_all, step};
use crate::support::reply::{Gate, Reply};
use crate::support::server::Server;
use openrouter_native::delivery::{Mode, Outbox};
use openrouter_native::stream::ChatStream;
use tokio::time::{self, Instant};

const TEXT: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":"so far"}}]}"#;

/// Advances the clock by `gap` before each piece that the server holds back, then reads the piece. The clock is paused
/// only for the advance: tokio moves a paused clock to the next timer whenever the runtime waits for the network.
async fn read_with_gaps(stream: &mut ChatStream, gates: Vec<Gate>, gap: Duration) {
    let mut out = Outbox::default();
    step(stream, flow(Mode::Text), &mut out).await.unwrap();
    let (started, gaps) = (Instant::now(), gates.len() as u32);
    for gate in gates {
        time::pause();
        time::advance(gap).await;
        time::resume();
        gate.open();
        assert!(!step(stream, flow(Mode::Text), &mut out).await.unwrap());
    }
    assert!(started.elapsed() >= gap * gaps);
    read_all(stream, flow(Mode::Text)).await.1.unwrap();
}

/// A stream of one event, of `pieces` that wait for a gate each, and of `[DONE]`.
async fn held_back(pieces: impl IntoIterator<Item = String>) -> (Server, ChatStream, Vec<Gate>) {
    let mut gates = Vec::new();
    let mut reply = Reply::stream().event(TEXT);
    for piece in pieces {
        let (waiting, gate) = reply.wait();
        reply = waiting.chunk(piece);
        gates.push(gate);
    }
    let server = Server::replying([reply.event("[DONE]").end()]);
    let stream = open(&client(&server), STREAM).await.unwrap();
    (server, stream, gates)
}

#[tokio::test]
async fn by_default_240_seconds_of_comments_do_not_end_a_stream() {
    let comments = std::iter::repeat_n(": OPENROUTER PROCESSING\n\n".to_owned(), 24);
    let data = format!("data: {TEXT}\n\n");
    let (_server, mut stream, gates) = held_back(comments.chain([data])).await;
    read_with_gaps(&mut stream, gates, Duration::from_secs(10)).await;
}

#[tokio::test]
async fn by_default_fifteen_minutes_with_gaps_of_90_seconds_do_not_end_a_stream() {
    let events = std::iter::repeat_n(format!("data: {TEXT}\n\n"), 10);
    let (_server, mut stream, gates) = held_back(events).await;
    read_with_gaps(&mut stream, gates, Duration::from_secs(90)).await;
}
