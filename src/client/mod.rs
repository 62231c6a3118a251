//! The client: its configuration, and the sending of a single request. Chats are in `chat`; credits, models and generations
//! are in `lookups`; when a request is sent again is in `attempts` and `retry`.

mod api_request;
mod attempts;
mod budgets;
mod call_settings;
mod chat;
pub mod chat_request;
mod lookups;
pub mod rate_limit;
mod request;
pub mod retry;

use std::borrow::Cow;
use std::sync::Arc;

use crate::account::Account;
use crate::account::budget::Budget;
use crate::config::Config;
use crate::config::misplaced::Misspelt;
use crate::error::Error;
use crate::error::api::{Source, error_of};
use crate::json::Object;
use crate::observe::{Level, Observer, Outcome};
use crate::request::headers::Headers;
use crate::runtime::threads;
use crate::secret::Secrets;
use crate::stats::STATS;
use crate::transport::{self, LastHead, Request, Response};

pub use api_request::{ApiRequest, Form};
pub use chat::Answer;
pub use request::Reply;

use attempts::Attempts;
use call_settings::CallSettings;

/// How many bytes of the body of an error response are read.
const MAX_ERROR_BODY: usize = 16 << 20;

/// A client. It is cheap to create and to clone, because connections and caches belong to the process.
#[derive(Debug, Clone)]
pub struct Client {
    config: Arc<Config>,
    /// The account of the key that is sent, which may be another than `config.key`: a header can replace it.
    account: Account,
    observer: Observer,
    /// What is removed from everything that this client gives out except answers.
    secrets: Secrets,
    /// Where the heads of responses are kept for the caller.
    last_head: LastHead,
    /// The budgets of one call, beside those of the configuration.
    budgets: Vec<Arc<Budget>>,
    jitter: fn() -> f64,
}

impl Client {
    /// Creates a client with `config`, whose log lines and events go to `observer`.
    pub fn new(config: Config, observer: Observer) -> Self {
        let secrets = Secrets::from(&config.key)
            .with(config.transport.proxy.credentials().iter().map(String::as_str))
            .with_headers(config.headers.iter());
        let observer = observer.hiding(&secrets);
        for warning in &config.warnings {
            observer.log(Level::Warn, || warning.clone());
        }
        observer.log(Level::Info, || {
            format!("Client initialized with base URL: {}", config.base_url)
        });
        warn_of(&config.misspelt, &observer);
        if let Some(count) = config.network_threads {
            threads::allow(count);
        }
        Self {
            account: Account::new(&config.base_url, &config.headers(false).key()),
            config: Arc::new(config),
            observer,
            secrets,
            last_head: LastHead::default(),
            budgets: Vec::new(),
            jitter: fastrand::f64,
        }
    }

    /// Returns this client with another source of randomness (0 to 1) for the waits before retries. With 0 it does not wait.
    pub fn with_jitter(self, jitter: fn() -> f64) -> Self {
        Self { jitter, ..self }
    }

    /// Returns this client with the timeouts, headers and number of retries of one call. `options` is the text of a JSON object.
    pub fn for_call(&self, options: &str) -> Result<Self, Error> {
        let options = Object::parse(options).unwrap_or_default();
        let mut config = (*self.config).clone();
        let own = CallSettings::read(&config, &options)?;
        (config.timeouts, config.max_retries) = (own.timeouts, own.max_retries);
        config.headers.extend(&own.headers);
        let headers = config.headers(config.rules.floors.zdr);
        Ok(Self {
            config: Arc::new(config),
            ..self.sending(&headers)
        })
    }

    /// Returns the configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the configuration, for another thread.
    pub fn shared_config(&self) -> Arc<Config> {
        self.config.clone()
    }

    /// Returns the secrets of this client.
    pub fn secrets(&self) -> Secrets {
        self.secrets.clone()
    }

    /// Returns the headers of its requests, as JSON text.
    pub fn headers_json(&self) -> String {
        self.config.headers(self.config.rules.floors.zdr).to_json()
    }

