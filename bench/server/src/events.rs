//! The writes of a stream. They are built once for each plan, and shared by all streams of that plan.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::plan::Plan;

/// The writes of a stream, in order.
pub type Frames = Arc<Vec<Bytes>>;

static MADE: LazyLock<Mutex<HashMap<(Plan, Shape), Frames>>> = LazyLock::new(Mutex::default);

/// The shape of a stream's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Chunks of a chat.
    Chat,
    /// Events of the Responses API.
    Responses,
    /// Events of Anthropic's Messages.
    Messages,
    /// Chunks of a legacy completion.
    Completions,
}

impl Shape {
    /// Returns the shape of the streams at `path`.
    pub fn of(path: &str) -> Option<Self> {
        let ends = |end| path.ends_with(end);
        match () {
            () if ends("/chat/completions") => Some(Self::Chat),
            () if ends("/completions") => Some(Self::Completions),
            () if ends("/responses") => Some(Self::Responses),
            () if ends("/messages") => Some(Self::Messages),
            () => None,
        }
    }
}

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
pub fn frames(plan: Plan, shape: Shape) -> Frames {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || Arc::new(make(plan, shape));
    made.entry((plan, shape)).or_insert_with(make).clone()
}

fn make(plan: Plan, shape: Shape) -> Vec<Bytes> {
    match shape {
        Shape::Chat => make_chat(plan),
        Shape::Responses => made_of(plan, &responses(plan.events)),
        Shape::Messages => made_of(plan, &messages(plan.events)),
        Shape::Completions => made_of(plan, &completions(plan.events)),
    }
}

fn make_chat(plan: Plan) -> Vec<Bytes> {
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
    saying(word(number))
}

fn saying(text: &str) -> String {
    chunk(&format!(r#""role":"assistant","content":"{text}""#), "null")
}

/// Returns a chunk whose text is the time now, in ms since 1970.
pub fn timed() -> Bytes {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    saying(&format!(" {:.3}", now.as_secs_f64() * 1e3)).into()
}

fn word(number: usize) -> &'static str {
    WORDS.get(number % WORDS.len()).copied().unwrap_or_default()
}

/// Returns the writes of events: the first and the last one alone, and of the others as many in each as the plan says.
fn made_of(plan: Plan, events: &[String]) -> Vec<Bytes> {
    let ([first, middle @ .., last], true) = (events, plan.events > 0) else {
        return Vec::new();
    };
    let middle = middle.chunks(plan.per).map(|some| some.concat());
    let all = std::iter::once(first.clone()).chain(middle).chain([last.clone()]);
    all.map(Bytes::from).collect()
}

/// Returns a stream of the Responses API, in the form in which OpenRouter writes it.
fn responses(count: usize) -> Vec<String> {
    let text: String = (0..count).map(word).collect();
    let place = r#""item_id":"msg_b7QxV2nKfYw3uPz9TeLh","output_index":0,"content_index":0"#;
    let item = |status: &str, content: &str| {
        format!(
            r#"{{"type":"message","id":"msg_b7QxV2nKfYw3uPz9TeLh","role":"assistant","status":"{status}","content":[{content}]}}"#
        )
    };
    let response = |status: &str, output: &str, usage: &str| {
        format!(
            r#""response":{{"id":"resp_1763164800","object":"response","created_at":1763164800,"model":"openai/gpt-5-mini","status":"{status}","output":[{output}],"usage":{usage}}}"#
        )
    };
    let mut events = Vec::with_capacity(count + 4);
    let mut add = |kind: &str, fields: &str| {
        let number = events.len();
        events.push(format!(
            "event: {kind}\ndata: {{\"type\":\"{kind}\",\"sequence_number\":{number},{fields}}}\n\n"
        ));
    };
    add("response.created", &response("in_progress", "", "null"));
    let started = item("in_progress", "");
    add(
        "response.output_item.added",
        &format!(r#""output_index":0,"item":{started}"#),
    );
    for number in 0..count {
        let delta = word(number);
        add(
            "response.output_text.delta",
            &format!(r#"{place},"delta":"{delta}","logprobs":[]"#),
        );
    }
    let whole = item(
        "completed",
        &format!(r#"{{"type":"output_text","text":"{text}","annotations":[]}}"#),
    );
    add(
        "response.output_item.done",
        &format!(r#""output_index":0,"item":{whole}"#),
    );
    let usage = format!(
        r#"{{"input_tokens":12,"output_tokens":{count},"total_tokens":{},"cost":0.000123}}"#,
        count + 12
    );
    add("response.completed", &response("completed", &whole, &usage));
    events
}

/// Returns a stream of Anthropic's Messages.
fn messages(count: usize) -> Vec<String> {
    let mut events = Vec::with_capacity(count + 5);
    let mut add = |kind: &str, fields: &str| {
        events.push(format!(
            "event: {kind}\ndata: {{\"type\":\"{kind}\"{fields}}}\n\n"
        ));
    };
    add(
        "message_start",
        r#","message":{"id":"gen-1763164800","type":"message","role":"assistant","model":"openai/gpt-5-mini","content":[],"stop_reason":null,"usage":{"input_tokens":12,"output_tokens":1}}"#,
    );
    add(
        "content_block_start",
        r#","index":0,"content_block":{"type":"text","text":""}"#,
    );
    for number in 0..count {
        let text = word(number);
        add(
            "content_block_delta",
            &format!(r#","index":0,"delta":{{"type":"text_delta","text":"{text}"}}"#),
        );
    }
    add("content_block_stop", r#","index":0"#);
    add(
        "message_delta",
        &format!(
            r#","delta":{{"stop_reason":"end_turn"}},"usage":{{"output_tokens":{count},"cost":0.000123}}"#
        ),
    );
    add("message_stop", "");
    events
}

/// Returns a stream of a legacy completion.
fn completions(count: usize) -> Vec<String> {
    let chunk = |text: &str, reason: &str, more: &str| {
        format!(
            concat!(
                r#"data: {{"id":"gen-1763164800-b7QxV2nKfYw3uPz9TeLh","object":"text_completion","created":1763164800,"#,
                r#""model":"openai/gpt-5-mini","provider":"OpenAI","choices":[{{"index":0,"text":"{}","finish_reason":{},"#,
                r#""native_finish_reason":{},"logprobs":null}}]{}}}"#,
                "\n\n"
            ),
            text, reason, reason, more
        )
    };
    let mut events: Vec<String> = (0..count).map(|number| chunk(word(number), "null", "")).collect();
    let usage = format!(r#","usage":{{"prompt_tokens":12,"completion_tokens":{count},"cost":0.000123}}"#);
    events.push(chunk("", r#""stop""#, &usage));
    events.push("data: [DONE]\n\n".into());
    events
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
