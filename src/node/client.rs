//! The native half of a client.

use napi::bindgen_prelude::{Either, Uint8Array};
use napi::{Env, JsString};
use napi_derive::napi;

use super::call::NativeCall;
use super::hub::NativeHub;
use super::strings::{bytes_of, js_string};
use crate::account::ModelList;
use crate::account::budget::Budget;
use crate::call::Call;
use crate::client::Client;
use crate::config::{self, Config};
use crate::error::{Error, invalid_option};
use crate::observe::Observer;
use crate::request::placeholders;
use crate::transport::LastHead;

/// A `client::Client` for JavaScript. Functions that can fail return the error as JSON text instead of throwing, so that
/// JavaScript can throw it as its own class.
#[napi]
pub struct NativeClient {
    client: Client,
}

/// Creates a client. `options` and `env` (the environment variables) are JSON texts. `keys` are the API keys that the caller
/// gave, in order of precedence. `logger` and `context` are the numbers of a logger and of an async context, 0
/// for none, and `has_subscribers` says whether the diagnostics channels are in use: see `observe::Observer`.
#[napi(catch_unwind)]
pub fn create_client(
    hub: &NativeHub,
    options: String,
    keys: Vec<String>,
    env: String,
    logger: u32,
    context: u32,
    has_subscribers: bool,
) -> Either<NativeClient, String> {
    match Config::resolve(&options, &keys, &config::variables(&env)) {
        Ok(config) => {
            let observer = Observer::new(hub.hub.clone(), logger, context, has_subscribers);
            Either::A(NativeClient {
                client: Client::new(config, observer),
            })
        }
        Err(error) => Either::B(error.to_json()),
    }
}

/// Returns the placeholder for long texts in the JSON of a request, see `request::placeholders`.
#[napi(catch_unwind)]
pub fn placeholder() -> &'static str {
    &placeholders::PLACEHOLDER
}

/// Returns the list of models of a version as JSON text, for a thread that has not parsed it yet.
#[napi(catch_unwind)]
pub fn models_text(env: &Env, version: u32) -> napi::Result<Option<JsString<'_>>> {
    ModelList::of_version(version)
        .map(|models| js_string(env, &models.text))
        .transpose()
}

#[napi]
impl NativeClient {
    /// Returns the settings that JavaScript exposes, as JSON text. The key is not among them.
    #[napi(catch_unwind)]
    pub fn settings(&self) -> String {
        self.client.config().public_json()
    }

    /// Returns the API key, for the property `apiKey` of the client.
    #[napi(catch_unwind)]
    pub fn api_key(&self) -> String {
        self.client.config().key.expose().to_owned()
    }

    /// Returns the headers of its requests, as JSON text.
    #[napi(catch_unwind)]
    pub fn headers(&self) -> String {
        self.client.headers_json()
    }

