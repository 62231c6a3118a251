//! The configuration of a client: the options, else the environment, else the defaults. Each value is checked once, here.
//! The environment is passed in as data, so that tests can set it (Jest gives each test file an environment of its own).

mod budgets;
mod cache;
mod coalesce;
mod connection;
pub mod endpoint;
mod environment;
pub mod extra_body;
mod fetch;
pub mod misplaced;
mod names;
mod options;

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::account::reserve::Payment;
use crate::delivery::Coalescing;
use crate::error::{Error, ErrorKind, invalid_option};
use crate::json::{self, Object, ObjectWriter};
use crate::request::headers::Headers;
use crate::request::privacy::Floors;
use crate::request::response_cache::ResponseCache;
use crate::request::rules::Rules;
use crate::secret::{ApiKey, BadKey};
use crate::transport::Settings;
use crate::transport::loopback::is_loopback;
use crate::transport::proxy::ProxyRules;

pub use crate::transport::timeouts::Timeouts;
pub use cache::CacheSettings;
pub use coalesce::coalesce;
pub use environment::variables;
pub use fetch::FetchConfig;
pub use names::{likely, unknown};
pub use options::{OPTIONS, names};

use connection::{connection, keep_warm, network_threads};
use environment::Env;
use extra_body::Place;
use misplaced::Misspelt;
use options::{Options, count, flag, header_text, wrong};

/// The default of `modelsPerRequest`. The API answers 400 to a request with more fallback models.
const MODELS_PER_REQUEST: usize = 3;
const MAX_EVENT_BYTES: usize = 64 << 20;
const MAX_RESPONSE_BYTES: usize = 256 << 20;
/// The largest value of both. A string of V8 has at most 512 MiB, and a text is handed over together with others.
const MAX_TEXT: usize = 480 << 20;
const DEFAULT_BASE_URL: &str = "https://openrouter.ai/api/v1";

/// The checked configuration of a client.
#[derive(Debug, Clone)]
pub struct Config {
    /// The API key.
    pub key: ApiKey,
    /// The base URL of the API, without a trailing slash.
    pub base_url: String,
    /// The URL of the caller's site, sent as `HTTP-Referer`.
    pub site_url: Option<String>,
    /// The name of the caller's site, sent as `X-Title`.
    pub site_name: Option<String>,
    /// The categories of the caller's site, separated by commas, sent as `X-OpenRouter-Categories`.
    pub site_categories: Option<String>,
    /// The default parameters of chat requests, as the text of a JSON object.
    pub model_options: String,
    /// The body rules of chat requests.
    pub rules: Rules,
    /// Extra headers for every request.
    pub headers: Headers,
    /// Whether chat requests ask the API for `openrouter_metadata`, which explains fallbacks.
    pub router_metadata: bool,
    /// The timeouts of each request. A chat request may override them.
    pub timeouts: Timeouts,
    /// How often a failed request is retried. A chat request may override this.
    pub max_retries: u32,
    /// What requests that carry a prompt ask of OpenRouter's response cache, unless they say otherwise.
    pub response_cache: Option<ResponseCache>,
    /// How long cached credits and models are used.
    pub cache: CacheSettings,
    /// How many network threads the process may have, if this client asks for a number.
    pub network_threads: Option<usize>,
    /// The largest event of a stream, in bytes.
    pub max_event_bytes: usize,
    /// The largest response body that is read as a whole, in bytes.
    pub max_response_bytes: usize,
    /// How the deltas of a chat are merged. A chat request may override this.
    pub coalescing: Option<Coalescing>,
    /// How many chat requests may begin per minute with the same API key, in all clients of the process; `None` means no
    /// limit.
    pub requests_per_minute: Option<u32>,
    /// The budgets that pay for its requests.
    pub payment: Payment,
    /// The connection settings.
    pub transport: Settings,
    /// For how long after a chat a connection is kept ready; zero for not at all.
    pub keep_warm: Duration,
    /// Problems of the configuration that do not prevent the use of the client, for the log.
    pub warnings: Vec<String>,
    /// The default parameters that are most likely misspelt.
    pub misspelt: Vec<Misspelt>,
}

