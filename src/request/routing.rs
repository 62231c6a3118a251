//! Which model was requested, which one answered, and whether a router or a fallback chose it. Model ids are compared as a
//! whole, because an id such as `codex-auto-review` contains `auto`, but is not a router.

use std::borrow::Cow;

use crate::error::{Attempt, attempts_json};
use crate::json::{self, Object, ObjectWriter};
use crate::request::provider::is_among;
use crate::secret::Secrets;

/// The model id that is sent for `autoRouter: true`.
pub const AUTO: &str = "openrouter/auto";

/// The ids of routers, which choose another model to answer (openrouter.ai/docs, guides/routing/routers).
const ROUTERS: &[&str] = &[
    AUTO,
    "openrouter/auto-beta",
    "openrouter/bodybuilder",
    "openrouter/free",
    "openrouter/fusion",
    "openrouter/fusion-flash",
    "openrouter/pareto-code",
    "nvidia/switchyard",
    "typesafe/jev-router",
];

/// A router that chooses among the models in `models`, so that the fallback list must be sent with it.
const SWITCHYARD: &str = "nvidia/switchyard";

/// Suffixes of model ids that say how to route a request (openrouter.ai/docs, guides/routing/model-variants). The model id
/// in the response does not repeat them.
const ROUTING_SUFFIXES: &[&str] = &["nitro", "floor", "exacto", "online"];

/// Whether `model` is the id of a router, with or without routing suffixes.
pub fn is_router(model: &str) -> bool {
    ROUTERS.contains(&base(model))
}

/// Whether `model` must be sent without a fallback list, as all routers but `nvidia/switchyard` must.
pub fn refuses_fallbacks(model: &str) -> bool {
    is_router(model) && base(model) != SWITCHYARD
}

/// Returns `model` without its routing suffixes.
pub fn base(model: &str) -> &str {
    let mut model = model;
    while let Some((rest, suffix)) = model.rsplit_once(':') {
        if !ROUTING_SUFFIXES.contains(&suffix) {
            break;
        }
        model = rest;
    }
    model
}

/// Whether `answered` is the model that `requested` names: the same id, or a dated version of it such as `gpt-4o-2024-08-06`.
fn same_model(requested: &str, answered: &str) -> bool {
    let (requested, answered) = (base(requested), base(answered));
    answered == requested
        || answered.strip_prefix(requested).is_some_and(|rest| {
            rest.strip_prefix('-')
                .is_some_and(|date| date.starts_with(|c: char| c.is_ascii_digit()))
        })
}

/// The models of a request, and the requests that failed before it.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// The model that the caller named; the router, if the caller turned on `autoRouter` and named none.
    pub requested: String,
    /// The model that the request names in `model`.
    pub effective: String,
    /// The fallback models that the request names in `models`.
    pub fallbacks: Vec<String>,
    /// The fallback models for later requests, after all models of this request have failed.
    pub rest: Vec<String>,
    /// The requests that failed before this one.
    pub failed: Vec<Attempt>,
    /// The providers that may serve the request; empty means any.
    pub only: Vec<String>,
    /// The `effective` model of the first request, if this is a later one.
    first: Option<String>,
}

/// A fallback: another model than the first one answered.
#[derive(Debug, Clone)]
pub struct Fallback {
    /// The model that was tried first.
    pub from: String,
    /// The model that answered.
    pub to: String,
    /// Why the first failed attempt failed, if known.
    pub reason: Option<String>,
    /// The attempts, in order: the requests that failed, then those that the API reports.
    pub attempts: Vec<Attempt>,
}

impl Fallback {
    /// Returns the fallback as JSON text.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        fields.text("from", Some(&self.from));
        fields.text("to", Some(&self.to));
        fields.raw(
            "reason",
            Some(self.reason.as_deref().map_or("null".into(), json::quoted)),
        );
        fields.raw("attempts", Some(attempts_json(&self.attempts)));
        fields.finish()
    }
}

