//! What the tests share: a scripted server, clients for it, and chunks. Each test file uses its own part.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

pub mod cached;
pub mod call;
pub mod chunks;
pub mod client;
pub mod failure;
pub mod packed;
pub mod reply;
pub mod server;
pub mod settings;
