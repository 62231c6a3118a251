//! The client's native half.

use napi::bindgen_prelude::Either;
use napi::{Env, JsString, Result};
use napi_derive::napi;

use super::call::NativeCall;
use super::hub::NativeHub;
use super::strings::js_string;
use crate::account::ModelList;
use crate::call::Call;
use crate::client::Client;
use crate::config::{self, Config};
use crate::observe::Observer;
use crate::request::placeholders;

/// See `client::Client`. Functions that can fail at once give the error as JSON text instead of throwing, for
/// JavaScript to throw it as its own class.
#[napi]
pub struct NativeClient {
    client: Client,
}

/// Makes a client. `options` and `env`, the environment, are JSON texts, `keys` the places where a key may stand,
/// `logger` the number of the logger and `call` that of the call (0 for none), see `observe::Observer`.
#[napi(catch_unwind)]
pub fn create_client(
    hub: &NativeHub,
    options: String,
    keys: Vec<String>,
    env: String,
    logger: u32,
    call: u32,
) -> Either<NativeClient, String> {
    match Config::resolve(&options, &keys, &config::variables(&env)) {
        Ok(config) => {
            let observer = Observer::new(hub.hub.clone(), logger, call);
            Either::A(NativeClient {
                client: Client::new(config, observer),
            })
        }
        Err(error) => Either::B(error.to_json()),
    }
}

/// What stands in the JSON of a request in place of a long text, see `request::placeholders`.
#[napi(catch_unwind)]
pub fn placeholder() -> &'static str {
    &placeholders::PLACEHOLDER
}

/// The models of a version as JSON text, for a thread that has not parsed it yet.
#[napi(catch_unwind)]
pub fn models_text(env: &Env, version: u32) -> Result<Option<JsString<'_>>> {
    ModelList::of_version(version)
        .map(|models| js_string(env, &models.text))
        .transpose()
}

#[napi]
impl NativeClient {
    /// The settings that JavaScript shows, as JSON. The key is not among them.
    #[napi(catch_unwind)]
    pub fn settings(&self) -> String {
        self.client.config().public_json()
    }

    /// The key, for the client's own `apiKey` property.
    #[napi(catch_unwind)]
    pub fn api_key(&self) -> String {
        self.client.config().key.expose().to_owned()
    }

    /// The headers of its requests, as JSON.
    #[napi(catch_unwind)]
    pub fn headers(&self) -> String {
        self.client.headers_json()
    }

    /// Starts a chat; `params` is the JSON text of the request, `texts` what its placeholders stand for, see
    /// `request::placeholders`.
    #[napi(catch_unwind)]
    pub fn chat(
        &self,
        hub: &NativeHub,
        logger: u32,
        call: u32,
        params: String,
        texts: Vec<String>,
    ) -> Either<NativeCall, String> {
        let client = self.observed(hub, logger, call);
        NativeCall::from(Call::chat(&hub.hub, client, params, texts))
    }

    /// The cached credits as JSON, if they are good.
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
        call: u32,
        force: bool,
    ) -> Either<NativeCall, String> {
        let credits = self.observed(hub, logger, call).credits(force);
        let work = async move { Ok(credits.await?.to_json()) };
        NativeCall::from(Call::single(&hub.hub, work))
    }

    /// The version of the cached models, if they are good; 0 if not.
    #[napi(catch_unwind)]
    pub fn cached_models(&self) -> u32 {
        self.client.cached_models().map_or(0, |models| models.version)
    }

    /// Starts reading the models; the result is their version.
    #[napi(catch_unwind)]
    pub fn models(&self, hub: &NativeHub, logger: u32, call: u32, force: bool) -> Either<NativeCall, String> {
        let models = self.observed(hub, logger, call).models(force);
        NativeCall::of_models(&hub.hub, models)
    }

    /// Starts asking what a generation cost.
    #[napi(catch_unwind)]
    pub fn generation(
        &self,
        hub: &NativeHub,
        logger: u32,
        call: u32,
        id: String,
    ) -> Either<NativeCall, String> {
        let client = self.observed(hub, logger, call);
        NativeCall::from(Call::single(
            &hub.hub,
            async move { client.generation(&id).await },
        ))
    }
}

impl NativeClient {
    /// The client for one call: who listens may have changed since it was made.
    fn observed(&self, hub: &NativeHub, logger: u32, call: u32) -> Client {
        self.client
            .observed_by(Observer::new(hub.hub.clone(), logger, call))
    }
}
