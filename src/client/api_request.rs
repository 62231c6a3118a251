//! Builds a request to any endpoint: checks its address, applies the privacy settings, and reads the settings of the call.

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use super::call_settings::CallSettings;
use super::retry::Purpose;
use crate::account::reserve::Payment;
use crate::config::Config;
use crate::error::{Error, ErrorKind, invalid_option};
use crate::json::{self, Object};
use crate::request::endpoint::Endpoint;
use crate::request::headers::Headers;
use crate::request::models::route_of;
use crate::request::path;
use crate::request::privacy::{self, Floors};
use crate::request::response_cache::ResponseCache;
use crate::request::routing::Route;
use crate::request::rules::CostLimits;
use crate::transport::timeouts::Timeouts;

/// In which form a caller wants the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// A stream of events.
    Events,
    /// The embeddings of JSON as binary numbers.
    Vectors,
    /// The bytes of the body, as they arrive.
    Body,
    /// The same, of a file: JSON is no answer.
    File,
}

/// A request to any endpoint, ready to be sent.
#[derive(Debug)]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The body; empty means none.
    pub body: Bytes,
    /// The headers.
    pub headers: Headers,
    /// In which form the answer is wanted.
    pub form: Form,
    /// Whether a body is collected as a whole, so that `maxResponseBytes` holds for it.
    pub is_limited: bool,
    /// The timeouts.
    pub timeouts: Timeouts,
    /// How often the request may be retried.
    pub max_retries: u32,
    /// The privacy settings in force.
    pub floors: Floors,
    /// The models of the request.
    pub route: Route,
    /// What pays for it.
    pub payment: Payment,
}

impl ApiRequest {
    /// Builds a request from `settings`, the JSON text `{ method, path, query, as, isLimited, contentType, headers, timeouts, maxRetries,
    /// zdr, dataCollection, responseCache, maxCost, reserve }`.
    pub fn build(config: &Config, settings: &str, body: Bytes) -> Result<Self, Error> {
        let given = Object::parse(settings)
            .ok_or_else(|| Error::new(ErrorKind::InvalidRequest, "The request cannot be read."))?;
        let text = |name| given.string(name).unwrap_or_default();
        let local = |name| given.present(name).and_then(json::value).unwrap_or(Value::Null);
        let method = Method::from_bytes(text("method").to_ascii_uppercase().as_bytes())
            .map_err(|_| invalid_option("method", "a method such as 'GET' or 'POST'"))?;
        let url = path::address(&config.base_url, &text("path"), &text("query"))?;
        let endpoint = Endpoint::of(method.as_str(), &url, Some(&config.base_url));
        let floors = config.rules.floors.and(Floors::of(&given)?);
        let given_body = privacy::Body {
            bytes: &body,
            is_encoded: false,
        };
        let (floors, protected) = privacy::protected(&endpoint, floors, given_body)?;
        let body = protected.unwrap_or(body);
        let CallSettings {
            timeouts,
            max_retries,
            headers,
            coalescing: _,
        } = CallSettings::read(config, &given)?;
        let mut headers = config.sent_headers(floors.zdr, &headers);
        if let Some(kind) = given.string("contentType") {
            headers.set("Content-Type", kind.into_owned());
        }
        let can_be_cached = endpoint.can_carry_prompt(!body.is_empty());
        let cache = ResponseCache::parse(&local("responseCache"))?.or(config.response_cache);
        if floors.any() {
            headers.forbid_response_cache();
        }
        if let Some(cache) = cache.filter(|_| can_be_cached) {
            cache.set_in(&mut headers, floors)?;
        }
        if config.router_metadata && endpoint.tells_route() {
            headers.set_default("X-OpenRouter-Metadata", "enabled".into());
        }
        Ok(Self {
            form: match &*text("as") {
                "events" => Form::Events,
                "vectors" => Form::Vectors,
                "body" => Form::Body,
                "file" => Form::File,
                _ => Form::Json,
            },
            is_limited: given.get("isLimited") == Some("true"),
            route: route_of(&body),
            payment: config.payment.limited_by(CostLimits::of(&given)?),
            timeouts,
            max_retries,
            method,
            url,
            endpoint,
            body,
            headers,
            floors,
        })
    }

    /// The request that reads `path`, for this client itself.
    pub fn get(config: &Config, path: &str) -> Self {
        let url = config.url(path);
        let zdr = config.rules.floors.zdr;
        Self {
            method: Method::GET,
            endpoint: Endpoint::of("GET", &url, Some(&config.base_url)),
            url,
            body: Bytes::new(),
            headers: config.sent_headers(zdr, &Headers::default()),
            form: Form::Json,
            is_limited: true,
            timeouts: config.timeouts,
            max_retries: config.max_retries,
            floors: Floors::default(),
            route: Route::default(),
            payment: Payment::default(),
        }
    }

    /// Returns what the request is for. Whatever is no reading may be billed, or change something.
    pub fn purpose(&self) -> Purpose {
        match self.method {
            Method::GET | Method::HEAD | Method::OPTIONS => Purpose::Read,
            _ => Purpose::Paid,
        }
    }

    /// Returns the model that the request names.
    pub fn model(&self) -> Option<&str> {
        Some(self.route.effective.as_str()).filter(|model| !model.is_empty())
    }

    /// Returns the routing limits in force, for the error "No endpoints found".
    pub fn limits(&self) -> Option<String> {
        self.floors.any().then(|| self.floors.words().to_owned())
    }
}
