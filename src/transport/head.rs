//! The head of a response: its status, address and headers. It outlives the response, so that a caller can ask for it at any
//! time.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use serde_json::Value;

use crate::error::api::request_id;
use crate::json::ObjectWriter;
use crate::secret::Secrets;

/// The head of a response.
#[derive(Debug, Clone)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The reason phrase of the status line; empty for HTTP/2, which has none.
    pub reason: String,
    /// The address that answered, after redirects.
    pub url: String,
    /// Whether the request was redirected.
    pub redirected: bool,
    /// The headers, without those that describe a compression which this client has undone.
    pub headers: HeaderMap,
}

impl Head {
    /// Returns the head as JSON text: `{status, statusText, url, redirected, requestId, headers: [[name, value], …]}`. The
    /// value of a header has one character per byte.
    pub fn to_json(&self) -> String {
        let headers: Vec<Value> = self
            .headers
            .iter()
            .map(|(name, value)| {
                let text: String = value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
                Value::from(vec![name.as_str().to_owned(), text])
            })
            .collect();
        let mut fields = ObjectWriter::new();
        fields.raw("status", Some(self.status.to_string()));
        fields.text("statusText", Some(&self.reason));
        fields.text("url", Some(&self.url));
        fields.raw("redirected", Some(self.redirected.to_string()));
        fields.text("requestId", request_id(&self.headers));
        fields.raw("headers", Some(Value::from(headers).to_string()));
        fields.finish()
    }

    /// Returns the text of a header; `None` if it is absent or contains characters outside visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Where a call keeps the head of its last response, for `withResponse()`, which may be called later. Empty if the call needed no
/// request, because its value was cached.
#[derive(Debug, Clone, Default)]
pub struct LastHead(Arc<Mutex<Option<Kept>>>);

/// A head, and the secrets of its request.
#[derive(Debug, Clone)]
struct Kept {
    head: Arc<Head>,
    secrets: Secrets,
}

impl LastHead {
    /// Keeps the head of a response to a request with these secrets, in place of an earlier one.
    pub fn set(&self, head: &Arc<Head>, secrets: &Secrets) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept {
            head: head.clone(),
            secrets: secrets.clone(),
        });
    }

    /// Returns the head as JSON text, see [`Head::to_json`], without secrets that the server echoes.
    pub fn to_json(&self) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Kept { head, secrets } = kept?;
        Some(secrets.scrub_values(&head.to_json()).into_owned())
    }
}
