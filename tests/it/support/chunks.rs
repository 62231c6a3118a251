//! Chunks as JSON text, and helpers that read the completion assembled from them.

use openrouter_native::completion::{Chunk, Completion};
use openrouter_native::json::{self, Object};

/// The completion that `chunks` are assembled into.
pub fn completed<S: AsRef<str>>(chunks: &[S]) -> Completion {
    let mut completion = Completion::new();
    for chunk in chunks {
        let text = chunk.as_ref();
        completion.apply(&Chunk::parse(text).unwrap_or_else(|| panic!("{text}")));
    }
    completion
}

/// A chunk with this delta.
pub fn delta(delta: &str) -> String {
    format!(r#"{{"id":"gen-1","choices":[{{"index":0,"delta":{delta}}}]}}"#)
}

/// A chunk with this finish reason.
pub fn finish(reason: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"{reason}"}}]}}"#)
}

/// The JSON text of the field at `path` (names separated by `.`) in the first choice.
pub fn field(completion: &Completion, path: &str) -> Option<String> {
    let text = completion.to_json();
    assert!(json::is_valid(&text), "{text}");
    let choices = json::array(Object::parse(&text).unwrap().get("choices").unwrap());
    let mut value = *choices.unwrap().first()?;
    for name in path.split('.') {
        value = Object::parse(value)?.get(name)?;
    }
    Some(value.to_owned())
}

/// The tool calls at `path` in the first choice, each as `id name arguments` with decoded arguments.
pub fn calls(completion: &Completion, path: &str) -> Vec<String> {
    let text = field(completion, path).unwrap_or_else(|| "[]".to_owned());
    let items = json::array(&text).unwrap();
    let read = |item: &&str| {
        let call = Object::parse(item).unwrap();
        let function = call.object("function").unwrap();
        format!(
            "{} {} {}",
            call.string("id").unwrap_or_default(),
            function.string("name").unwrap(),
            function.string("arguments").unwrap()
        )
    };
    items.iter().map(read).collect()
}

/// A stream with reasoning, text, a tool call, an image, audio, usage and unknown fields (`x_…`).
pub const RECORDED: [&str; 6] = [
    r#"{"id":"gen-1","object":"chat.completion.chunk","created":1,"model":"a/b","provider":"P","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","format":"f","index":0}]},"finish_reason":null,"native_finish_reason":null,"logprobs":null}],"x_top":{"a":1.10}}"#,
    r#"{"id":"gen-1","object":"chat.completion.chunk","created":1,"model":"a/b","provider":"P","choices":[{"index":0,"delta":{"content":"Hé\n","refusal":null,"x_delta":[1]},"finish_reason":null,"logprobs":{"content":[{"token":"H"}]},"x_choice":true}],"usage":null}"#,
    r#"{"id":"gen-1","model":"a/b","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}],"x_delta":[2]}}]}"#,
    r#"{"id":"gen-1","model":"a/b","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"},"extra_content":{"google":{"thought_signature":"S"}}}],"images":[{"type":"image_url","image_url":{"url":"data:x"}}],"annotations":[{"type":"file"}],"audio":{"id":"au","data":"QUJD","transcript":"a","expires_at":1}}}]}"#,
    r#"{"id":"gen-1","model":"a/b","choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls","native_finish_reason":"tool_use"}]}"#,
    r#"{"id":"gen-1","model":"a/b","system_fingerprint":null,"service_tier":"default","choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls","native_finish_reason":"tool_use"}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8,"cost":0.00012300},"openrouter_metadata":{"requested":"openrouter/auto"}}"#,
];
