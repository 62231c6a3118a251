//! What to say when the API does not know a model: the id in the cached list that is nearest to it. The list is never
//! requested for this.

use std::borrow::Cow;

use super::{Account, MODELS, ModelList};
use crate::error::{Error, ErrorKind};
use crate::json::{self, Object};
use crate::nearest::nearest;
use crate::request::routing;
use crate::runtime;

/// Where the ids are, if none resembles the unknown one, or if there is no list.
const WHERE_TO_LOOK: &str = "getModels() lists the ids, as does `npx openrouter-native models --search`.";
/// The longest id that is taken from a message, in bytes.
const MAX_ID: usize = 128;

/// Adds to an error about a model that the API does not know which id was probably meant. `sent` is the model of the request.
pub async fn explain(error: &mut Error, account: &Account, sent: &str) {
    let Some((id, is_certain)) = unknown_in(error, sent) else {
        return;
    };
    let advice = match MODELS.last(account) {
        // The list has about a megabyte.
        Some(list) => {
            let search = move || advice_from(&list, &id);
            runtime::off_thread_if_large(usize::MAX, search)
                .await
                .ok()
                .flatten()
        }
        None => is_certain.then(|| WHERE_TO_LOOK.to_owned()),
    };
    if let Some(advice) = advice {
        let message = &mut error.details_mut().message;
        if !message.ends_with(['.', '?', '!']) {
            message.push('.');
        }
        message.push(' ');
        message.push_str(&advice);
    }
}

/// Returns the model that an error says is unknown, and whether it says so for certain: "No endpoints found for" a model is
/// also the answer if the limits of the request exclude all of its endpoints.
fn unknown_in(error: &Error, sent: &str) -> Option<(String, bool)> {
    let details = error.details();
    if !matches!(details.status, Some(400 | 404)) {
        return None;
    }
    let message = details.message.as_str();
    let named = |id: &str| {
        let id = id.trim_matches(['"', '\'', '`', '.', ',']);
        match id.is_empty() || id.len() > MAX_ID {
            true => sent.to_owned(),
            false => id.to_owned(),
        }
    };
    if let Some((before, _)) = message.split_once(" is not a valid model") {
        return Some((named(before.rsplit(' ').next()?), true));
    }
    if let Some(after) = message.strip_prefix("No endpoints found for ") {
        return Some((named(after.split(' ').next()?), false));
    }
    let words = message.to_ascii_lowercase();
    let says_so = words.contains("model")
        && ["does not exist", "not found"]
            .iter()
            .any(|said| words.contains(said));
    let is_certain = details.error_type.as_deref() == Some("model_not_found") || says_so;
    (is_certain && error.kind() != ErrorKind::NoEndpoints).then(|| (sent.to_owned(), true))
}

/// Returns the advice for an id that the API does not know; `None` if the list has that id, so that it is not misspelt.
fn advice_from(list: &ModelList, id: &str) -> Option<String> {
    let ids = ids_in(list)?;
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    let base = routing::base(id);
    if ids.contains(&base) {
        return None;
    }
    let suffix = id.strip_prefix(base).unwrap_or_default();
    Some(match nearest_id(base, &ids) {
        Some(near) => format!("Did you mean {near}{suffix}?"),
        None => WHERE_TO_LOOK.to_owned(),
    })
}

fn ids_in(list: &ModelList) -> Option<Vec<Cow<'_, str>>> {
    let models = json::array(&list.text)?;
    Some(
        models
            .into_iter()
            .filter_map(|model| Object::parse(model)?.string("id"))
            .collect(),
    )
}

/// Returns the id that is nearest to `given`, which may lack the vendor, name another one, have a variant that the model does
/// not have, or the date that ids of vendors have.
fn nearest_id<'a>(given: &str, ids: &[&'a str]) -> Option<&'a str> {
    let find = |known: &str| ids.iter().copied().find(|id| *id == known);
    let by_name = |given: &str| {
        let name = name_of(given);
        let near = nearest(name, ids.iter().map(|id| name_of(id)))?;
        ids.iter().copied().find(|id| name_of(id) == near)
    };
    let by_spelling = |given: &str| match given.contains('/') {
        true => nearest(given, ids.iter().copied()).or_else(|| by_name(given)),
        false => by_name(given),
    };
    given
        .rsplit_once(':')
        .and_then(|(without_variant, _)| find(without_variant))
        .or_else(|| by_spelling(given))
        .or_else(|| by_spelling(without_date(given)?))
}

