//! The engine of the Node package `openrouter-native`.
//!
//! The path of a request and its response, one module for each step: `request` (body rules, headers, routing) →
//! `transport` (HTTP) → `sse` (bytes to events) → `completion` (events to chunks, chunks to the completion) → `stream`
//! (state and end of the stream) → `delivery` (batches for JavaScript) → `node` (Node-API). All modules except `node`
//! are plain Rust, which `cargo test --no-default-features` builds without Node-API.

pub mod account;
pub mod answer;
pub mod call;
pub mod client;
pub mod completion;
pub mod config;
pub mod delivery;
pub mod error;
pub mod fetch;
pub mod json;
pub mod nearest;
#[cfg(feature = "node")]
#[allow(missing_docs, unsafe_code)] // the macros of napi-derive generate undocumented items and unsafe code
#[cfg_attr(test, allow(dead_code))] // tests do not register the exports with Node
mod node;
pub mod observe;
pub mod request;
pub mod runtime;
pub mod secret;
pub mod sse;
pub mod stats;
pub mod stream;
pub mod transport;