    /// Starts a chat. `params` is the JSON text of the request, `texts` are the texts for its placeholders: see
    /// `request::placeholders`. `budgets` are the ids of the budgets that pay for it, beside those of the client.
    #[napi(catch_unwind)]
    #[allow(
        clippy::too_many_arguments,
        reason = "passing an object to the addon would cost more"
    )]
    pub fn chat(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
        params: String,
        texts: Vec<String>,
        budgets: Option<Vec<u32>>,
    ) -> Either<NativeCall, String> {
        let (client, head) = self.observed(hub, logger, context, has_subscribers);
        let call = paid_by(client, budgets).and_then(|client| Call::chat(&hub.hub, client, params, texts));
        NativeCall::answered(call, head)
    }

    /// Starts a request to any endpoint. `settings` is JSON text, see `client::ApiRequest::build`.
    #[napi(catch_unwind)]
    #[allow(
        clippy::too_many_arguments,
        reason = "passing an object to the addon would cost more"
    )]
    pub fn request(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
        settings: String,
        body: Option<Either<String, Uint8Array>>,
        budgets: Option<Vec<u32>>,
    ) -> Either<NativeCall, String> {
        let (client, head) = self.observed(hub, logger, context, has_subscribers);
        let body = bytes_of(body);
        let call =
            paid_by(client, budgets).and_then(|client| Call::request(&hub.hub, client, settings, body));
        NativeCall::answered(call, head)
    }

    /// Begins to open a connection, if the API is reached over TLS and a connection is kept ready. A failure is not reported.
    #[napi(catch_unwind)]
    pub fn prewarm(&self) {
        self.client.prewarm();
    }

    /// Starts opening a connection ahead.
    #[napi(catch_unwind)]
    pub fn connect(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
    ) -> Either<NativeCall, String> {
        let (client, head) = self.observed(hub, logger, context, has_subscribers);
        let work = async move { client.connect().await.map(|()| "null".to_owned()) };
        NativeCall::answered(Call::single(&hub.hub, work), head)
    }

    /// Returns the cached credits as JSON text; `null` if there are none, or if they are too old.
    #[napi(catch_unwind)]
    pub fn cached_credits(&self) -> Option<String> {
        self.client.cached_credits().map(|credits| credits.to_json())
    }

    /// Starts reading the credits.
    #[napi(catch_unwind)]
    pub fn credits(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
        force: bool,
    ) -> Either<NativeCall, String> {
        let (client, head) = self.observed(hub, logger, context, has_subscribers);
        let credits = client.credits(force);
        let work = async move { Ok(credits.await?.to_json()) };
        NativeCall::answered(Call::single(&hub.hub, work), head)
    }

    /// Returns the version of the cached list of models; 0 if there is none, or if it is too old.
    #[napi(catch_unwind)]
    pub fn cached_models(&self) -> u32 {
        self.client.cached_models().map_or(0, |models| models.version)
    }

    /// Starts reading the list of models. The result is its version.
    #[napi(catch_unwind)]
    pub fn models(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
        force: bool,
    ) -> Either<NativeCall, String> {
        let (client, head) = self.observed(hub, logger, context, has_subscribers);
        NativeCall::of_models(&hub.hub, client.models(force), head)
    }

    /// Starts the estimate of what a chat with `params` (JSON text) may cost. `answer` is the number of tokens that the caller
    /// expects.
    #[napi(catch_unwind)]
    #[allow(
        clippy::too_many_arguments,
        reason = "passing an object to the addon would cost more"
    )]
    pub fn estimate(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
        params: String,
        answer: Option<u32>,
    ) -> Either<NativeCall, String> {
        let (client, head) = self.observed(hub, logger, context, has_subscribers);
        let work = async move { client.estimate(params, answer.map(u64::from)).await };
        NativeCall::answered(Call::single(&hub.hub, work), head)
    }

    /// Starts reading the data of a generation, such as its cost. `options` is the JSON text of the timeouts, headers and number
    /// of retries of this call.
    #[napi(catch_unwind)]
    pub fn generation(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
        id: String,
        options: String,
    ) -> Either<NativeCall, String> {
        let (client, head) = self.observed(hub, logger, context, has_subscribers);
        let call = client
            .for_call(&options)
            .and_then(|client| Call::single(&hub.hub, async move { client.generation(&id).await }));
        NativeCall::answered(call, head)
    }
}

impl NativeClient {
    /// Returns the client with the logger and the subscribers of one call, which may differ between calls, and where the
    /// call will find the head of its response.
    fn observed(
        &self,
        hub: &NativeHub,
        logger: u32,
        context: u32,
        has_subscribers: bool,
    ) -> (Client, LastHead) {
        let observer = Observer::new(hub.hub.clone(), logger, context, has_subscribers);
        let head = LastHead::default();
        let client = self.client.observed_by(observer).keeping_heads_in(head.clone());
        (client, head)
    }
}

/// Returns `client` for a call that budgets with these ids pay for, too. JavaScript holds the budgets while it makes the call, so
/// that all are found.
fn paid_by(client: Client, ids: Option<Vec<u32>>) -> Result<Client, Error> {
    let Some(ids) = ids else { return Ok(client) };
    let budgets: Option<_> = ids.into_iter().map(Budget::of_id).collect();
    match budgets {
        Some(budgets) => Ok(client.paid_by(budgets)),
        None => Err(invalid_option("budget", "a Budget, or a list of them")),
    }
}
