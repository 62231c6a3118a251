//! How long cached values are used: the option `cache`, else environment variables, else the defaults.

use std::time::Duration;

use super::environment::Env;
use super::options::{Fields, count};
use crate::account::kept::KEPT_FOR;
use crate::error::{Error, invalid_option};

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

/// Reads the settings.
///
/// # Errors
/// `invalid_option` if an option is not a whole number of milliseconds. An environment variable that is not one is replaced by
/// the default, with a warning, because a program that worked must not end for it. A time that is longer than values are kept
/// is replaced by that one, with a warning.
pub(super) fn resolve(
    option: &Fields<'_>,
    env: &Env<'_>,
    warnings: &mut Vec<String>,
) -> Result<CacheSettings, Error> {
    let mut ttl = |field: &str, variable: &str, default: u64| {
        let option_name = format!("cache.{field}");
        let given = count(option.get(field))
            .ok_or_else(|| invalid_option(&option_name, "a whole number of milliseconds, zero or more"))?;
        let (name, ms) = match (given, env.get(variable)) {
            (Some(ms), _) => (option_name.as_str(), ms as u64),
            (None, None) => return Ok(Duration::from_millis(default)),
            (None, Some(text)) => match text.parse::<f64>().ok().filter(|ms| *ms >= 0.0 && ms.is_finite()) {
                Some(ms) => (variable, ms as u64),
                None => {
                    warnings.push(format!(
                        "{variable} is not a number of milliseconds; {default} is used"
                    ));
                    return Ok(Duration::from_millis(default));
                }
            },
        };
        let time = Duration::from_millis(ms);
        if time > KEPT_FOR {
            warnings.push(format!(
                "{name} is longer than {} hours, the longest time for which values are kept; that is used",
                KEPT_FOR.as_secs() / 3600
            ));
        }
        Ok(time.min(KEPT_FOR))
    };
    Ok(CacheSettings {
        credits_ttl: ttl("creditsTTL", "OPENROUTER_CACHE_TTL_CREDITS", CREDITS_TTL_MS)?,
        models_ttl: ttl("modelsTTL", "OPENROUTER_CACHE_TTL_MODELS", MODELS_TTL_MS)?,
        background_refresh: env.get("OPENROUTER_BACKGROUND_REFRESH").as_deref() != Some("false"),
    })
}
