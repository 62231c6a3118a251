//! Integration tests of the crate's public interface, most of them over real sockets against a scripted server. All
//! modules form one program, so that the crate is linked once instead of once for each file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod support;

mod account;
mod answers;
mod cache;
mod cache_ages;
mod chat;
mod completion;
mod compressed;
mod config;
mod delivery;
mod error_api;
mod error_bodies;
mod error_retry_after;
mod fetch;
mod key_scrubbing;
mod network_settings;
mod proxies;
mod request_body;
mod retries;
mod sse;
mod stream;
mod stream_cuts;
mod stream_ends;
mod stream_held;
mod stream_time;
mod tls;
mod tolerance;
mod tool_calls;
mod transport;