impl Config {
    /// Reads and checks the configuration. `options` is the text of a JSON object. `keys` are the API keys that the caller
    /// gave, in order of precedence; blank ones are skipped, and the key in the environment comes last.
    pub fn resolve(options: &str, keys: &[String], env: &HashMap<String, String>) -> Result<Self, Error> {
        // `modelOptions` is kept as text, so that its values are sent byte for byte, like the parameters of a request.
        let mut object = Object::parse(options).ok_or_else(|| invalid_option("options", "an object"))?;
        let model_options = object
            .remove("modelOptions")
            .filter(|text| *text != "null")
            .unwrap_or("{}");
        let misspelt = match Object::parse(model_options) {
            Some(parameters) => misplaced::check(&parameters, Place::ModelOptions)?,
            None => Vec::new(),
        };
        let model_options = with_extra_body(model_options)?;
        let options = Options::parse(&object.to_json())?;
        let rules = rules(&options, &model_options)?;
        let env = Env(env);
        let key = choose_key(keys, &env)?;
        let mut warnings = Vec::new();
        let allow_insecure = options.flag("allowInsecureHttp")?.unwrap_or(false);
        let base_url = match options
            .string("baseURL")?
            .or_else(|| env.get("OPENROUTER_BASE_URL"))
        {
            Some(text) => base_url(&text, allow_insecure)?,
            None => DEFAULT_BASE_URL.to_owned(),
        };
        let timeouts = Timeouts::default().merged(options.get("timeouts"))?;
        let cache = cache::resolve(&options.fields("cache", cache::FIELDS)?, &env, &mut warnings)?;
        let rate_limit = options.fields("rateLimit", &["requestsPerMinute"])?;
        let requests_per_minute = count(rate_limit.get("requestsPerMinute"))
            .ok_or_else(|| invalid_option("rateLimit.requestsPerMinute", "a whole number, zero or more"))?;
        let site_url = options.string("siteUrl")?;
        let site_name = options.string("siteName")?;
        let site_categories =
            Some(options.strings("siteCategories")?.join(",")).filter(|text| !text.is_empty());
        Ok(Self {
            site_url: header_text("siteUrl", site_url.or_else(|| env.get("OPENROUTER_SITE_URL")))?,
            site_name: header_text("siteName", site_name.or_else(|| env.get("OPENROUTER_SITE_NAME")))?,
            site_categories: header_text("siteCategories", site_categories)?,
            model_options: model_options.into_owned(),
            rules,
            headers: Headers::from_json(options.get("headers"))?,
            response_cache: ResponseCache::parse(options.get("responseCache"))?,
            router_metadata: options.flag("routerMetadata")?.unwrap_or(true),
            max_retries: options
                .count("maxRetries")?
                .unwrap_or(2)
                .try_into()
                .unwrap_or(u32::MAX),
            network_threads: network_threads(&options)?,
            max_event_bytes: max_event_bytes(&options)?,
            max_response_bytes: options
                .size("maxResponseBytes")?
                .unwrap_or(MAX_RESPONSE_BYTES)
                .min(MAX_TEXT),
            coalescing: coalesce(options.get("coalesce"))?.flatten(),
            requests_per_minute: requests_per_minute
                .and_then(|n| u32::try_from(n).ok())
                .filter(|n| *n > 0),
            payment: budgets::resolve(&options)?,
            transport: connection(&options, &env, &timeouts)?,
            keep_warm: keep_warm(&options)?,
            key,
            base_url,
            timeouts,
            cache,
            warnings,
            misspelt,
        })
    }

    /// Returns the headers of a request, as `buildHeaders()` shows them. `zdr` adds the header for zero data retention.
    pub fn headers(&self, zdr: bool) -> Headers {
        let mut headers = Headers::default();
        headers.set("Authorization", format!("Bearer {}", self.key.expose()));
        headers.set("Content-Type", "application/json".into());
        if let Some(url) = &self.site_url {
            headers.set("HTTP-Referer", url.clone());
        }
        if let Some(name) = &self.site_name {
            headers.set("X-Title", name.clone());
        }
        if let Some(categories) = &self.site_categories {
            headers.set("X-OpenRouter-Categories", categories.clone());
        }
        if zdr {
            headers.set_locked("X-OpenRouter-ZDR", "true".into());
        }
        headers.extend(&self.headers);
        headers
    }

    /// Returns the headers that are sent with a request: those that `buildHeaders()` shows, `own` headers of the request, and
    /// the title under the name that OpenRouter prefers.
    pub fn sent_headers(&self, zdr: bool, own: &Headers) -> Headers {
        let mut headers = self.headers(zdr);
        headers.extend(own);
        if let Some(title) = headers.get("X-Title").map(str::to_owned) {
            headers.set_default("X-OpenRouter-Title", title);
        }
        headers
    }

    /// Returns the settings that JavaScript exposes, as JSON text. The key is not among them.
    pub fn public_json(&self) -> String {
        let ms = |time: Duration| Some(time.as_millis().to_string());
        let mut cache = ObjectWriter::new();
        cache.raw("creditsTTL", ms(self.cache.credits_ttl));
        cache.raw("modelsTTL", ms(self.cache.models_ttl));
        let mut fields = ObjectWriter::new();
        fields.text("baseURL", Some(&self.base_url));
        fields.text("siteUrl", self.site_url.as_deref());
        fields.text("siteName", self.site_name.as_deref());
        fields.raw("modelOptions", Some(self.model_options.clone()));
        fields.raw("autoRouter", Some(self.rules.auto_router.to_string()));
        fields.raw("zdr", Some(self.rules.floors.zdr.to_string()));
        fields.raw("cacheSettings", Some(cache.finish()));
        fields.finish()
    }

