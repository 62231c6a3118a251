//! The privacy settings that a request must keep: zero data retention (`zdr`) and no data collection. One table says what
//! each endpoint makes of them. Chats of a client, requests of `fetch` and `explainPrivacy` go by it, so that nothing with a
//! prompt leaves without the protection that was asked for.

use std::borrow::Cow;

use bytes::Bytes;

use super::refuse;
use crate::error::{Error, ErrorKind};
use crate::json::{self, Object, ObjectWriter};
use crate::request::endpoint::{CHAT, Endpoint};
use crate::request::uncovered;

/// What an endpoint makes of the field `provider`, in which the settings are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    /// It keeps the settings in it.
    Keeps,
    /// It cannot keep them, for this reason.
    Cannot(&'static str),
}

use Treatment::{Cannot, Keeps};

const OWN_PREFERENCES: &str = "its provider preferences have no privacy settings";
const CREATES_PRESET: &str = "it stores its body as a preset, it is not a chat";
const UNKNOWN: &str = "it is not known to keep privacy settings";

/// What the endpoints that take a prompt make of the settings, by OpenRouter's API reference of November 2026. A path that
/// ends in `/` stands for all below it. A path that is not listed is [`UNKNOWN`].
#[rustfmt::skip]
const ENDPOINTS: &[(&str, Treatment)] = &[
    (CHAT, Keeps),
    ("/responses", Keeps),
    ("/messages", Keeps),
    ("/embeddings", Keeps),
    ("/rerank", Keeps),
    ("/audio/speech", Keeps),
    ("/audio/transcriptions", Keeps),
    ("/api/alpha/decisions", Keeps),
    ("/api/alpha/extractions", Cannot(UNKNOWN)),
    ("/completions", Cannot(UNKNOWN)),
    ("/images/", Cannot(OWN_PREFERENCES)),
    ("/videos/", Cannot("videos are never generated with zero data retention")),
    ("/batches/", Cannot("its results are kept for 30 days")),
    ("/api/beta/batches/", Cannot("its results are kept for 30 days")),
    ("/presets/", Cannot(CREATES_PRESET)),
    ("/interns/", Cannot("it is not the endpoint of chats")),
];

/// Privacy settings that a request must keep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Floors {
    /// Whether zero data retention is required.
    pub zdr: bool,
    /// Whether providers that store or train on prompts are excluded.
    pub deny_data_collection: bool,
}

impl Floors {
    /// Reads the settings among the parameters of a request: `zdr`, `dataCollection`, and those in `provider`.
    pub fn of(parameters: &Object<'_>) -> Result<Self, Error> {
        let provider = parameters.object("provider").unwrap_or_default();
        let collection = provider.string("data_collection");
        let own = Self {
            zdr: switch(parameters, "zdr")? == Some(true),
            deny_data_collection: denies(parameters)?,
        };
        Ok(own.and(Self {
            zdr: provider.get("zdr") == Some("true"),
            deny_data_collection: collection.as_deref() == Some("deny"),
        }))
    }

    /// Returns the settings that are in force if these and `others` are.
    pub fn and(self, others: Self) -> Self {
        Self {
            zdr: self.zdr || others.zdr,
            deny_data_collection: self.deny_data_collection || others.deny_data_collection,
        }
    }

    /// Whether a setting is in force.
    pub fn any(self) -> bool {
        self.zdr || self.deny_data_collection
    }

    /// Writes the settings into the field `provider` of a request.
    pub fn set_in(self, provider: &mut Object<'_>) {
        if self.zdr {
            provider.set("zdr", "true");
        }
        if self.deny_data_collection {
            provider.set("data_collection", "\"deny\"");
        }
    }

    /// The settings as a user writes them.
    pub fn words(self) -> &'static str {
        match (self.zdr, self.deny_data_collection) {
            (true, false) => "zdr",
            (false, true) => "dataCollection: 'deny'",
            _ => "zdr and dataCollection: 'deny'",
        }
    }

    fn to_json(self) -> String {
        let collection = if self.deny_data_collection {
            "\"deny\""
        } else {
            "null"
        };
        format!(r#"{{"zdr":{},"dataCollection":{collection}}}"#, self.zdr)
    }
}

