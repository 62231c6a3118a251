//! The Node-API layer. It only converts: text crosses as strings, and everything else stays in the core. It creates no
//! promises, because the hub delivers the results. Every function that JavaScript calls catches panics, because a panic that
//! unwinds into Node ends the process.

mod budget;
mod call;
mod client;
mod fetch;
mod hub;
#[cfg(feature = "panic-trigger")]
mod panic_trigger;
mod panics;
mod strings;
mod wake;

use napi_derive::napi;

use crate::account;
use crate::config;
use crate::error;
use crate::request::endpoint::Endpoint;
use crate::request::privacy::{self, Floors};
use crate::secret::ApiKey;
use crate::stats::STATS;

/// Returns the version of the package that this addon was built for. JavaScript refuses an addon of another version.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Returns the names of the options of a client, or of those that `createFetch` accepts.
#[napi(catch_unwind)]
pub fn option_names(for_fetch: bool) -> Vec<String> {
    config::names(for_fetch)
}

/// Returns the error for an option that `place` does not have, as JSON text. `own` are the options that it has.
#[napi(catch_unwind)]
pub fn unknown_option(name: String, place: String, own: Vec<String>) -> String {
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    config::unknown(&name, &place, &own).to_json()
}

/// Returns the error for a field that an option does not have, as JSON text. `known` are the fields that it has.
#[napi(catch_unwind)]
pub fn unknown_field(option: String, name: String, known: Vec<String>) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    error::unknown::unknown_field(&option, &name, &known).to_json()
}

/// Returns the option of `own` that is most likely meant by `name`; `null` if none is, and an empty text if the name is that
/// of another SDK for something that has no option here.
#[napi(catch_unwind)]
pub fn likely_option(name: String, own: Vec<String>) -> Option<String> {
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    config::likely(&name, &own)
}

/// Returns what would happen to a request under privacy settings, as JSON text: see `request::privacy::explain`.
#[napi(catch_unwind)]
pub fn explain_privacy(
    method: String,
    url: String,
    base_url: String,
    zdr: bool,
    deny_data_collection: bool,
    body: String,
    is_encoded: bool,
) -> String {
    let floors = Floors {
        zdr,
        deny_data_collection,
    };
    let bytes = body.as_bytes();
    let endpoint = Endpoint::of(&method, &url, Some(&base_url));
    privacy::explain(&endpoint, floors, privacy::Body { bytes, is_encoded })
}

/// Removes the cached values of one API key, or of all keys.
#[napi(catch_unwind)]
pub fn clear_cache(api_key: Option<String>) {
    match api_key {
        None => account::clear(None),
        Some(text) => {
            if let Ok(key) = ApiKey::choose([text.as_str()]) {
                account::clear(Some(key.digest()));
            }
        }
    }
}

/// Returns the counters of the process, as JSON text.
#[napi(catch_unwind)]
pub fn stats() -> String {
    STATS.to_json()
}

/// See `config::proxy_for`.
#[napi(catch_unwind)]
pub fn proxy_for(url: String, env: String) -> String {
    config::proxy_for(&url, &config::variables(&env))
}
