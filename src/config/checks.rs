//! One check for each kind of option: `null` is as good as absent, and what is wrong is named, but never shown.

use serde_json::Value;

use crate::error::{Error, invalid_option};
use crate::request::headers::header_value;

pub(super) fn string(name: &str, value: &Value) -> Result<Option<String>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned())),
        _ => Err(invalid_option(name, "a string")),
    }
}

/// A text that goes out as a header.
pub(super) fn header_text(name: &str, text: Option<String>) -> Result<Option<String>, Error> {
    match text.as_deref().map(header_value) {
        Some(None) => Err(invalid_option(
            name,
            "a text without line ends or other control characters",
        )),
        _ => Ok(text),
    }
}

/// A string or a list of them.
pub(super) fn strings(name: &str, value: &Value) -> Result<Vec<String>, Error> {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| string(name, item))
            .filter_map(Result::transpose)
            .collect(),
        value => Ok(string(name, value)?.into_iter().collect()),
    }
}

pub(super) fn flag(name: &str, value: &Value) -> Result<Option<bool>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(on) => Ok(Some(*on)),
        _ => Err(invalid_option(name, "true or false")),
    }
}

pub(super) fn count(name: &str, value: &Value) -> Result<Option<usize>, Error> {
    match value {
        Value::Null => Ok(None),
        value => match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Ok(Some(n)),
            None => Err(invalid_option(name, "a whole number, zero or more")),
        },
    }
}
