//! The writes of a stream. They are built once for each plan, and shared by all streams of that plan.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use bytes::Bytes;

use crate::plan::Plan;

/// The writes of a stream, in order.
pub type Frames = Arc<Vec<Bytes>>;

static MADE: LazyLock<Mutex<HashMap<Plan, Frames>>> = LazyLock::new(Mutex::default);

const WORDS: [&str; 16] = [
    " the",
    " sky",
    " is",
    " blue",
    ",",
    " because",
    " air",
    " scatters",
    " short",
    " waves",
    " of",
    " light",
    " most",
    "é",
    " \\\"so\\\"",
    ".\\n",
];

/// Returns the writes of a stream of `plan`.
pub fn frames(plan: Plan) -> Frames {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(plan).or_insert_with(|| Arc::new(make(plan))).clone()
}

fn make(plan: Plan) -> Vec<Bytes> {
    let mut frames = vec![Bytes::from(format!(
        ": OPENROUTER PROCESSING\n\n{}",
        chunk(r#""role":"assistant","content":"""#, "null")
    ))];
    if plan.idle {
        return frames;
    }
    if plan.image > 0 {
        frames.push(chunk(&image(plan.image), "null").into());
    }
    let contents: Vec<String> = (0..plan.events).map(content).collect();
    frames.extend(contents.chunks(plan.per).map(|some| Bytes::from(some.concat())));
    frames.push(last(plan.events).into());
    frames.push("data: [DONE]\n\n".into());
    frames
}

/// Returns a chunk in the form in which OpenRouter writes it: about 323 bytes, depending on the content. OpenRouter's SDK 1.3
/// refuses a chunk whose `system_fingerprint` is null, which other servers send.
fn chunk(delta: &str, reason: &str) -> String {
    format!(
        concat!(
            r#"data: {{"id":"gen-1763164800-b7QxV2nKfYw3uPz9TeLh","object":"chat.completion.chunk","created":1763164800,"#,
            r#""model":"openai/gpt-5-mini","provider":"OpenAI","system_fingerprint":"fp_1","choices":[{{"index":0,"delta":{{{}}},"#,
            r#""finish_reason":{},"native_finish_reason":{},"logprobs":null}}]}}"#,
            "\n\n"
        ),
        delta, reason, reason
    )
}

fn content(number: usize) -> String {
    let word = WORDS.get(number % WORDS.len()).unwrap_or(&"");
    chunk(&format!(r#""role":"assistant","content":"{word}""#), "null")
}

fn last(tokens: usize) -> String {
    let stop = chunk(r#""role":"assistant","content":"""#, r#""stop""#);
    let open = stop.trim_end().strip_suffix('}').unwrap_or_default();
    let mut text = open.to_owned();
    let _ = write!(
        text,
        r#","usage":{{"prompt_tokens":12,"completion_tokens":{tokens},"total_tokens":{},"cost":0.000123}}}}"#,
        tokens + 12
    );
    text + "\n\n"
}

/// Returns a delta with an image, whose base64 text has `size` bytes.
fn image(size: usize) -> String {
    let data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB".repeat(size / 32 + 1);
    let url = format!("data:image/png;base64,{}", data.get(..size).unwrap_or_default());
    format!(
        r#""role":"assistant","content":"","images":[{{"type":"image_url","image_url":{{"url":"{url}"}},"index":0}}]"#
    )
}
