//! Reads arbitrary bytes in pieces. The events must be the same as after a single read, and nothing may panic. The first
//! byte of the input sets the length of the pieces, the second the limit of an event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openrouter_native::sse::Framer;

fuzz_target!(|input: &[u8]| {
    let [length, limit, bytes @ ..] = input else { return };
    let limit = 1 + usize::from(*limit) * 16;
    let length = 1 + usize::from(*length);
    assert_eq!(read(bytes.chunks(length), limit), read([bytes], limit));
});

fn read<'a>(reads: impl IntoIterator<Item = &'a [u8]>, limit: usize) -> Vec<String> {
    let mut framer = Framer::new(limit);
    let mut events = Vec::new();
    for bytes in reads {
        framer.push(bytes);
        loop {
            match framer.next() {
                Ok(Some(event)) => events.push(format!("{event:?}")),
                Ok(None) => break,
                Err(error) => {
                    events.push(error.to_string());
                    return events;
                }
            }
        }
    }
    events.extend(framer.finish().map(|event| format!("{event:?}")));
    events
}
