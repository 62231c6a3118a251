//! The Node-API layer: it only converts. Text crosses as strings, everything else stays in the core; no promise is
//! made here, results come through the hub. Every function that JavaScript calls catches panics: one that unwound
//! into Node would end the process.

mod call;
mod client;
mod fetch;
mod hub;
#[cfg(feature = "panic-trigger")]
mod panic_trigger;
mod panics;
mod strings;

use napi_derive::napi;

use crate::account;
use crate::config;
use crate::secret::ApiKey;
use crate::stats::STATS;

/// The version of the package that this was built for: JavaScript loads no other.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The names of the options that the addon reads: those of a client, or of `createFetch`.
#[napi(catch_unwind)]
pub fn option_names(for_fetch: bool) -> Vec<String> {
    config::names(for_fetch)
}

/// Forgets the cached values of one API key, or of all.
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

/// The process's counters as JSON.
#[napi(catch_unwind)]
pub fn stats() -> String {
    STATS.to_json()
}

/// See `config::proxy_for`.
#[napi(catch_unwind)]
pub fn proxy_for(url: String, env: String) -> String {
    config::proxy_for(&url, &config::variables(&env))
}
