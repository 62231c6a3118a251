//! Clients of the scripted server, and helpers that read their responses.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use openrouter_native::client::{Answer, Client};
use openrouter_native::config::Config;
use openrouter_native::delivery::{Flow, Mode, Outbox};
use openrouter_native::error::Error;
use openrouter_native::json;
use openrouter_native::observe::Observer;
use openrouter_native::stream::ChatStream;
use serde_json::{Value, json};

use super::server::Server;

pub const KEY: &str = "sk-or-v1-0123456789abcdef";

/// The parameters of a streaming chat request.
pub const STREAM: &str = r#"{"model":"a/b","messages":[{"role":"user","content":"q"}],"stream":true}"#;
/// The parameters of a chat request without streaming.
pub const PLAIN: &str = r#"{"model":"a/b","messages":[{"role":"user","content":"q"}]}"#;

/// The configuration that `options` give with an empty environment.
pub fn config(options: &Value) -> Config {
    Config::resolve(&options.to_string(), &[KEY.to_owned()], &HashMap::new()).unwrap()
}

/// A client with `options` on top of the defaults. By default it shares no connections with other clients and does not
/// retry.
pub fn client_of(base_url: &str, options: &Value) -> Client {
    static UNIQUE: AtomicU64 = AtomicU64::new(10_000);
    let mut all = json!({
        "baseURL": base_url,
        "allowInsecureHttp": true,
        "maxRetries": 0,
        // Clients with equal settings share a connection pool: a unique connect timeout gives this client its own.
        "timeouts": { "connect": UNIQUE.fetch_add(1, Ordering::Relaxed) },
    });
    for (name, value) in options.as_object().unwrap() {
        match (all.get_mut(name), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
            _ => all[name] = value.clone(),
        }
    }
    Client::new(config(&all), Observer::default())
}

pub fn client(server: &Server) -> Client {
    client_of(&server.url(), &json!({}))
}

/// `mode` without content and reasoning events.
pub const fn flow(mode: Mode) -> Flow {
    Flow {
        mode,
        content_events: false,
        reasoning_events: false,
    }
}

/// Sends a chat request that must be answered with a stream, and returns the open stream.
pub async fn open(client: &Client, params: &str) -> Result<ChatStream, Error> {
    match client.chat(params).await? {
        Answer::Stream(stream) => Ok(*stream),
        Answer::Complete(body) => panic!("the response is not a stream: {body}"),
    }
}

/// Sends a chat request that must be answered with a completion, and returns its JSON text.
pub async fn complete(client: &Client, params: &str) -> Result<String, Error> {
    match client.chat(params).await? {
        Answer::Complete(body) => Ok(body),
        Answer::Stream(_) => panic!("the response is a stream"),
    }
}

/// Takes the items that are waiting in `out`.
pub fn items(out: &mut Outbox) -> Vec<String> {
    let mut text = "[".to_owned();
    out.write_items(&mut text);
    text.push(']');
    let items = json::array(&text).unwrap_or_else(|| panic!("{text}"));
    items.into_iter().map(str::to_owned).collect()
}

/// Sets the read mode if it is not set, which writes the held events into `out`; otherwise reads the network once. Returns
/// whether the stream has ended.
pub async fn step(stream: &mut ChatStream, flow: Flow, out: &mut Outbox) -> Result<bool, Error> {
    if !stream.is_flowing() {
        stream.flow(flow, out);
        return Ok(false);
    }
    stream.advance(out).await
}

/// Reads the rest of the body after the end of the stream.
pub async fn read_tail(stream: ChatStream) {
    let (network, mut pump) = stream.split();
    let mut tail = pump.take_tail();
    network.read_tail(|read| tail.take(read)).await;
}

/// Reads a stream to its end: all its items, and its result.
pub async fn read_all(stream: &mut ChatStream, flow: Flow) -> (Vec<String>, Result<(), Error>) {
    let (mut out, mut all) = (Outbox::default(), Vec::new());
    loop {
        let result = step(stream, flow, &mut out).await;
        all.append(&mut items(&mut out));
        match result {
            Ok(false) => {}
            Ok(true) => return (all, Ok(())),
            Err(error) => return (all, Err(error)),
        }
    }
}

/// Sends a streaming request and reads the stream to its end: all its items, or the error of the request or the stream.
pub async fn streamed(client: &Client, mode: Mode) -> Result<Vec<String>, Error> {
    let mut stream = open(client, STREAM).await?;
    let (items, end) = read_all(&mut stream, flow(mode)).await;
    end.map(|()| items)
}

/// The value at a JSON pointer, as JSON text; `null` if there is none.
pub fn get(json: &str, pointer: &str) -> String {
    let value: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{json}"));
    value.pointer(pointer).unwrap_or(&Value::Null).to_string()
}
