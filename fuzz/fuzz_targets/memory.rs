//! Answers requests with arbitrary bodies, over a socket, with any content type and coding. However the body is made, the
//! process must hold no more than a small multiple of the limits, and the call must end. The first byte of the input chooses the
//! call, the second the head of the response.
#![no_main]

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use openrouter_native::client::{Answer, Client};
use openrouter_native::config::Config;
use openrouter_native::delivery::{Flow, Mode, Outbox};
use openrouter_native::observe::Observer;
use openrouter_native_fuzz::{Counting, peak_during};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MAX_EVENT: usize = 64 << 10;
const MAX_RESPONSE: usize = 256 << 10;
/// What a call may hold of an answer: the text itself, what was assembled from it, and the copies in its result or its error.
const MAX_HELD: usize = 16 * MAX_RESPONSE;
/// The windows of the decoders, which their formats prescribe: 16 MiB for brotli, 8 MiB for zstd.
const WINDOWS: usize = 40 << 20;
/// No call may take longer, although the body is complete at once.
const PATIENCE: Duration = Duration::from_secs(5);

const TYPES: [&str; 4] = ["text/event-stream", "application/json", "text/html", ""];
const CODINGS: [&str; 5] = ["", "gzip", "br", "zstd", "deflate"];
const CHAT: &str = r#"{"model":"a/b","messages":[{"role":"user","content":"q"}]}"#;
const STREAM: &str = r#"{"model":"a/b","messages":[{"role":"user","content":"q"}],"stream":true}"#;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime"));
static RESPONSE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    let options = format!(
        r#"{{"baseURL":"{url}","maxRetries":0,"maxEventBytes":{MAX_EVENT},"maxResponseBytes":{MAX_RESPONSE},"cache":{{"creditsTTL":0,"modelsTTL":0}}}}"#
    );
    let config = Config::resolve(&options, &["sk-or-v1-0123456789abcdef".to_owned()], &HashMap::new());
    Client::new(config.expect("valid options"), Observer::default())
});

/// Answers one request, after its head and its small body have come.
fn serve(mut socket: TcpStream) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !is_complete(&request) {
        match socket.read(&mut piece) {
            Ok(length @ 1..) => request.extend_from_slice(&piece[..length]),
            _ => return,
        }
    }
    let response = RESPONSE.lock().expect("the response").clone();
    // The client may leave before the end.
    let _ = socket.write_all(&response);
    let _ = socket.shutdown(Shutdown::Write);
    let _ = socket.read(&mut piece);
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

async fn read(call: u8) {
    match call % 5 {
        0..=2 => {
            let mode = [Mode::Text, Mode::Chunks, Mode::Bytes][usize::from(call % 5)];
            let Ok(Answer::Stream(mut stream)) = CLIENT.chat(STREAM).await else { return };
            let mut out = Outbox::default();
            stream.flow(Flow { mode, content_events: true, reasoning_events: true }, &mut out);
            let mut items = String::new();
            while let Ok(false) = stream.advance(&mut out).await {
                out.write_items(&mut items);
                items.clear();
                drop(out.take_bytes());
            }
            let _ = stream.progress().properties_json();
        }
        3 => drop(CLIENT.chat(CHAT).await),
        _ => drop(CLIENT.models(true).await),
    }
}

fuzz_target!(|input: &[u8]| {
    let [call, head, body @ ..] = input else { return };
    let kind = TYPES[usize::from(*head) % TYPES.len()];
    let coding = CODINGS[usize::from(*head) / TYPES.len() % CODINGS.len()];
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-encoding: {coding}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )
    .replace("content-encoding: \r\n", "");
    *RESPONSE.lock().expect("the response") = [head.as_bytes(), body].concat();
    // The set-up is not measured.
    LazyLock::force(&CLIENT);
    let peak = peak_during(|| {
        let ended = RUNTIME.block_on(async { tokio::time::timeout(PATIENCE, read(*call)).await });
        assert!(ended.is_ok(), "the call did not end");
    });
    let most = MAX_HELD + body.len() + if coding.is_empty() { 0 } else { WINDOWS };
    assert!(peak <= most, "{peak} bytes were held at a time, of {} bytes of body", body.len());
});
