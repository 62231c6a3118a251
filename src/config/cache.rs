//! How long cached values are used: the option `cache`, else environment variables, else the defaults.

use std::time::Duration;

use serde_json::Value;

use super::environment::Env;
use super::options::Fields;
use crate::account::cache::KEPT_FOR;

const CREDITS_TTL_MS: u64 = 300_000;
const MODELS_TTL_MS: u64 = 3_600_000;

/// How long a client uses cached values. A duration of zero turns the cache off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    /// How long cached credits are used.
    pub credits_ttl: Duration,
    /// How long a cached list of models is used.
    pub models_ttl: Duration,
    /// Whether a value near the end of its lifetime is refreshed in the background while it is still served.
    pub background_refresh: bool,
}

/// The fields of the option `cache`.
pub(super) const FIELDS: &[&str] = &["creditsTTL", "modelsTTL"];

/// Reads the settings. A value that is not a number of milliseconds is replaced by the default, and one that is longer than
/// values are kept by that time, both with a warning.
pub(super) fn resolve(option: &Fields<'_>, env: &Env<'_>, warnings: &mut Vec<String>) -> CacheSettings {
    let mut ttl = |field: &str, variable: &str, default: u64| {
        let (name, given) = match option.get(field) {
            Value::Null => (
                variable.to_owned(),
                env.get(variable).map_or(Value::Null, Value::String),
            ),
            given => (format!("cache.{field}"), given.clone()),
        };
        let ms = match &given {
            Value::Null => return Duration::from_millis(default),
            Value::String(text) => text.parse::<f64>().ok(),
            other => other.as_f64(),
        };
        match ms.filter(|ms| *ms >= 0.0 && ms.is_finite()) {
            Some(ms) if ms > KEPT_FOR.as_millis() as f64 => {
                warnings.push(format!(
                    "{name} is longer than {} hours, the longest time for which values are kept; that is used",
                    KEPT_FOR.as_secs() / 3600
                ));
                KEPT_FOR
            }
            Some(ms) => Duration::from_millis(ms as u64),
            None => {
                warnings.push(format!(
                    "{name} is not a number of milliseconds; {default} is used"
                ));
                Duration::from_millis(default)
            }
        }
    };
    CacheSettings {
        credits_ttl: ttl("creditsTTL", "OPENROUTER_CACHE_TTL_CREDITS", CREDITS_TTL_MS),
        models_ttl: ttl("modelsTTL", "OPENROUTER_CACHE_TTL_MODELS", MODELS_TTL_MS),
        background_refresh: env.get("OPENROUTER_BACKGROUND_REFRESH").as_deref() != Some("false"),
    }
}