/// Returns a switch of a request; `None` if absent. Any value but true and false is an error, so that a mistyped privacy
/// setting is not ignored.
pub fn switch(given: &Object<'_>, name: &str) -> Result<Option<bool>, Error> {
    match given.present(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(refuse(format!("{name} must be true or false."))),
    }
}

fn denies(given: &Object<'_>) -> Result<bool, Error> {
    match (given.present("dataCollection"), given.string("dataCollection")) {
        (None, _) => Ok(false),
        (_, Some(text)) if text == "deny" => Ok(true),
        (_, Some(text)) if text == "allow" => Ok(false),
        _ => Err(refuse("dataCollection must be 'deny' or 'allow'.")),
    }
}

/// Returns what `endpoint` makes of the settings.
fn treatment(endpoint: &Endpoint) -> Treatment {
    let Some(path) = endpoint.path() else {
        return Cannot("its address is unclear");
    };
    match listed(path) {
        Some(Keeps) if endpoint.method() != "POST" => Cannot(UNKNOWN),
        Some(treatment) => treatment,
        None => Cannot(UNKNOWN),
    }
}

/// Whether `endpoint` is known to take a prompt, for which a model is paid.
pub fn takes_prompt(endpoint: &Endpoint) -> bool {
    endpoint.path().is_some_and(|path| listed(path).is_some())
}

/// Returns what the endpoint at `path` makes of the settings; `None` if it is not known.
fn listed(path: &str) -> Option<Treatment> {
    let is_at = |known: &str| match known.strip_suffix('/') {
        Some(parent) => path == parent || path.starts_with(known),
        None => path == known,
    };
    let (_, treatment) = ENDPOINTS.iter().find(|(known, _)| is_at(known))?;
    Some(*treatment)
}

/// The error for a request to `endpoint` that cannot keep the settings.
pub fn refused(endpoint: &Endpoint, floors: Floors, reason: &str) -> Error {
    not_possible(floors, &endpoint.name(), reason)
}

fn not_possible(floors: Floors, what: &str, reason: &str) -> Error {
    Error::new(
        ErrorKind::PrivacyNotPossible,
        format!(
            "{what} cannot keep {}: {reason}. Nothing was sent. Send it without the setting if its data may be kept.",
            floors.words()
        ),
    )
}

/// The body of a request, before it is protected.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether the bytes are encoded (`Content-Encoding`), so that they cannot be read.
    pub is_encoded: bool,
}

