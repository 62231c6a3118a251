//! Reads the bytes of a stream into a completion, which must be valid JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openrouter_native::completion::{Chunk, Completion};
use openrouter_native::json;
use openrouter_native::sse::{Event, Framer};

fuzz_target!(|input: &[u8]| {
    let mut framer = Framer::new(1 << 20);
    let mut completion = Completion::new();
    framer.push(input);
    while let Ok(Some(Event::Data { data, .. })) = framer.next() {
        if let Some(chunk) = Chunk::parse(&data) {
            completion.apply(&chunk);
        }
    }
    let text = completion.to_json();
    assert!(json::is_valid(&text), "{text}");
});
