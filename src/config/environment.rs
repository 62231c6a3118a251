//! The environment variables, which JavaScript passes as data.

use std::collections::HashMap;

/// Reads the environment variables that JavaScript passes: a JSON object of strings.
pub fn variables(json: &str) -> HashMap<String, String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// The environment variables. A blank variable counts as unset.
pub(super) struct Env<'a>(pub(super) &'a HashMap<String, String>);

impl Env<'_> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0
            .get(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }
}