/// Returns an id without its vendor.
fn name_of(id: &str) -> &str {
    id.split_once('/').map_or(id, |(_, name)| name)
}

/// Returns an id without the date or `latest` at its end, as in `claude-3-5-sonnet-20241022`; `None` if it has neither.
fn without_date(id: &str) -> Option<&str> {
    let without = id.strip_suffix("-latest").unwrap_or(id);
    let without = without.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let cut = id.len() - without.len();
    (cut >= "-latest".len()).then_some(without)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: &[&str] = &[
        "openrouter/auto",
        "openai/gpt-5",
        "openai/gpt-5-mini",
        "openai/gpt-5:free",
        "openai/gpt-4o-mini",
        "anthropic/claude-sonnet-4.5",
        "anthropic/claude-3.5-sonnet",
        "meta-llama/llama-3.3-70b-instruct",
        "meta-llama/llama-3.3-70b-instruct:free",
    ];

    fn advice(id: &str) -> Option<String> {
        let models: Vec<String> = IDS.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let list = ModelList::from_body(&format!(r#"{{"data":[{}]}}"#, models.join(","))).unwrap();
        advice_from(&list, id)
    }

    #[test]
    fn the_id_that_was_probably_meant_is_named() {
        for (given, meant) in [
            ("gpt-5-mini", "openai/gpt-5-mini"),
            ("GPT-5-mini", "openai/gpt-5-mini"),
            ("openai/gpt-5-mni", "openai/gpt-5-mini"),
            ("openai/gpt5mini", "openai/gpt-5-mini"),
            ("google/gpt-5-mini", "openai/gpt-5-mini"),
            ("auto", "openrouter/auto"),
            ("openai/gpt-5-mini:free", "openai/gpt-5-mini"),
            ("gpt-5-mini:nitro", "openai/gpt-5-mini:nitro"),
            ("openai/gpt-5-mni:nitro:online", "openai/gpt-5-mini:nitro:online"),
            (
                "llama-3.3-70b-instruct:free",
                "meta-llama/llama-3.3-70b-instruct:free",
            ),
            ("anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4.5"),
            ("claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet"),
            ("claude-3-5-sonnet-latest", "anthropic/claude-3.5-sonnet"),
            ("gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
        ] {
            assert_eq!(advice(given), Some(format!("Did you mean {meant}?")), "{given}");
        }
    }

    #[test]
    fn an_id_that_resembles_none_gets_the_place_of_the_list_and_a_known_one_nothing() {
        assert_eq!(advice("nobody/nothing").as_deref(), Some(WHERE_TO_LOOK));
        assert_eq!(advice("").as_deref(), Some(WHERE_TO_LOOK));
        for known in IDS {
            assert_eq!(advice(known), None);
            assert_eq!(advice(&format!("{known}:nitro")), None);
        }
    }

    #[test]
    fn only_an_error_about_the_model_names_an_unknown_one() {
        let unknown = |status: u16, kind: ErrorKind, message: &str| {
            let mut error = Error::new(kind, message);
            error.details_mut().status = Some(status);
            unknown_in(&error, "sent/model")
        };
        let (invalid, absent, limited) = (
            ErrorKind::InvalidRequest,
            ErrorKind::NotFound,
            ErrorKind::NoEndpoints,
        );
        for (status, kind, message, id, is_certain) in [
            (400, invalid, "a/b is not a valid model ID", "a/b", true),
            (400, invalid, "Model 'a/b' is not a valid model", "a/b", true),
            (404, limited, "No endpoints found for a/b.", "a/b", false),
            (404, absent, "The model `a/b` does not exist", "sent/model", true),
            (404, absent, "model: a/b not found", "sent/model", true),
        ] {
            assert_eq!(
                unknown(status, kind, message),
                Some((id.to_owned(), is_certain)),
                "{message}"
            );
        }
        for (status, kind, message) in [
            (404, limited, "No endpoints found that support tool use."),
            (404, absent, "Generation not found"),
            (400, invalid, "temperature must be at most 2"),
            (502, ErrorKind::ProviderError, "a/b is not a valid model ID"),
        ] {
            assert_eq!(unknown(status, kind, message), None, "{message}");
        }
    }
}
