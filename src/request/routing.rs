//! Which model was asked, which one answered, and whether that was a router's choice or a fallback. Ids are compared
//! whole, never by a part of them: `codex-auto-review` is not a router (R2).

use crate::error::{Attempt, attempts_json};
use crate::json::{self, Object, ObjectWriter};
use crate::request::provider::is_among;
use crate::secret::redact;

/// The id that `autoRouter: true` sends.
pub const AUTO: &str = "openrouter/auto";

/// Ids that choose another model to answer (openrouter.ai/docs, guides/routing/routers).
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

/// A router whose candidates stand in `models`, so that they must be sent along.
const SWITCHYARD: &str = "nvidia/switchyard";

/// Suffixes that say how to route and that no answer repeats (openrouter.ai/docs, guides/routing/model-variants).
const ROUTING_SUFFIXES: &[&str] = &["nitro", "floor", "exacto", "online"];

/// Whether `model` is the id of a router.
pub fn is_router(model: &str) -> bool {
    ROUTERS.contains(&base(model))
}

/// Whether `model` takes no fallback list.
pub fn refuses_fallbacks(model: &str) -> bool {
    is_router(model) && base(model) != SWITCHYARD
}

/// `model` without its routing suffixes.
fn base(model: &str) -> &str {
    let mut model = model;
    while let Some((rest, suffix)) = model.rsplit_once(':') {
        if !ROUTING_SUFFIXES.contains(&suffix) {
            break;
        }
        model = rest;
    }
    model
}

/// Whether `answered` is what `asked` names: the same id, or its dated edition.
fn same_model(asked: &str, answered: &str) -> bool {
    let (asked, answered) = (base(asked), base(answered));
    answered == asked
        || answered.strip_prefix(asked).is_some_and(|rest| {
            rest.strip_prefix('-')
                .is_some_and(|date| date.starts_with(|c: char| c.is_ascii_digit()))
        })
}

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// The model that the caller named.
    pub requested: String,
    /// The model that was sent.
    pub effective: String,
    /// The fallbacks that were sent with it.
    pub fallbacks: Vec<String>,
    /// Those that are sent once all these have failed.
    pub rest: Vec<String>,
    /// The requests that failed before this one.
    pub failed: Vec<Attempt>,
    /// The providers that may serve it; empty is any.
    pub only: Vec<String>,
    /// The model that was sent first.
    first: Option<String>,
}

/// A fallback that took place.
#[derive(Debug, Clone)]
pub struct Fallback {
    /// The model that was asked.
    pub from: String,
    /// The model that answered.
    pub to: String,
    /// Why, where the API told.
    pub reason: Option<String>,
    /// Each step, where the API told.
    pub attempts: Vec<Attempt>,
}

impl Fallback {
    /// As JSON text.
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
    /// To `model` alone.
    pub fn to(requested: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            requested: requested.into(),
            effective: model.into(),
            ..Self::default()
        }
    }

    /// To `model`, then to those of `chain`, `at_a_time` of which go with a request.
    pub fn through(model: &str, mut chain: Vec<String>, at_a_time: usize) -> Self {
        let rest = chain.split_off(at_a_time.min(chain.len()));
        Self {
            fallbacks: chain,
            rest,
            ..Self::to(model, model)
        }
    }

    /// On to the models that were not asked yet, if there are any; `at_a_time` go with a request.
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

    fn first(&self) -> &str {
        self.first.as_deref().unwrap_or(&self.effective)
    }

    /// Whether `provider`, which has served it, is none of those that may (R4).
    pub fn is_served_elsewhere(&self, provider: &str) -> bool {
        !self.only.is_empty() && !is_among(&self.only, provider)
    }

    /// Whether a router chose the model.
    pub fn auto_router_used(&self) -> bool {
        is_router(&self.effective)
    }

    /// The fallback that led to `answered`, if one did. `metadata` is the API's `openrouter_metadata`.
    pub fn fallback(&self, answered: Option<&str>, metadata: Option<&str>) -> Option<Fallback> {
        let answered = answered?;
        if self.auto_router_used() || base(self.first()) == base(answered) {
            return None;
        }
        let mut meant = self.first.iter().map(|_| &self.effective).chain(&self.fallbacks);
        if !meant.any(|model| same_model(model, answered)) {
            return None;
        }
        let attempts = self.attempts(metadata);
        let failed = attempts.iter().find(|attempt| attempt.reason.is_some());
        // `…-r1-0528` may be an edition of `…-r1`, or a model by itself that was listed too: only a failure tells.
        if same_model(self.first(), answered) && failed.is_none() {
            return None;
        }
        Some(Fallback {
            from: self.first().to_owned(),
            to: answered.to_owned(),
            reason: failed.and_then(|attempt| attempt.reason.clone()),
            attempts,
        })
    }

    /// `completion` (a JSON object) by `model` with `_metadata` as its last field. `metadata` is the API's
    /// `openrouter_metadata`, `stop_kind` what the answer itself says of its end (T3).
    pub fn annotate(
        &self,
        completion: &str,
        model: Option<&str>,
        metadata: Option<&str>,
        stop_kind: Option<&str>,
    ) -> String {
        let added = self.metadata_json(model, metadata, stop_kind);
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

    /// Each step: the requests that failed, then what the API tells of the last one.
    fn attempts(&self, metadata: Option<&str>) -> Vec<Attempt> {
        let mut all = self.failed.clone();
        all.extend(attempts(metadata));
        all
    }
}

/// The attempts that `openrouter_metadata` tells of.
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
                    .map(|reason| redact(&reason).into_owned())
                    .or_else(|| status.filter(|_| failed).map(|status| format!("HTTP {status}"))),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn router_ids_are_exact_r2() {
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
    fn a_dated_edition_is_no_fallback_and_a_listed_model_is() {
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
    fn a_listed_model_that_looks_like_an_edition_of_the_first_is_a_fallback_once_that_has_failed() {
        let route = Route::through("d/r1", vec!["d/r1-0528".into()], 3);
        let told = |status| format!(r#"{{"attempts":[{{"model":"d/r1","status":{status}}}]}}"#);
        let used = |metadata: Option<&str>| route.fallback(Some("d/r1-0528"), metadata).is_some();
        assert!(used(Some(&told(503))));
        assert!(!used(Some(&told(200))));
        assert!(!used(None));
    }

    #[test]
    fn a_router_in_the_chain_is_sent_without_fallbacks() {
        let chain = ["f/2", "f/3", "f/4", "openrouter/auto", "f/6"].map(String::from);
        let to_router = Route::through("f/1", chain.to_vec(), 3).next(3).unwrap();
        assert_eq!(to_router.effective, "openrouter/auto");
        assert!(to_router.fallbacks.is_empty());
        assert_eq!(to_router.next(3).unwrap().effective, "f/6");
    }

    #[test]
    fn r3_the_chain_goes_on_in_groups_and_remembers_where_it_began() {
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
            "it was not asked this time"
        );
    }
}
