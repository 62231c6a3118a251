//! Request headers. The defaults of the client are merged with its `headers` option, then with the `headers` of the request.
//! A later header replaces an earlier one of the same name, whatever its case. The value `null` removes a header.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::error::{Error, invalid_option};
use crate::json::ObjectWriter;
use crate::secret::ApiKey;
use crate::secret::is_credential;

/// Headers of the connection itself. A client refuses them, because they would break the framing of the request; `fetch`
/// drops them, as browsers do.
const CONNECTION: &[&str] = &[
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The header that turns on OpenRouter's response cache.
pub const RESPONSE_CACHE: &str = "x-openrouter-cache";

/// Request headers in the order in which they were added. Names keep their spelling.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<Header>);

#[derive(Debug, Clone)]
struct Header {
    name: String,
    /// `None` removes the header.
    value: Option<String>,
    /// Whether later headers of the same name are ignored.
    is_locked: bool,
}

impl Headers {
    /// Reads an object `{ name: value }`. Numbers and booleans become text, and `null` removes the header. Any other value
    /// is an error, which does not show the value.
    pub fn from_json(value: &Value) -> Result<Self, Error> {
        let entries = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(entries) => entries,
            _ => return Err(invalid_option("headers", "an object of header names and values")),
        };
        let mut headers = Self::default();
        for (name, value) in entries {
            let value = match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
                _ => return Err(invalid_option(&format!("headers.{name}"), "a string")),
            };
            let known = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| invalid_option("headers", "names that HTTP allows (letters, digits and -)"))?;
            if is_of_connection(&known) {
                return Err(invalid_option(
                    &format!("headers.{name}"),
                    "no header that belongs to the connection itself",
                ));
            }
            if let Some(text) = &value {
                header_value(text).ok_or_else(|| {
                    invalid_option(
                        &format!("headers.{name}"),
                        "a value without line ends or other control characters",
                    )
                })?;
            }
            headers.0.push(Header {
                name: name.clone(),
                value,
                is_locked: false,
            });
        }
        Ok(headers)
    }

    /// Sets a header.
    pub fn set(&mut self, name: &str, value: String) {
        self.put(name, Some(value), false);
    }

    /// Sets a header, unless a header of this name was set or removed before.
    pub fn set_default(&mut self, name: &str, value: String) {
        if !self.0.iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
            self.set(name, value);
        }
    }

    /// Returns the value of a header; `None` if it is absent or removed.
    pub fn get(&self, name: &str) -> Option<&str> {
        let header = self
            .0
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))?;
        header.value.as_deref()
    }

    /// Sets a header that later headers can neither replace nor remove.
    pub fn set_locked(&mut self, name: &str, value: String) {
        self.put(name, Some(value), true);
    }

    /// Turns off OpenRouter's response cache where it was turned on: it stores the answers.
    pub fn forbid_response_cache(&mut self) {
        if self.get(RESPONSE_CACHE).is_some() {
            self.set(RESPONSE_CACHE, "false".into());
        }
    }

    /// Merges `others` into these headers. A header of `others` replaces one of the same name, unless that one is locked.
    pub fn extend(&mut self, others: &Headers) {
        for header in &others.0 {
            self.put(&header.name, header.value.clone(), header.is_locked);
        }
    }

    fn put(&mut self, name: &str, value: Option<String>, is_locked: bool) {
        let header = Header {
            name: name.to_owned(),
            value,
            is_locked,
        };
        match self
            .0
            .iter_mut()
            .find(|known| known.name.eq_ignore_ascii_case(name))
        {
            Some(known) if known.is_locked => {}
            Some(known) => *known = header,
            None => self.0.push(header),
        }
    }

    /// Returns the names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .filter_map(|header| Some((header.name.as_str(), header.value.as_deref()?.as_bytes())))
    }

    /// Returns the headers as a JSON object.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        for Header { name, value, .. } in &self.0 {
            fields.text(name, value.as_deref());
        }
        fields.finish()
    }

    /// Returns the key with which a request with these headers authenticates.
    pub fn key(&self) -> ApiKey {
        key_among(|name| self.get(name).filter(|value| value.is_ascii()))
    }

    /// Returns the headers as they are sent. Those that may contain a secret are marked as sensitive.
    pub fn to_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.0.len() + 2);
        for Header { name, value, .. } in &self.0 {
            let name = HeaderName::from_bytes(name.as_bytes()).ok();
            if let (Some(name), Some(mut value)) = (name, value.as_deref().and_then(header_value)) {
                value.set_sensitive(is_secret(&name));
                map.insert(name, value);
            }
        }
        map
    }
}

/// Whether a header belongs to the connection itself.
pub fn is_of_connection(name: &HeaderName) -> bool {
    CONNECTION.contains(&name.as_str())
}

/// Whether a header may contain a secret, going by its name. Such a header is marked as sensitive: the HTTP libraries do not
/// print it, and a redirect does not take it to another origin.
pub fn is_secret(name: &HeaderName) -> bool {
    is_credential(name.as_str())
}

/// Returns the key with which a request authenticates: that of `Authorization`, else `x-api-key`. Without either it is the
/// absent key.
pub fn key_of(headers: &HeaderMap) -> ApiKey {
    key_among(|name| headers.get(name)?.to_str().ok())
}

/// `value` returns the value of a header, unless it has characters outside ASCII, which no key has.
fn key_among<'h>(value: impl Fn(&str) -> Option<&'h str>) -> ApiKey {
    let sent = [header::AUTHORIZATION.as_str(), "x-api-key"]
        .into_iter()
        .find_map(|name| {
            // The word before is the scheme, which is `Bearer` for OpenRouter.
            let key = value(name)?
                .trim()
                .rsplit(' ')
                .next()
                .filter(|key| !key.is_empty())?;
            ApiKey::choose([key]).ok()
        });
    sent.unwrap_or_else(ApiKey::absent)
}

/// Returns `text` as the value of a header, or `None` if it contains control characters. Characters outside ASCII are sent
/// as UTF-8.
pub fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(text.as_bytes()).ok()
}