impl Route {
    /// Creates a route to `model`, without fallbacks.
    pub fn to(requested: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            requested: requested.into(),
            effective: model.into(),
            ..Self::default()
        }
    }

    /// Creates a route to `model` with the fallbacks in `chain`. At most `at_a_time` fallbacks are sent with a request.
    pub fn through(model: &str, mut chain: Vec<String>, at_a_time: usize) -> Self {
        let rest = chain.split_off(at_a_time.min(chain.len()));
        Self {
            fallbacks: chain,
            rest,
            ..Self::to(model, model)
        }
    }

    /// Returns the route of the next request, to the models that were not tried yet; `None` if there are none. At most
    /// `at_a_time` fallbacks are sent with a request.
    pub fn next(&self, at_a_time: usize) -> Option<Self> {
        let (effective, chain) = self.rest.split_first()?;
        let at_a_time = if refuses_fallbacks(effective) {
            0
        } else {
            at_a_time
        };
        Some(Self {
            requested: self.requested.clone(),
            failed: self.failed.clone(),
            only: self.only.clone(),
            first: Some(self.first().to_owned()),
            ..Self::through(effective, chain.to_vec(), at_a_time)
        })
    }

    /// Returns the models that the request names.
    pub fn sent_models(&self) -> Vec<String> {
        [&self.effective]
            .into_iter()
            .chain(&self.fallbacks)
            .cloned()
            .collect()
    }

    fn first(&self) -> &str {
        self.first.as_deref().unwrap_or(&self.effective)
    }

    /// Whether `provider`, which served the request, is not one of the providers in `only`.
    pub fn is_served_elsewhere(&self, provider: &str) -> bool {
        !self.only.is_empty() && !is_among(&self.only, provider)
    }

    /// Whether the request was sent to a router, which chose the model.
    pub fn auto_router_used(&self) -> bool {
        is_router(&self.effective)
    }

    /// Returns the fallback that led to the model `answered`, if there was one. The choice of a router is not a fallback.
    /// `metadata` is `openrouter_metadata` of the response.
    pub fn fallback(&self, answered: Option<&str>, metadata: Option<&str>) -> Option<Fallback> {
        let answered = answered?;
        if self.auto_router_used() || base(self.first()) == base(answered) {
            return None;
        }
        // A preset has a list of its own, and the API may fall back between dated versions of a model.
        let is_told = metadata.is_some_and(tells_fallback);
        let mut meant = self.first.iter().map(|_| &self.effective).chain(&self.fallbacks);
        // A router in the list answers with a model of its own choice, which the list does not name.
        if !is_told && !meant.any(|model| is_router(model) || same_model(model, answered)) {
            return None;
        }
        let attempts = self.attempts(metadata);
        let failed = attempts.iter().find(|attempt| attempt.reason.is_some());
        // `…-r1-0528` may be a dated version of `…-r1`, or another model of the list. Only a failed attempt shows that it is
        // the latter.
        if !is_told && same_model(self.first(), answered) && failed.is_none() {
            return None;
        }
        Some(Fallback {
            from: self.first().to_owned(),
            to: answered.to_owned(),
            reason: failed.and_then(|attempt| attempt.reason.clone()),
            attempts,
        })
    }

    /// Returns `completion` (a JSON object) with `_metadata` as its last field. `model` is the model that answered,
    /// `metadata` is `openrouter_metadata` of the response, and `stop_kind` is the finish reason that follows from the
    /// content of the answer. What the server has echoed of `secrets` is not in `_metadata`.
    pub fn annotate(
        &self,
        completion: &str,
        model: Option<&str>,
        metadata: Option<&str>,
        stop_kind: Option<&str>,
        secrets: &Secrets,
    ) -> String {
        let added = self.metadata_json(model, metadata, stop_kind);
        let added = secrets.scrub_values(&added);
        let body = completion.trim_end();
        let body = body.strip_suffix('}').unwrap_or(body).trim_end();
        let comma = if body.ends_with('{') { "" } else { "," };
        format!("{body}{comma}\"_metadata\":{added}}}")
    }

    fn metadata_json(&self, model: Option<&str>, metadata: Option<&str>, stop_kind: Option<&str>) -> String {
        let mut fields = ObjectWriter::new();
        fields.raw("autoRouterUsed", Some(self.auto_router_used().to_string()));
        fields.text("requestedModel", Some(&self.requested));
        fields.text("effectiveModel", Some(&self.effective));
        fields.raw("actualModelUsed", Some(model.map_or("null".into(), json::quoted)));
        fields.raw(
            "fallbackUsed",
            Some(self.fallback(model, metadata).is_some().to_string()),
        );
        fields.raw("attempts", Some(attempts_json(&self.attempts(metadata))));
        fields.text("stopKind", stop_kind);
        fields.finish()
    }

    /// Returns all attempts: the requests that failed, then the attempts that the API reports for the last request.
    fn attempts(&self, metadata: Option<&str>) -> Vec<Attempt> {
        let mut all = self.failed.clone();
        all.extend(attempts(metadata));
        all
    }
}

