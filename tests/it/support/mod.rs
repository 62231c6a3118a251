//! Code that the test modules share: a scripted server, clients for it, and chunks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
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
