//! The field `provider` of a request, which says which providers may serve it (openrouter.ai/docs,
//! guides/routing/provider-selection). It is sent as the caller wrote it, with two exceptions: the privacy settings are
//! added, and limits that OpenRouter would silently ignore are refused.

use super::refuse;
use crate::error::Error;
use crate::error::unknown::shown;
use crate::json::{self, Object};
use crate::nearest::nearest;
use crate::request::privacy::{Floors, PROVIDER};

/// The fields of `provider` that limit which endpoints may serve a request. They are refused at the top level of a request,
/// where OpenRouter ignores them. The error "No endpoints found" lists those that were sent.
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

/// The other fields of `provider` that OpenRouter knows.
const PREFERENCES: &[&str] = &[
    "options",
    "sort",
    "preferred_min_throughput",
    "preferred_max_latency",
];

/// The privacy settings among them.
const FLOORS: [&str; 2] = ["zdr", "data_collection"];

/// What a request demands of its providers.
#[derive(Debug, Default)]
pub struct Provider {
    /// The JSON object that is sent instead of the caller's, if privacy settings were added to it.
    pub merged: Option<String>,
    /// The limits in force, as text: `provider.zdr=true, provider.only=["groq"]`.
    pub limits: Option<String>,
    /// The providers that may serve the request; empty means any.
    pub only: Vec<String>,
}

impl Provider {
    /// Reads the field `provider` of `body`, and adds the privacy settings to it. Unknown fields lead to a warning. A limit
    /// at the top level of `body`, or an empty `only`, is an error.
    pub fn read(body: &Object<'_>, floors: Floors, warnings: &mut Vec<String>) -> Result<Self, Error> {
        if let Some(name) = LIMITS.iter().find(|name| body.present(name).is_some()) {
            return Err(refuse(format!(
                "{name} belongs into provider: {{ \"{name}\": … }}. At the top of a request OpenRouter does not see it."
            )));
        }
        let given = match body.present("provider") {
            None => Object::default(),
            Some(text) => Object::parse(text).ok_or_else(|| refuse(PROVIDER))?,
        };
        if given
            .present("zdr")
            .is_some_and(|zdr| zdr != "true" && zdr != "false")
        {
            return Err(refuse("provider.zdr must be true or false."));
        }
        let unknown: Vec<&str> = given
            .entries()
            .map(|(name, _)| name)
            .filter(|name| !LIMITS.contains(name) && !PREFERENCES.contains(name))
            .collect();
        // A misspelt privacy setting would leave the request without protection.
        if let Some((name, floor)) = unknown
            .iter()
            .find_map(|name| Some((name, nearest(name, FLOORS)?)))
        {
            return Err(refuse(format!(
                "provider.{} is no preference of OpenRouter, so nothing was sent. Did you mean provider.{floor}?",
                shown(name)
            )));
        }
        if !unknown.is_empty() {
            warnings.push(format!(
                "provider has fields that OpenRouter may not know: {}",
                unknown.join(", ")
            ));
        }
        let only = only(&given)?;
        let mut all = given;
        floors.set_in(&mut all);
        Ok(Self {
            merged: floors.any().then(|| all.to_json()),
            limits: limits(&all),
            only,
        })
    }
}

/// Whether `served`, the provider name in a response, can be one of the slugs in `only`. Responses contain display names
/// (`Amazon Bedrock`), so only letters and digits are compared, the region or tier of a slug (`google-vertex/eu`) is
/// ignored, and one of the two may be a prefix of the other.
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

/// Returns the providers of `only`. An empty list is an error, because OpenRouter would treat it as no limit.
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
    fn a_slug_matches_the_display_name_of_its_provider() {
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