    /// Returns the outcome to which the end of an answer is reported.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            account: self.account.clone(),
            observer: self.observer.clone(),
        }
    }

    /// Returns this client with another observer.
    pub fn observed_by(&self, observer: Observer) -> Self {
        Self {
            observer: observer.hiding(&self.secrets),
            ..self.clone()
        }
    }

    /// Returns this client, which keeps the head of each successful response in `last_head`.
    pub fn keeping_heads_in(self, last_head: LastHead) -> Self {
        Self { last_head, ..self }
    }

    /// Returns this client for a call that `budgets` pay for, too.
    pub fn paid_by(self, budgets: Vec<Arc<Budget>>) -> Self {
        Self { budgets, ..self }
    }

    /// Returns this client for a request with these headers. Their credentials are secrets, too, and their key pays.
    pub(super) fn sending(&self, headers: &Headers) -> Self {
        let secrets = self.secrets.with_headers(headers.iter());
        Self {
            account: Account::new(&self.config.base_url, &headers.key()),
            observer: self.observer.clone().hiding(&secrets),
            secrets,
            ..self.clone()
        }
    }

    /// Opens a connection to the API ahead, unless there is one.
    pub async fn connect(&self) -> Result<(), Error> {
        let Config {
            transport,
            timeouts,
            base_url,
            keep_warm,
            ..
        } = &*self.config;
        let connected = transport::connect(transport, timeouts, base_url, *keep_warm).await;
        connected.map_err(|error| error.scrubbed(&self.secrets))
    }

    /// Begins to open a connection to the API, see [`transport::prewarm`].
    pub fn prewarm(&self) {
        transport::prewarm(
            &self.config.transport,
            &self.config.base_url,
            self.config.keep_warm,
        );
    }

    /// Sends a GET request and returns the body of the successful response. Transient failures are retried.
    pub(super) async fn get(&self, path: &str) -> Result<String, Error> {
        self.get_with(path, self.config.max_retries).await
    }

    async fn get_with(&self, path: &str, max_retries: u32) -> Result<String, Error> {
        let request = ApiRequest::get(&self.config, path);
        let mut attempts = Attempts::new(self, request.purpose(), max_retries);
        loop {
            let result = self
                .get_once(&request, attempts.needs_new_connection())
                .await
                .map_err(|error| {
                    let error = error.scrubbed(&self.secrets);
                    self.observer.publish_error(&error, None);
                    error
                });
            match result {
                Err(error) if attempts.wait_for_retry(&error).await => {}
                result => return result,
            }
        }
    }

    async fn get_once(&self, request: &ApiRequest, dedicated_connection: bool) -> Result<String, Error> {
        let mut response = self
            .exchange(request, request.body.clone(), None, dedicated_connection)
            .await?;
        self.observer.publish_response(&response, None, false);
        let body = response.text(self.config.max_response_bytes).await?;
        let is_answer = match Object::parse(&body) {
            Some(object) => error_of(&object).is_none(),
            // The parser of credits, models or the generation reports the empty body.
            None => body.trim().is_empty(),
        };
        if !is_answer {
            return Err(self.source(&response, None).read(&body));
        }
        // The body becomes a list in the cache, which other callers receive, so a key that the server echoes is removed.
        Ok(match self.secrets.scrub_json(&body) {
            Cow::Owned(clean) => clean,
            Cow::Borrowed(_) => body,
        })
    }

    /// Sends a request. Any status but 2xx is an error.
    pub(super) async fn send(&self, request: Request, limits: Option<&str>) -> Result<Response, Error> {
        STATS.requests.add();
        let settings = self.config.transport.reached_within(request.timeouts.connect);
        let mut response = transport::shared(&settings).send(request).await?;
        if (200..300).contains(&response.status()) {
            self.last_head.set(response.head(), &self.secrets);
            return Ok(response);
        }
        let body = response.text_prefix(MAX_ERROR_BODY).await;
        Err(self.source(&response, limits).read(&body))
    }

    pub(super) fn source<'a>(&'a self, response: &'a Response, limits: Option<&'a str>) -> Source<'a> {
        Source {
            status: response.status(),
            headers: response.headers(),
            secrets: &self.secrets,
            base_url: &self.config.base_url,
            limits,
        }
    }
}

/// Logs the parameters that are most likely misspelt. Without a logger they stay unmentioned, so that the next client that has
/// one reports them.
fn warn_of(misspelt: &[Misspelt], observer: &Observer) {
    if observer.has_logger() {
        for warning in misspelt.iter().filter_map(Misspelt::warning) {
            observer.log(Level::Warn, || warning);
        }
    }
}
