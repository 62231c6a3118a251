//! `POST /embeddings`: embeddings of 1,536 numbers each, as base64.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;

static MADE: LazyLock<Mutex<HashMap<usize, Bytes>>> = LazyLock::new(Mutex::default);

/// How many 32-bit floats an embedding has. Three of them are four groups of base64.
const NUMBERS: usize = 1536;

/// Returns the body of the response with `count` embeddings.
pub fn list(count: usize) -> Bytes {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(count).or_insert_with(|| make(count).into()).clone()
}

fn make(count: usize) -> String {
    // The floats 0.25, -0.5 and 1.
    let floats = "AACAPgAAAL8AAIA/".repeat(NUMBERS / 3);
    let items: Vec<String> = (0..count)
        .map(|index| format!(r#"{{"object":"embedding","index":{index},"embedding":"{floats}"}}"#))
        .collect();
    format!(
        r#"{{"object":"list","model":"openai/text-embedding-3-small","data":[{}],"usage":{{"prompt_tokens":{count},"total_tokens":{count},"cost":0.0001}}}}"#,
        items.join(",")
    )
}
