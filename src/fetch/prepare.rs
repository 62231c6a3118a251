//! Applies the rules to a request of `fetch`: the body rules to a chat, and the privacy settings to every request.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};

use super::Fetcher;
use crate::error::Error;
use crate::json::Object;
use crate::observe::Observer;
use crate::request::endpoint::Endpoint;
use crate::request::headers::RESPONSE_CACHE;
use crate::request::models::route_of;
use crate::request::privacy::{self, Floors, UNREADABLE};
use crate::request::routing::Route;
use crate::request::rules::{CostLimits, Ruled};
use crate::runtime;

/// What is known of a request to a model, to read its response.
pub(super) struct Asked {
    pub(super) route: Route,
    /// The routing limits in force, as text.
    pub(super) limits: Option<String>,
    pub(super) stream: bool,
    /// What the request says of its cost.
    pub(super) cost: CostLimits,
}

impl Asked {
    /// Reads a request to another endpoint than that of chats.
    fn of_other(body: &[u8], floors: Floors) -> Self {
        let parameters = privacy::parameters(body).unwrap_or_default();
        Self {
            route: route_of(body),
            limits: floors.any().then(|| floors.words().to_owned()),
            stream: parameters.get("stream") == Some("true"),
            cost: CostLimits::default(),
        }
    }

    /// Returns the model that the request names.
    pub(super) fn model(&self) -> Option<&str> {
        Some(self.route.effective.as_str()).filter(|model| !model.is_empty())
    }
}

impl From<Ruled> for Asked {
    fn from(ruled: Ruled) -> Self {
        Self {
            route: ruled.route,
            limits: ruled.limits,
            stream: ruled.stream,
            cost: ruled.cost,
        }
    }
}

/// A request after the rules were applied.
pub(super) struct Prepared {
    pub(super) body: Bytes,
    /// What is known of a request whose response is read.
    pub(super) asked: Option<Asked>,
    /// The privacy settings in force.
    pub(super) floors: Floors,
}

impl Prepared {
    fn unchanged(body: Bytes) -> Self {
        Self {
            body,
            asked: None,
            floors: Floors::default(),
        }
    }
}

/// Whether a body is encoded, so that its parameters cannot be read.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get(http::header::CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity")
}

impl Fetcher {
    /// Applies the rules to a request, before anything is sent. A request without rules is sent unchanged.
    pub(super) async fn prepare(
        &self,
        endpoint: &Endpoint,
        headers: &mut HeaderMap,
        body: Bytes,
        observer: &Observer,
    ) -> Result<Prepared, Error> {
        let is_observed = (endpoint.is_chat() || endpoint.is_read()) && observer.has_subscribers();
        let prepared = match self.config.handles_chats || is_observed {
            false => Prepared::unchanged(body),
            true => {
                let size = body.len();
                let (fetcher, endpoint, is_encoded) = (self.clone(), endpoint.clone(), is_encoded(headers));
                let apply = move || fetcher.apply_rules(&endpoint, is_encoded, body);
                runtime::off_thread_if_large(size, apply).await??
            }
        };
        if prepared.floors.any() && headers.contains_key(RESPONSE_CACHE) {
            headers.insert(RESPONSE_CACHE, HeaderValue::from_static("false"));
        }
        if endpoint.tells_route() && self.config.observes_chats {
            headers
                .entry("x-openrouter-metadata")
                .or_insert(HeaderValue::from_static("enabled"));
        }
        Ok(prepared)
    }

    fn apply_rules(&self, endpoint: &Endpoint, is_encoded: bool, body: Bytes) -> Result<Prepared, Error> {
        if !self.config.handles_chats {
            return Ok(self.observe(endpoint, body));
        }
        if endpoint.is_chat() {
            return self.rule(endpoint, is_encoded, body).map_err(refused);
        }
        let given = privacy::Body {
            bytes: &body,
            is_encoded,
        };
        let protected = privacy::protected(endpoint, self.config.rules.floors, given);
        let (floors, protected) = protected.map_err(refused)?;
        let body = protected.unwrap_or(body);
        Ok(Prepared {
            asked: (!body.is_empty() && endpoint.is_read()).then(|| Asked::of_other(&body, floors)),
            body,
            floors,
        })
    }

    /// Applies the body rules to a chat. A body that is not a JSON object is sent unchanged, so that the API reports what is
    /// wrong with it; if a privacy setting is on, it is an error.
    fn rule(&self, endpoint: &Endpoint, is_encoded: bool, body: Bytes) -> Result<Prepared, Error> {
        let floors = self.config.rules.floors;
        let given = privacy::parameters(&body).filter(|_| !is_encoded);
        let ruled = match given {
            Some(given) => self.config.rules.apply(Object::default(), given)?,
            None if floors.any() && !body.is_empty() => {
                return Err(privacy::refused(endpoint, floors, UNREADABLE));
            }
            None => return Ok(Prepared::unchanged(body)),
        };
        Ok(Prepared {
            body: ruled.body.clone(),
            floors: ruled.floors,
            asked: Some(ruled.into()),
        })
    }

    /// Reads a request that only the diagnostics channels observe. It is sent unchanged.
    fn observe(&self, endpoint: &Endpoint, body: Bytes) -> Prepared {
        let asked = match endpoint.is_chat() {
            true => privacy::parameters(&body)
                .and_then(|given| self.config.rules.apply(Object::default(), given).ok())
                .map(Asked::from),
            false => Some(Asked::of_other(&body, Floors::default())),
        };
        Prepared {
            asked,
            ..Prepared::unchanged(body)
        }
    }
}

/// Gives the error of a request that is refused before it is sent the status 400. The API would answer 400 too, or the request
/// would be sent without its privacy settings.
pub(super) fn refused(mut error: Error) -> Error {
    error.details_mut().status = Some(400);
    error
}