/// Returns the parameters in a body; `None` if it is not a JSON object in plain UTF-8. Text with a byte order mark is not
/// valid JSON, but a server may accept it, so the settings must be added to it, too.
pub fn parameters(bytes: &[u8]) -> Option<Object<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    Object::parse(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

/// Returns the settings that are in force for a request, those of its body beside `floors`, and the body with the settings
/// in it; `None` if it is to be sent as it is.
///
/// # Errors
/// If the request cannot keep the settings.
pub fn protected(
    endpoint: &Endpoint,
    floors: Floors,
    body: Body<'_>,
) -> Result<(Floors, Option<Bytes>), Error> {
    let parameters = parameters(body.bytes).filter(|_| !body.is_encoded);
    let floors = match &parameters {
        Some(parameters) => floors.and(Floors::of(parameters)?),
        None => floors,
    };
    if !floors.any() || !endpoint.can_carry_prompt(!body.bytes.is_empty()) {
        return Ok((floors, None));
    }
    if let Cannot(reason) = treatment(endpoint) {
        return Err(refused(endpoint, floors, reason));
    }
    let Some(mut parameters) = parameters else {
        // An empty body carries no prompt, and the API says what is missing.
        return match body.bytes.is_empty() {
            true => Ok((floors, None)),
            false => Err(refused(endpoint, floors, UNREADABLE)),
        };
    };
    check_presets(&parameters, floors)?;
    let mut provider = match parameters.present("provider") {
        None => Object::default(),
        Some(text) => Object::parse(text).ok_or_else(|| refuse(PROVIDER))?,
    };
    floors.set_in(&mut provider);
    let provider = provider.to_json();
    parameters.remove("zdr");
    parameters.remove("dataCollection");
    parameters.set("provider", &provider);
    Ok((floors, Some(parameters.to_json().into())))
}

/// Why a body cannot be protected.
pub const UNREADABLE: &str =
    "its body is not a JSON object in plain UTF-8, into which the setting can be written";
/// The words for a field `provider` that is no object.
pub const PROVIDER: &str = "provider must be an object such as { \"zdr\": true }.";

/// Refuses presets: the field `provider` of a request replaces that of its preset as a whole, with the limits in it.
pub fn check_presets(body: &Object<'_>, floors: Floors) -> Result<(), Error> {
    match preset_in(body) {
        Some(preset) if floors.any() => Err(not_possible(
            floors,
            &format!("The preset {preset}"),
            "a setting in the request replaces all provider settings of the preset, which may be stricter. Write the \
             preset's parameters into the request instead",
        )),
        _ => Ok(()),
    }
}

/// Returns the preset that a request names.
pub fn preset_in<'a>(body: &Object<'a>) -> Option<Cow<'a, str>> {
    let models = body.present("models").and_then(json::array).unwrap_or_default();
    let models = models.into_iter().filter_map(json::string);
    let mut named = body.string("model").into_iter().chain(models);
    named
        .find(|model| model.contains("@preset/"))
        .or_else(|| body.string("preset"))
}

/// Explains what would happen to a request under `floors`, as a JSON object `{ endpoint, floors, action, reason, body?,
/// uncovered }`. Nothing is sent.
pub fn explain(endpoint: &Endpoint, floors: Floors, body: Body<'_>) -> String {
    let parameters = parameters(body.bytes).filter(|_| !body.is_encoded);
    let own = parameters
        .as_ref()
        .and_then(|parameters| Floors::of(parameters).ok());
    let floors = floors.and(own.unwrap_or_default());
    let mut sent = None;
    let (action, reason) = match protected(endpoint, floors, body) {
        Err(error) => ("refuse", error.to_string()),
        Ok((floors, None)) if !floors.any() => ("pass", "No privacy setting is in force.".into()),
        Ok((_, None)) => ("pass", "The request carries no prompt.".into()),
        Ok((_, Some(bytes))) => {
            sent = String::from_utf8(bytes.to_vec()).ok();
            let words = floors.words();
            (
                "merge",
                format!("{} keeps {words}, which is sent in provider.", endpoint.name()),
            )
        }
    };
    let uncovered: Vec<String> = match (&parameters, floors.any()) {
        (Some(parameters), true) => uncovered::parts_of(parameters)
            .iter()
            .map(|(what, _)| json::quoted(what))
            .collect(),
        _ => Vec::new(),
    };
    let mut fields = ObjectWriter::new();
    fields.text("endpoint", Some(&endpoint.name()));
    fields.raw("floors", Some(floors.to_json()));
    fields.text("action", Some(action));
    fields.text("reason", Some(&reason));
    fields.raw("uncovered", Some(format!("[{}]", uncovered.join(","))));
    fields.raw("body", sent);
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_written_into_provider_against_its_own_values() {
        let endpoint = Endpoint::of("POST", "https://openrouter.ai/api/v1/responses", None);
        let floors = Floors {
            zdr: true,
            deny_data_collection: true,
        };
        let bytes = br#"{"model":"m","zdr":false,"provider":{"zdr":false,"zdr":false,"only":["a"]}}"#;
        let body = Body {
            bytes,
            is_encoded: false,
        };
        assert_eq!(
            protected(&endpoint, floors, body).unwrap().1.unwrap(),
            r#"{"model":"m","provider":{"zdr":true,"only":["a"],"data_collection":"deny"}}"#
        );
    }
}
