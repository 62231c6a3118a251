//! The list of options, with defaults and checks. JavaScript reads the names from this list, so that the constructor,
//! `createFetch` and the adapters accept the same options.

use serde_json::{Map, Value};

use crate::error::unknown::unknown_field;
use crate::error::{Error, invalid_option};
use crate::json;
use crate::request::headers::header_value;

/// Where an option is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// By a client only.
    Client,
    /// By a client and by `createFetch`.
    Both,
    /// By `createFetch` only.
    Fetch,
}

use Scope::{Both, Client, Fetch};

/// The options that the addon reads: name, scope, default as the README shows it, and the text that describes a valid value
/// in errors. Those that JavaScript passes separately are in [`ALSO`].
#[rustfmt::skip]
pub const OPTIONS: &[(&str, Scope, &str, &str)] = &[
    ("baseURL", Both, "https://openrouter.ai/api/v1", "a URL such as https://openrouter.ai/api/v1"),
    ("siteUrl", Client, "", "a string"),
    ("siteName", Client, "", "a string"),
    ("siteCategories", Client, "", "a string, or a list of strings"),
    ("modelOptions", Client, "{}", "an object"),
    ("autoRouter", Both, "false", "true or false"),
    ("zdr", Both, "false", "true or false"),
    ("dataCollection", Both, "", "'deny' or 'allow'"),
    ("headers", Client, "{}", "an object of header names and values"),
    ("modelsPerRequest", Both, "3", "a whole number, zero or more"),
    ("routerMetadata", Client, "true", "true or false"),
    ("allowInsecureHttp", Client, "false", "true or false"),
    ("proxy", Both, "", "a string"),
    ("ca", Both, "", "PEM text, or a list of PEM texts"),
    ("timeouts", Both, "{ connect: 10_000, headers: 600_000, idle: 300_000 }", "an object of milliseconds"),
    ("keepWarm", Both, "300_000", "a whole number of milliseconds, zero or more"),
    ("responseCache", Client, "", "true, false or an object such as { ttl: 300, clear: true }"),
    ("maxRetries", Client, "2", "a whole number, zero or more"),
    ("cache", Client, "{ creditsTTL: 300_000, modelsTTL: 3_600_000 }", "an object such as { creditsTTL: 300000, modelsTTL: 3600000 }"),
    ("networkThreads", Both, "1", "a whole number from 1 to 16"),
    ("maxEventBytes", Both, "64 MiB", "a whole number of bytes above 0"),
    ("maxResponseBytes", Client, "256 MiB", "a whole number of bytes above 0"),
    ("rateLimit", Client, "", "an object such as { requestsPerMinute: 60 }"),
    ("maxCost", Both, "", "an amount in USD, zero or more"),
    ("budget", Both, "", "a Budget, or a list of them"),
    ("reserve", Both, "", "an amount in USD, zero or more"),
    ("coalesce", Both, "false", "true, false or a number of milliseconds from 1 to 1000"),
    ("failOnTruncation", Fetch, "", "true or false"),
];

/// Options that JavaScript reads and passes separately.
pub(super) const ALSO: &[&str] = &["apiKey", "openRouterApiKey", "logger"];

/// Returns the names of the options of a client, or of those that `createFetch` accepts.
pub fn names(for_fetch: bool) -> Vec<String> {
    let all = OPTIONS
        .iter()
        .filter(|(_, scope, ..)| *scope == Both || (*scope == Fetch) == for_fetch);
    all.map(|(name, ..)| (*name).to_owned()).collect()
}

/// The options that the caller gave. `null` counts as absent. An error names the option and never shows its value, which may
/// be a secret that was put in the wrong option.
#[derive(Debug)]
pub(super) struct Options(Map<String, Value>);

impl Options {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        match json::value(text) {
            Some(Value::Object(options)) => Ok(Self(options)),
            _ => Err(invalid_option("options", "an object that can be written as JSON")),
        }
    }

    /// Returns the value of an option; `null` if it is absent.
    pub(super) fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    /// Returns the fields of an option that must be an object with no other fields than `known`, so that a mistyped field is
    /// not ignored.
    pub(super) fn fields(&self, name: &str, known: &[&str]) -> Result<Fields<'_>, Error> {
        match self.get(name) {
            Value::Null => Ok(Fields(None)),
            Value::Object(fields) => match fields.keys().find(|field| !known.contains(&field.as_str())) {
                Some(unknown) => Err(unknown_field(name, unknown, known)),
                None => Ok(Fields(Some(fields))),
            },
            _ => Err(wrong(name)),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        flag(self.get(name)).ok_or_else(|| wrong(name))
    }

    pub(super) fn count(&self, name: &str) -> Result<Option<usize>, Error> {
        count(self.get(name)).ok_or_else(|| wrong(name))
    }

    /// Returns a size in bytes. Nothing fits into 0 bytes, so 0 is refused.
    pub(super) fn size(&self, name: &str) -> Result<Option<usize>, Error> {
        match self.count(name)? {
            Some(0) => Err(wrong(name)),
            size => Ok(size),
        }
    }

    /// Returns a string option, trimmed. A blank string counts as absent.
    pub(super) fn string(&self, name: &str) -> Result<Option<String>, Error> {
        string(self.get(name)).ok_or_else(|| wrong(name))
    }

    /// Returns the strings of an option that is a string or a list of strings.
    pub(super) fn strings(&self, name: &str) -> Result<Vec<String>, Error> {
        let given = self.get(name);
        let items = given
            .as_array()
            .map_or(std::slice::from_ref(given), Vec::as_slice);
        let strings: Option<Vec<_>> = items.iter().map(string).collect();
        Ok(strings
            .ok_or_else(|| wrong(name))?
            .into_iter()
            .flatten()
            .collect())
    }
}

/// The fields of an option that is an object.
pub(super) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl Fields<'_> {
    /// Returns the value of a field; `null` if it is absent.
    pub(super) fn get(&self, name: &str) -> &Value {
        self.0.and_then(|fields| fields.get(name)).unwrap_or(&Value::Null)
    }
}

/// The error for an invalid option, which says what the option must be.
pub(super) fn wrong(name: &str) -> Error {
    let option = OPTIONS.iter().find(|(known, ..)| *known == name);
    invalid_option(name, option.map_or("another value", |(.., expected)| expected))
}

/// Reads a switch; `None` if the value is not one. The inner `None` means that the value is absent.
pub(super) fn flag(value: &Value) -> Option<Option<bool>> {
    match value {
        Value::Null => Some(None),
        value => value.as_bool().map(Some),
    }
}

/// Reads a number of things; `None` if the value is not one. The inner `None` means that the value is absent.
pub(super) fn count(value: &Value) -> Option<Option<usize>> {
    match value {
        Value::Null => Some(None),
        value => value.as_u64().and_then(|n| usize::try_from(n).ok()).map(Some),
    }
}

fn string(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        _ => None,
    }
}

/// Checks a text that is sent as a header.
pub(super) fn header_text(name: &str, text: Option<String>) -> Result<Option<String>, Error> {
    match text.as_deref().map(header_value) {
        Some(None) => Err(invalid_option(
            name,
            "a text without line ends or other control characters",
        )),
        _ => Ok(text),
    }
}