    /// Returns the URL of a `path` such as `/models`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

/// Returns the largest event of a stream, in bytes.
fn max_event_bytes(options: &Options) -> Result<usize, Error> {
    let given = options.size("maxEventBytes")?;
    Ok(given.unwrap_or(MAX_EVENT_BYTES).min(MAX_TEXT))
}

fn floors(options: &Options) -> Result<Floors, Error> {
    Ok(Floors {
        zdr: options.flag("zdr")?.unwrap_or(false),
        deny_data_collection: match options.string("dataCollection")?.as_deref() {
            None | Some("allow") => false,
            Some("deny") => true,
            Some(_) => return Err(wrong("dataCollection")),
        },
    })
}

/// Returns the proxy that the environment names for a request to `url`, as JSON text: its URL without user and password, or
/// `null` for none. If a variable is not a proxy URL, the JSON text is the error.
pub fn proxy_for(url: &str, env: &HashMap<String, String>) -> String {
    let env = Env(env);
    let rules = ProxyRules::resolve(None, |name| env.get(name));
    match rules.and_then(|rules| rules.address_for(url)) {
        Ok(address) => Value::from(address).to_string(),
        Err(error) => error.to_json(),
    }
}

fn choose_key(keys: &[String], env: &Env<'_>) -> Result<ApiKey, Error> {
    let fallback = env.get("OPENROUTER_API_KEY");
    let candidates = keys.iter().map(String::as_str).chain(fallback.as_deref());
    ApiKey::choose(candidates).map_err(|bad| match bad {
        BadKey::Missing => Error::new(
            ErrorKind::MissingApiKey,
            "No OpenRouter API key. Pass apiKey or set OPENROUTER_API_KEY (keys are made at openrouter.ai/settings/keys).",
        ),
        BadKey::Unusable => Error::new(
            ErrorKind::InvalidApiKey,
            "The OpenRouter API key holds spaces, line ends or other characters that no HTTP header can carry. Copy it \
             again.",
        ),
    })
}

fn base_url(text: &str, allow_insecure: bool) -> Result<String, Error> {
    let url = Url::parse(text)
        .map_err(|_| invalid_option("baseURL", "a URL such as https://openrouter.ai/api/v1"))?;
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(invalid_option("baseURL", "a URL without user, query or fragment"));
    }
    match url.scheme() {
        "https" => {}
        "http" if allow_insecure || is_loopback(&url) => {}
        "http" => {
            return Err(invalid_option(
                "baseURL",
                "https (plain http sends the key in the clear: allowInsecureHttp: true if that is meant)",
            ));
        }
        _ => return Err(invalid_option("baseURL", "an https URL")),
    }
    endpoint::refuse(&url)?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Returns the default parameters with those of their `extraBody` in them.
fn with_extra_body(model_options: &str) -> Result<Cow<'_, str>, Error> {
    let unfolded = match Object::parse(model_options) {
        Some(parameters) => extra_body::unfolded(&parameters, Place::ModelOptions)?,
        None => None,
    };
    Ok(unfolded.map_or(Cow::Borrowed(model_options), Cow::Owned))
}

/// Parameters of a call that would have no effect as defaults of its request, and where they belong.
const NOT_IN_MODEL_OPTIONS: &[(&str, &str)] = &[
    ("budget", "it beside modelOptions"),
    ("headers", "it beside modelOptions"),
    ("maxCost", "it beside modelOptions"),
    ("maxRetries", "it beside modelOptions"),
    ("timeouts", "it beside modelOptions"),
    (
        "onProgress",
        "it in a call: client.chatCompletion({ onProgress })",
    ),
    ("session", "it in a call: client.chatCompletion({ session })"),
    (
        "signal",
        "it in a call: client.chatCompletion(params, { signal })",
    ),
];

/// Returns the body rules. The switches may be options or among the
/// `modelOptions`. For `autoRouter` the option is preferred; a privacy setting is on if either place turns it on, so that neither
/// can turn off one of the other.
fn rules(options: &Options, model_options: &str) -> Result<Rules, Error> {
    let model_options = Object::parse(model_options).ok_or_else(|| wrong("modelOptions"))?;
    if let Some((name, place)) = NOT_IN_MODEL_OPTIONS
        .iter()
        .find(|(name, _)| model_options.present(name).is_some())
    {
        return Err(invalid_option(&format!("modelOptions.{name}"), place));
    }
    let switch = |name: &str| {
        let value = model_options.get(name).and_then(json::value);
        flag(&value.unwrap_or_default())
            .ok_or_else(|| invalid_option(&format!("modelOptions.{name}"), "true or false"))
    };
    let auto_router = options.flag("autoRouter")?.or(switch("autoRouter")?);
    switch("zdr")?;
    let among_model_options = Floors::of(&model_options)
        .map_err(|_| invalid_option("modelOptions.dataCollection", "'deny' or 'allow'"))?;
    Ok(Rules {
        auto_router: auto_router.unwrap_or(false),
        floors: floors(options)?.and(among_model_options),
        may_omit_model: false,
        models_per_request: options.count("modelsPerRequest")?.or(Some(MODELS_PER_REQUEST)),
    })
}
