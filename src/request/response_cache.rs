//! OpenRouter's response cache, which answers an equal request again without cost. It stores the answers, so that it is refused
//! where a privacy setting is in force.

use serde_json::Value;

use crate::error::{Error, ErrorKind, invalid_option};
use crate::request::headers::{Headers, RESPONSE_CACHE};
use crate::request::privacy::Floors;

/// The longest time, in seconds, that the API keeps an answer.
const MAX_TTL: u64 = 86_400;
const EXPECTED: &str = "true, false or an object such as { ttl: 300, clear: true }";

/// What a request asks of the response cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseCache {
    is_on: bool,
    /// How long the answer is kept, in seconds.
    ttl: Option<u64>,
    /// Whether a kept answer is dropped and asked for again.
    clear: bool,
}

impl ResponseCache {
    /// Reads the option `responseCache`; `None` if it is absent.
    pub fn parse(value: &Value) -> Result<Option<Self>, Error> {
        let of = |is_on| Self {
            is_on,
            ttl: None,
            clear: false,
        };
        let fields = match value {
            Value::Null => return Ok(None),
            Value::Bool(is_on) => return Ok(Some(of(*is_on))),
            Value::Object(fields) => fields,
            _ => return Err(invalid_option("responseCache", EXPECTED)),
        };
        let mut cache = of(true);
        for (name, value) in fields {
            match (name.as_str(), value) {
                (_, Value::Null) => {}
                ("ttl", value) => {
                    let seconds = value.as_u64().filter(|ttl| (1..=MAX_TTL).contains(ttl));
                    let expected = "a whole number of seconds from 1 to 86400";
                    cache.ttl = Some(seconds.ok_or_else(|| invalid_option("responseCache.ttl", expected))?);
                }
                ("clear", Value::Bool(clear)) => cache.clear = *clear,
                ("clear", _) => return Err(invalid_option("responseCache.clear", "true or false")),
                _ => return Err(invalid_option(&format!("responseCache.{name}"), "ttl or clear")),
            }
        }
        Ok(Some(cache))
    }

    /// Sets the headers of a request.
    ///
    /// # Errors
    /// If the cache is on, and a privacy setting is in force.
    pub fn set_in(self, headers: &mut Headers, floors: Floors) -> Result<(), Error> {
        if !self.is_on {
            headers.set(RESPONSE_CACHE, "false".into());
            return Ok(());
        }
        if floors.any() {
            return Err(Error::new(
                ErrorKind::PrivacyNotPossible,
                format!(
                    "responseCache cannot keep {}: OpenRouter's response cache stores the answer. Nothing was sent. Leave one \
                     of the two out.",
                    floors.words()
                ),
            ));
        }
        headers.set(RESPONSE_CACHE, "true".into());
        if let Some(ttl) = self.ttl {
            headers.set("X-OpenRouter-Cache-TTL", ttl.to_string());
        }
        if self.clear {
            headers.set("X-OpenRouter-Cache-Clear", "true".into());
        }
        Ok(())
    }
}
