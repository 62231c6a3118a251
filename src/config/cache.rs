//! How long cached values are used: the option `cache`, else environment variables, else the defaults.

use std::time::Duration;

use serde_json::Value;

use super::environment::Env;
use crate::error::Error;

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

/// Reads the settings. A value that is not a number of milliseconds is replaced by the default, with a warning.
pub(super) fn resolve(
    value: &Value,
    env: &Env<'_>,
    warnings: &mut Vec<String>,
) -> Result<CacheSettings, Error> {
    let mut ttl = |option: &str, variable: &str, default: u64| {
        let (name, given) = match value.get(option).filter(|value| !value.is_null()) {
            Some(given) => (format!("cache.{option}"), given.clone()),
            None => (
                variable.to_owned(),
                env.get(variable).map_or(Value::Null, Value::String),
            ),
        };
        let ms = match &given {
            Value::Null => return Duration::from_millis(default),
            Value::String(text) => text.parse::<f64>().ok(),
            other => other.as_f64(),
        };
        match ms.filter(|ms| *ms >= 0.0 && ms.is_finite()) {
            Some(ms) => Duration::from_millis(ms as u64),
            None => {
                warnings.push(format!(
                    "{name} is not a number of milliseconds; {default} is used"
                ));
                Duration::from_millis(default)
            }
        }
    };
    Ok(CacheSettings {
        credits_ttl: ttl("creditsTTL", "OPENROUTER_CACHE_TTL_CREDITS", CREDITS_TTL_MS),
        models_ttl: ttl("modelsTTL", "OPENROUTER_CACHE_TTL_MODELS", MODELS_TTL_MS),
        background_refresh: env.get("OPENROUTER_BACKGROUND_REFRESH").as_deref() != Some("false"),
    })
}
