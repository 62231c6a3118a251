//! The environment, as data.

use std::collections::HashMap;

/// The variables this client reads; nothing else of the environment is looked at.
pub const ENVIRONMENT: &[&str] = &[
    "OPENROUTER_API_KEY",
    "OPENROUTER_BASE_URL",
    "OPENROUTER_SITE_URL",
    "OPENROUTER_SITE_NAME",
    "OPENROUTER_CACHE_TTL_CREDITS",
    "OPENROUTER_CACHE_TTL_MODELS",
    "OPENROUTER_BACKGROUND_REFRESH",
    "DOMAIN_CLIENT",
    "PROXY",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// The variables of `json` (an object of texts), as JavaScript has picked them.
pub fn variables(json: &str) -> HashMap<String, String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// The environment, where blank is as good as unset.
pub(super) struct Env<'a>(pub(super) &'a HashMap<String, String>);

impl Env<'_> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0
            .get(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }
}
