//! Which model was asked, which one answered, and whether that was a router's choice or a fallback. Ids are compared
//! whole, never by a part of them: `codex-auto-review` is not a router (R2).

use crate::error::{Attempt, attempts_json};
use crate::json::{self, Fields, Object};

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
        let mut fields = Fields::new();
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
    /// Whether a router chose the model.
    pub fn auto_router_used(&self) -> bool {
        is_router(&self.effective)
    }

    /// The fallback that led to `answered`, if one did. `metadata` is the API's `openrouter_metadata`.
    pub fn fallback(&self, answered: Option<&str>, metadata: Option<&str>) -> Option<Fallback> {
        let answered = answered?;
        if self.auto_router_used() || same_model(&self.effective, answered) {
            return None;
        }
        if !self.fallbacks.iter().any(|model| same_model(model, answered)) {
            return None;
        }
        let attempts = attempts(metadata);
        let failed = attempts.iter().find(|attempt| attempt.reason.is_some());
        Some(Fallback {
            from: self.effective.clone(),
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
        own_attempts: &[Attempt],
    ) -> String {
        let added = self.metadata_json(model, metadata, stop_kind, own_attempts);
        let body = completion.trim_end();
        let body = body.strip_suffix('}').unwrap_or(body).trim_end();
        let comma = if body.ends_with('{') { "" } else { "," };
        format!("{body}{comma}\"_metadata\":{added}}}")
    }

    fn metadata_json(
        &self,
        model: Option<&str>,
        metadata: Option<&str>,
        stop_kind: Option<&str>,
        own_attempts: &[Attempt],
    ) -> String {
        let mut told = own_attempts.to_vec();
        told.extend(attempts(metadata));
        let mut fields = Fields::new();
        fields.raw("autoRouterUsed", Some(self.auto_router_used().to_string()));
        fields.text("requestedModel", Some(&self.requested));
        fields.text("effectiveModel", Some(&self.effective));
        fields.raw("actualModelUsed", Some(model.map_or("null".into(), json::quoted)));
        fields.raw(
            "fallbackUsed",
            Some(self.fallback(model, metadata).is_some().to_string()),
        );
        fields.raw("attempts", Some(attempts_json(&told)));
        fields.text("stopKind", stop_kind);
        fields.finish()
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
                    .map(Into::into)
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
        let route = Route {
            requested: "openai/gpt-4o:nitro".into(),
            effective: "openai/gpt-4o:nitro".into(),
            fallbacks: vec!["openai/gpt-4o-mini".into()],
        };
        assert!(route.fallback(Some("openai/gpt-4o-2024-08-06"), None).is_none());
        assert!(route.fallback(Some("someone/else"), None).is_none());
        let told = r#"{"attempts":[{"provider":"OpenAI","model":"openai/gpt-4o","status":429},{"provider":"Azure","model":"openai/gpt-4o-mini","status":200}]}"#;
        let fallback = route.fallback(Some("openai/gpt-4o-mini"), Some(told)).unwrap();
        assert_eq!(fallback.reason.as_deref(), Some("HTTP 429"));
        assert_eq!(fallback.attempts.len(), 2);
        assert_eq!(fallback.attempts[1].reason, None);
    }
}
