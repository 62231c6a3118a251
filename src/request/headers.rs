//! Request headers: the client's own, then the options', then the call's. The last one wins whatever its case, and
//! `null` takes a header out.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::error::{Error, invalid_option};
use crate::json::ObjectWriter;

/// Headers that belong to the connection: setting them by hand would break the framing of the request.
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

/// Names and values in their order, names as they were written.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<Header>);

#[derive(Debug, Clone)]
struct Header {
    name: String,
    /// `None` takes the header out.
    value: Option<String>,
    /// Whether it stays as it is, whatever is put over it.
    is_locked: bool,
}

impl Headers {
    /// Reads `{ name: value }`; numbers and booleans are written out, anything else is an error that does not show
    /// the value.
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
            if CONNECTION.contains(&known.as_str()) {
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

    /// Sets a header that nothing takes back: a floor.
    pub fn set_locked(&mut self, name: &str, value: String) {
        self.put(name, Some(value), true);
    }

    /// Puts `others` over these.
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

    /// As a JSON object.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        for Header { name, value, .. } in &self.0 {
            fields.text(name, value.as_deref());
        }
        fields.finish()
    }

    /// As they go on the wire; the key is marked so that no layer below prints it.
    pub fn to_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.0.len() + 2);
        for Header { name, value, .. } in &self.0 {
            let name = HeaderName::from_bytes(name.as_bytes()).ok();
            if let (Some(name), Some(mut value)) = (name, value.as_deref().and_then(header_value)) {
                value.set_sensitive(name == http::header::AUTHORIZATION);
                map.insert(name, value);
            }
        }
        map
    }
}

/// A header's value; characters outside ASCII go out as UTF-8.
pub fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(text.as_bytes()).ok()
}
