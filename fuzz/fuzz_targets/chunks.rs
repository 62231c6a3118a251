//! Reads chunks, one per line. Every JSON object must be accepted, and reading its parts must not panic. The content that
//! could cross to JavaScript without its chunk must be the body of a JSON string. The completion of all chunks must be valid
//! JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openrouter_native::completion::{Chunk, Completion};
use openrouter_native::json;
use serde_json::Value;

fuzz_target!(|input: &str| {
    let mut completion = Completion::new();
    for line in input.lines() {
        let Some(chunk) = Chunk::parse(line) else {
            // A line that is refused must not be a JSON object. Lines with lone surrogates are not checked: serde_json
            // refuses them.
            assert!(!matches!(serde_json::from_str(line), Ok(Value::Object(_))), "{line}");
            continue;
        };
        if let Some(span) = chunk.content_span() {
            let content = line.get(span.clone()).expect("the content lies in the chunk");
            assert!(json::is_valid(&format!("\"{content}\"")) || content.contains("\\u"));
        }
        for choice in chunk.choices() {
            let _ = (choice.reasoning(), choice.tool_calls(), choice.finish_reason());
        }
        completion.apply(&chunk);
        let _ = (completion.cost(), completion.stop_kind());
        let figures = completion.usage_figures();
        let _ = figures.map(|usage| (usage.total_cost(), usage.completion_tokens()));
    }
    let text = completion.to_json();
    assert!(json::is_valid(&text) || text.contains("\\u"), "{text}");
});
