//! Builds a chat request of the client: applies the body rules, and reads the parameters that only this client uses.

use bytes::Bytes;

use super::call_settings::CallSettings;
use crate::account::reserve::Payment;
use crate::config::Config;
use crate::config::extra_body::{self, Place};
use crate::config::misplaced::{self, Misspelt};
use crate::delivery::Coalescing;
use crate::error::{Error, ErrorKind};
use crate::json::{self, Object};
use crate::request::headers::Headers;
use crate::request::privacy::Floors;
use crate::request::response_cache::ResponseCache;
use crate::request::routing::Route;
use crate::transport::timeouts::Timeouts;

/// A chat request, ready to be sent.
#[derive(Debug)]
pub struct ChatRequest {
    /// The JSON body.
    pub body: Bytes,
    /// Whether the caller asked for a stream.
    pub stream: bool,
    /// The models of the request.
    pub route: Route,
    /// The headers.
    pub headers: Headers,
    /// The timeouts.
    pub timeouts: Timeouts,
    /// How often the request may be retried.
    pub max_retries: u32,
    /// How the deltas of its stream are merged.
    pub coalescing: Option<Coalescing>,
    /// The routing limits in force, as text.
    pub limits: Option<String>,
    /// The privacy settings in force.
    pub floors: Floors,
    /// What pays for it.
    pub payment: Payment,
    /// Problems that do not prevent the request, for the log.
    pub warnings: Vec<String>,
    /// The parameters that are most likely misspelt.
    pub misspelt: Vec<Misspelt>,
}

impl ChatRequest {
    /// Builds the request from `params`, the JSON text of the caller's parameters.
    pub fn build(config: &Config, params: &str) -> Result<Self, Error> {
        let parse = |text| {
            Object::parse(text).ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidRequest,
                    "The request must be an object of chat parameters, such as { model, messages }.",
                )
            })
        };
        let mut given = parse(params)?;
        // The fields of `extraBody` are not compared: it is for parameters that nothing here knows.
        let misspelt = misplaced::check(&given, Place::Request)?;
        let unfolded = extra_body::unfolded(&given, Place::Request)?;
        if let Some(text) = &unfolded {
            given = parse(text)?;
        }
        let defaults = Object::parse(&config.model_options).unwrap_or_default();
        let own = CallSettings::read(config, &given)?;
        let cache = given
            .present("responseCache")
            .and_then(json::value)
            .unwrap_or_default();
        let cache = ResponseCache::parse(&cache)?.or(config.response_cache);
        let ruled = config.rules.apply(defaults, given)?;
        let mut headers = config.sent_headers(ruled.floors.zdr, &own.headers);
        if ruled.floors.any() {
            headers.forbid_response_cache();
        }
        if let Some(cache) = cache {
            cache.set_in(&mut headers, ruled.floors)?;
        }
        if config.router_metadata {
            headers.set_default("X-OpenRouter-Metadata", "enabled".into());
        }
        Ok(Self {
            body: ruled.body,
            stream: ruled.stream,
            route: ruled.route,
            limits: ruled.limits,
            floors: ruled.floors,
            payment: config.payment.limited_by(ruled.cost),
            warnings: ruled.warnings,
            misspelt,
            headers,
            timeouts: own.timeouts,
            max_retries: own.max_retries,
            coalescing: own.coalescing,
        })
    }
}
