//! `provider`: which providers may serve a request (openrouter.ai/docs, guides/routing/provider-selection). OpenRouter
//! takes it as it is; what is read here is what must not be lost in silence: privacy, and limits that limit nothing (R4).

use super::refuse;
use crate::error::Error;
use crate::json::{self, Object};

/// Limits of routing: they stand in `provider` and nowhere else, and are worth naming when no endpoint is left (E5).
const LIMITS: &[&str] = &[
    "only",
    "ignore",
    "order",
    "allow_fallbacks",
    "require_parameters",
    "data_collection",
    "zdr",
    "quantizations",
    "max_price",
    "enforce_distillable_text",
];

/// What else it may hold.
const PREFERENCES: &[&str] = &["sort", "preferred_min_throughput", "preferred_max_latency"];

/// What a request says of its providers.
#[derive(Debug, Default)]
pub struct Provider {
    /// The JSON object that is sent in place of the caller's, where privacy was merged into it.
    pub merged: Option<String>,
    /// The limits in force, as words: `provider.zdr=true, provider.only=["groq"]`.
    pub limits: Option<String>,
    /// The providers that may serve it; empty is any.
    pub only: Vec<String>,
}

impl Provider {
    /// Reads `body`, into whose `provider` the privacy floors are to be merged.
    pub fn read(
        body: &Object<'_>,
        zdr: bool,
        deny_data_collection: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Error> {
        if let Some(name) = LIMITS.iter().find(|name| body.present(name).is_some()) {
            return Err(refuse(format!(
                "{name} belongs into provider: {{ \"{name}\": … }}. At the top of a request OpenRouter does not see it."
            )));
        }
        let given = match body.present("provider") {
            None => Object::default(),
            Some(text) => Object::parse(text)
                .ok_or_else(|| refuse("provider must be an object such as { \"zdr\": true }."))?,
        };
        let unknown: Vec<&str> = given
            .entries()
            .map(|(name, _)| name)
            .filter(|name| !LIMITS.contains(name) && !PREFERENCES.contains(name))
            .collect();
        if !unknown.is_empty() {
            warnings.push(format!(
                "provider has fields that OpenRouter may not know: {}",
                unknown.join(", ")
            ));
        }
        let only = only(&given)?;
        let merged = merge(given.clone(), zdr, deny_data_collection);
        let limits = match merged.as_deref() {
            Some(merged) => Object::parse(merged).and_then(|all| limits(&all)),
            None => limits(&given),
        };
        Ok(Self { merged, limits, only })
    }
}

/// Whether `served`, the name that an answer shows, can be one of the slugs in `only`. Names are written for people
/// (`Amazon Bedrock`), so letters and digits are compared, and a region or a tier is left aside (`google-vertex/eu`).
pub fn is_among(only: &[String], served: &str) -> bool {
    let served = letters(served);
    only.iter().any(|slug| {
        let slug = letters(slug.split('/').next().unwrap_or(slug));
        slug.starts_with(&served) || served.starts_with(&slug)
    })
}

fn letters(name: &str) -> String {
    let kept = name.chars().filter(|letter| letter.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// The providers of `only`. A list of none is refused: OpenRouter would take it for no limit.
fn only(provider: &Object<'_>) -> Result<Vec<String>, Error> {
    let Some(text) = provider.present("only") else {
        return Ok(Vec::new());
    };
    let slugs: Vec<String> = json::array(text)
        .unwrap_or_default()
        .into_iter()
        .filter_map(json::string)
        .map(|slug| slug.trim().to_owned())
        .filter(|slug| !slug.is_empty())
        .collect();
    match slugs.is_empty() {
        true => Err(refuse(
            "provider.only names no provider. Give it slugs such as [\"groq\"], or leave it out.",
        )),
        false => Ok(slugs),
    }
}

/// `provider` with the privacy floors in it, where there are any.
fn merge(mut provider: Object<'_>, zdr: bool, deny_data_collection: bool) -> Option<String> {
    if zdr {
        provider.set("zdr", "true");
    }
    if deny_data_collection {
        provider.set("data_collection", "\"deny\"");
    }
    (zdr || deny_data_collection).then(|| provider.to_json())
}

fn limits(provider: &Object<'_>) -> Option<String> {
    let words: Vec<String> = LIMITS
        .iter()
        .filter_map(|name| Some(format!("provider.{name}={}", provider.present(name)?)))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r4_a_served_provider_is_known_by_its_name_for_people() {
        let only = |slugs: &[&str]| slugs.iter().map(|slug| (*slug).to_owned()).collect::<Vec<_>>();
        for (slug, served) in [
            ("openai", "OpenAI"),
            ("amazon-bedrock", "Amazon Bedrock"),
            ("google-vertex/eu", "Google"),
            ("deepinfra/fp4", "DeepInfra"),
            ("z-ai", "Z.AI"),
        ] {
            assert!(is_among(&only(&["x", slug]), served), "{slug} {served}");
        }
        assert!(!is_among(&only(&["groq", "cerebras"]), "OpenAI"));
    }
}
