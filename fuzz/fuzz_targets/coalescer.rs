//! Merges the deltas of a stream. The completion of the merged stream must be that of the stream itself, however the network cuts
//! it. The first byte of the input chooses the size of the reads.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use openrouter_native::completion::{Chunk, Completion};
use openrouter_native::delivery::Outbox;
use openrouter_native::sse::{Event, Framer};
use openrouter_native::stream::Coalescer;

fn completion(stream: &[u8]) -> String {
    let (mut framer, mut completion) = (Framer::new(1 << 20), Completion::new());
    framer.push(stream);
    while let Ok(Some(event)) = framer.next() {
        if let Event::Data { data, .. } = event
            && let Some(chunk) = Chunk::parse(&data)
        {
            completion.apply(&chunk);
        }
    }
    completion.to_json()
}

fuzz_target!(|input: &[u8]| {
    let [size, stream @ ..] = input else { return };
    let (mut coalescer, mut out) = (Coalescer::default(), Outbox::default());
    for read in stream.chunks(usize::from(*size).max(1)) {
        coalescer.take(&Bytes::copy_from_slice(read), &mut out);
    }
    coalescer.finish(&mut out);
    out.seal();
    let merged = out.take_bytes().concat();
    assert!(merged.len() <= stream.len());
    assert_eq!(completion(&merged), completion(stream));
});
