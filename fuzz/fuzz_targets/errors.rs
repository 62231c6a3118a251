//! Reads the bodies of error responses. Each error must be valid JSON and must not contain the API key. The first byte of
//! the input chooses the status.
#![no_main]

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use openrouter_native::error::api::Source;
use openrouter_native::json;
use openrouter_native::secret::Secrets;

const KEY: &str = "sk-or-v1-0123456789abcdef0123456789abcdef";
const STATUSES: [u16; 16] = [200, 400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529];

fuzz_target!(|input: &[u8]| {
    let [first, body @ ..] = input else { return };
    let secrets = Secrets::of([KEY]);
    let source = Source {
        status: STATUSES[usize::from(*first) % STATUSES.len()],
        headers: &HeaderMap::new(),
        secrets: &secrets,
        base_url: "https://openrouter.ai",
        limits: Some("zdr"),
    };
    let body = String::from_utf8_lossy(body);
    for error in [source.read(&body), source.read_chunk(&body, &body)] {
        let text = error.to_json();
        assert!(json::is_valid(&text) || text.contains("\\u"), "{text}");
        assert!(!text.contains(KEY) && !format!("{error} {error:?}").contains(KEY), "{text}");
    }
});
