//! The engine of the Node package `openrouter-native`.
//!
//! One flow, a file for each step: `request` (body rules, headers, routing) → `transport` (HTTP) → `sse` (framing,
//! events) → `completion` (chunks, their sum) → `stream` → `delivery` → `node`. Everything outside `node` is plain
//! Rust that `cargo test --no-default-features` builds without Node-API.

pub mod account;
pub mod call;
pub mod client;
pub mod completion;
pub mod config;
pub mod delivery;
pub mod error;
pub mod fetch;
pub mod json;
#[cfg(feature = "node")]
#[allow(missing_docs, unsafe_code)] // the macros of napi-derive write both
#[cfg_attr(test, allow(dead_code))] // tests do not register with Node
mod node;
pub mod observe;
pub mod request;
pub mod runtime;
pub mod secret;
pub mod sse;
pub mod stats;
pub mod stream;
pub mod transport;