/// Whether `openrouter_metadata` says that a fallback answered.
fn tells_fallback(metadata: &str) -> bool {
    Object::parse(metadata).is_some_and(|metadata| metadata.string("strategy").as_deref() == Some("fallback"))
}

/// Returns the attempts that `openrouter_metadata` reports.
fn attempts(metadata: Option<&str>) -> Vec<Attempt> {
    let items = metadata
        .and_then(Object::parse)
        .and_then(|metadata| metadata.present("attempts"))
        .and_then(json::array)
        .unwrap_or_default();
    items
        .into_iter()
        .filter_map(Object::parse)
        .map(|attempt| {
            let status = attempt.number("status").map(|status| status as u16);
            let failed = status.is_some_and(|status| status >= 400);
            Attempt {
                model: attempt.string("model").map(Into::into),
                provider: attempt.string("provider").map(Into::into),
                status,
                reason: attempt
                    .string("error")
                    .or_else(|| attempt.string("reason"))
                    .map(Cow::into_owned)
                    .or_else(|| status.filter(|_| failed).map(|status| format!("HTTP {status}"))),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn router_ids_are_compared_as_a_whole() {
        for id in [
            "openrouter/auto",
            "openrouter/auto:online",
            "openrouter/free",
            "openrouter/fusion-flash",
        ] {
            assert!(is_router(id), "{id}");
        }
        for id in [
            "codex-auto-review",
            "x/auto",
            "auto",
            "openrouter/auto-x",
            "~anthropic/claude-latest",
            "@preset/auto",
        ] {
            assert!(!is_router(id), "{id}");
        }
        assert!(refuses_fallbacks("openrouter/auto"));
        assert!(!refuses_fallbacks("nvidia/switchyard"));
    }

    #[test]
    fn a_dated_version_is_not_a_fallback_but_a_listed_model_is() {
        let route = Route::through("openai/gpt-4o:nitro", vec!["openai/gpt-4o-mini".into()], 3);
        assert!(route.fallback(Some("openai/gpt-4o-2024-08-06"), None).is_none());
        assert!(route.fallback(Some("someone/else"), None).is_none());
        let told = r#"{"attempts":[{"provider":"OpenAI","model":"openai/gpt-4o","status":429},{"provider":"Azure","model":"openai/gpt-4o-mini","status":200}]}"#;
        let fallback = route.fallback(Some("openai/gpt-4o-mini"), Some(told)).unwrap();
        assert_eq!(fallback.reason.as_deref(), Some("HTTP 429"));
        assert_eq!(fallback.attempts.len(), 2);
        assert_eq!(fallback.attempts[1].reason, None);
    }

    #[test]
    fn a_listed_model_named_like_a_dated_version_is_a_fallback_only_after_a_failure() {
        let route = Route::through("d/r1", vec!["d/r1-0528".into()], 3);
        let told = |status| format!(r#"{{"attempts":[{{"model":"d/r1","status":{status}}}]}}"#);
        let used = |metadata: Option<&str>| route.fallback(Some("d/r1-0528"), metadata).is_some();
        assert!(used(Some(&told(503))));
        assert!(!used(Some(&told(200))));
        assert!(!used(None));
    }

    #[test]
    fn a_model_that_a_router_of_the_list_chose_is_a_fallback() {
        let route = Route::through("f/1", vec!["openrouter/auto".into()], 3);
        let fallback = route.fallback(Some("x/y"), None).unwrap();
        assert_eq!((fallback.from.as_str(), fallback.to.as_str()), ("f/1", "x/y"));
        assert!(route.fallback(Some("f/1-2025-01-02"), None).is_none());
    }

    #[test]
    fn a_fallback_that_the_api_reports_needs_no_list() {
        let told =
            |strategy| format!(r#"{{"strategy":"{strategy}","attempts":[{{"model":"a/b","status":503}}]}}"#);
        for (requested, answered) in [
            ("@preset/x", "c/d"),
            ("a/b-2025-01-01", "a/b-2024-06-01"),
            ("a/b", "a/b-2025-01-01"),
        ] {
            let route = Route::to(requested, requested);
            let fallback = route.fallback(Some(answered), Some(&told("fallback"))).unwrap();
            assert_eq!(
                (fallback.from.as_str(), fallback.to.as_str()),
                (requested, answered)
            );
            assert_eq!(fallback.reason.as_deref(), Some("HTTP 503"));
            assert!(
                route.fallback(Some(answered), Some(&told("direct"))).is_none(),
                "{requested}"
            );
        }
        assert!(
            Route::to("a/b", "a/b")
                .fallback(Some("a/b"), Some(&told("fallback")))
                .is_none()
        );
        let router = Route::to("openrouter/auto", "openrouter/auto");
        assert!(router.fallback(Some("a/b"), Some(&told("fallback"))).is_none());
    }

    #[test]
    fn a_router_that_begins_a_later_request_is_sent_without_fallbacks() {
        let chain = ["f/2", "f/3", "f/4", "openrouter/auto", "f/6"].map(String::from);
        let to_router = Route::through("f/1", chain.to_vec(), 3).next(3).unwrap();
        assert_eq!(to_router.effective, "openrouter/auto");
        assert!(to_router.fallbacks.is_empty());
        assert_eq!(to_router.next(3).unwrap().effective, "f/6");
    }

    #[test]
    fn the_fallback_chain_is_sent_in_groups_and_keeps_the_first_model() {
        let chain: Vec<String> = (1..=10).map(|n| format!("f/{n}")).collect();
        let mut route = Route::through("a/b", chain, 3);
        let mut groups = vec![(route.effective.clone(), route.fallbacks.len())];
        route.failed.push(Attempt {
            status: Some(503),
            reason: Some("full".into()),
            ..Attempt::default()
        });
        while let Some(next) = route.next(3) {
            groups.push((next.effective.clone(), next.fallbacks.len()));
            route = next;
        }
        assert_eq!(groups, [("a/b".into(), 3), ("f/4".into(), 3), ("f/8".into(), 2)]);
        for answered in ["f/8", "f/10"] {
            let fallback = route.fallback(Some(answered), None).unwrap();
            assert_eq!((fallback.from.as_str(), fallback.to.as_str()), ("a/b", answered));
            assert_eq!(fallback.reason.as_deref(), Some("full"));
        }
        assert!(
            route.fallback(Some("f/4"), None).is_none(),
            "f/4 is not part of the last request"
        );
    }
}
