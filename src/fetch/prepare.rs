//! Applies the rules to a request of `fetch`: the body rules to a chat, and the privacy settings to every request.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};

use super::Fetcher;
use crate::error::Error;
use crate::json::Object;
use crate::observe::Observer;
use crate::request::endpoint::Endpoint;
use crate::request::headers::RESPONSE_CACHE;
use crate::request::privacy::{self, Floors, UNREADABLE};
use crate::request::routing::Route;
use crate::request::rules::Ruled;
use crate::runtime;

/// What is known of a chat, to read its response.
pub(super) struct Chat {
    pub(super) route: Route,
    /// The routing limits in force, as text.
    pub(super) limits: Option<String>,
    pub(super) stream: bool,
    /// The most that the request may cost, in USD.
    pub(super) max_cost: Option<f64>,
}

impl From<Ruled> for Chat {
    fn from(ruled: Ruled) -> Self {
        Self {
            route: ruled.route,
            limits: ruled.limits,
            stream: ruled.stream,
            max_cost: ruled.max_cost,
        }
    }
}

/// A request after the rules were applied.
pub(super) struct Prepared {
    pub(super) body: Bytes,
    /// What is known of a chat.
    pub(super) chat: Option<Chat>,
    /// The privacy settings in force.
    pub(super) floors: Floors,
}

impl Prepared {
    fn unchanged(body: Bytes) -> Self {
        Self {
            body,
            chat: None,
            floors: Floors::default(),
        }
    }
}

/// Whether a body is encoded, so that its parameters cannot be read.
fn is_encoded(headers: &HeaderMap) -> bool {
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
        let is_observed = endpoint.is_chat() && observer.has_subscribers();
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
        if endpoint.is_chat() && self.config.observes_chats {
            headers
                .entry("x-openrouter-metadata")
                .or_insert(HeaderValue::from_static("enabled"));
        }
        Ok(prepared)
    }

    fn apply_rules(&self, endpoint: &Endpoint, is_encoded: bool, body: Bytes) -> Result<Prepared, Error> {
        if !self.config.handles_chats {
            return Ok(self.observe(body));
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
        Ok(Prepared {
            body: protected.unwrap_or(body),
            chat: None,
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
            chat: Some(ruled.into()),
        })
    }

    /// Reads a chat that only the diagnostics channels observe. It is sent unchanged.
    fn observe(&self, body: Bytes) -> Prepared {
        let ruled = privacy::parameters(&body).map(|given| self.config.rules.apply(Object::default(), given));
        let chat = ruled.and_then(Result::ok).map(Chat::from);
        Prepared {
            chat,
            ..Prepared::unchanged(body)
        }
    }
}

/// Gives the error of a request that the rules refuse the status 400. The API would answer 400 too, or the request would be
/// sent without its privacy settings.
fn refused(mut error: Error) -> Error {
    error.details_mut().status = Some(400);
    error
}
