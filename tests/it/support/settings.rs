//! Configurations that are resolved from options and from a made-up environment.

use std::collections::HashMap;

use openrouter_native::config::Config;
use openrouter_native::error::{Error, ErrorKind};
use serde_json::Value;

use super::client::KEY;

pub fn env(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

pub fn resolve(options: &Value, pairs: &[(&str, &str)]) -> Result<Config, Error> {
    Config::resolve(&options.to_string(), &[KEY.to_owned()], &env(pairs))
}

/// The configuration of valid `options`.
pub fn good(options: Value) -> Config {
    resolve(&options, &[]).unwrap_or_else(|error| panic!("{options}: {error}"))
}

/// Asserts that `options` are refused: the message contains `name`, and no part of the error contains the value `SECRET`.
pub fn refused(options: Value, name: &str) {
    let error = resolve(&options, &[])
        .err()
        .unwrap_or_else(|| panic!("{options}"));
    assert_eq!(error.kind(), ErrorKind::InvalidOption, "{options}");
    assert!(error.to_string().contains(name), "{error}");
    assert!(!error.to_json().contains("SECRET"), "{error}");
}
