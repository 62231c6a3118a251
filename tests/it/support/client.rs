//! Clients of the scripted server, and how the tests read their streams.

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

/// A question with a stream as its answer.
pub const STREAM: &str = r#"{"model":"a/b","messages":[{"role":"user","content":"q"}],"stream":true}"#;
/// One without.
pub const PLAIN: &str = r#"{"model":"a/b","messages":[{"role":"user","content":"q"}]}"#;

/// Settings as they come from `options` alone.
pub fn config(options: &Value) -> Config {
    Config::resolve(&options.to_string(), &[KEY.to_owned()], &HashMap::new()).unwrap()
}

/// A client whose connections are nobody else's, with `options` on top of the defaults. It never tries again.
pub fn client_of(base_url: &str, options: &Value) -> Client {
    static OWN: AtomicU64 = AtomicU64::new(10_000);
    let mut all = json!({
        "baseURL": base_url,
        "allowInsecureHttp": true,
        "maxRetries": 0,
        // Pools are shared by settings: an odd limit makes this one's own.
        "timeouts": { "connect": OWN.fetch_add(1, Ordering::Relaxed) },
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

pub const fn flow(mode: Mode) -> Flow {
    Flow {
        mode,
        content_events: false,
        reasoning_events: false,
    }
}

/// The open stream that `params` is answered with.
pub async fn open(client: &Client, params: &str) -> Result<ChatStream, Error> {
    match client.chat(params).await? {
        Answer::Stream(stream) => Ok(*stream),
        Answer::Complete(body) => panic!("not a stream: {body}"),
    }
}

/// The completion that `params` is answered with.
pub async fn complete(client: &Client, params: &str) -> Result<String, Error> {
    match client.chat(params).await? {
        Answer::Complete(body) => Ok(body),
        Answer::Stream(_) => panic!("a stream"),
    }
}

/// Takes what waits in `out` as items.
pub fn items(out: &mut Outbox) -> Vec<String> {
    let mut text = "[".to_owned();
    out.write_items(&mut text);
    text.push(']');
    let items = json::array(&text).unwrap_or_else(|| panic!("{text}"));
    items.into_iter().map(str::to_owned).collect()
}

/// Writes what is held, in the form of `flow`, or else reads once.
pub async fn step(stream: &mut ChatStream, flow: Flow, out: &mut Outbox) -> Result<bool, Error> {
    if !stream.is_flowing() {
        stream.flow(flow, out);
        return Ok(false);
    }
    stream.advance(out).await
}

/// Reads what comes after the end.
pub async fn read_tail(stream: ChatStream) {
    let (network, mut pump) = stream.split();
    network.read_tail(pump.take_tail()).await;
}

/// All items of a stream, and how it ended.
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

/// A stream from its request to its end: its items, or the failure of either.
pub async fn streamed(client: &Client, mode: Mode) -> Result<Vec<String>, Error> {
    let mut stream = open(client, STREAM).await?;
    let (items, end) = read_all(&mut stream, flow(mode)).await;
    end.map(|()| items)
}

/// A field of an object in JSON, as text.
pub fn get(json: &str, pointer: &str) -> String {
    let value: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{json}"));
    value.pointer(pointer).unwrap_or(&Value::Null).to_string()
}
