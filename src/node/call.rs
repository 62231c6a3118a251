//! A call's native half. When JavaScript collects it, the call is cancelled and its connection closed.

use std::sync::{Arc, OnceLock};

use napi::bindgen_prelude::{Either, Uint8Array};
use napi::{Env, JsString, Result};
use napi_derive::napi;

use super::strings::js_string;
use crate::account::ModelList;
use crate::call::Call;
use crate::delivery::{Flow, Hub, Mode};
use crate::error::Error;
use crate::stream::Progress;

/// See `call::Call`.
#[napi]
pub struct NativeCall {
    call: Call,
    /// What a call for models brought; the cache may have let go of it since.
    models: Arc<OnceLock<Arc<ModelList>>>,
}

impl NativeCall {
    /// The call, or the error as JSON text where it could not even start.
    pub(super) fn from(call: std::result::Result<Call, Error>) -> Either<Self, String> {
        match call {
            Ok(call) => Either::A(Self {
                call,
                models: Arc::default(),
            }),
            Err(error) => Either::B(error.to_json()),
        }
    }

    /// A call whose result is the version of a list that it keeps.
    pub(super) fn of_models(
        hub: &Arc<Hub>,
        models: impl Future<Output = std::result::Result<Arc<ModelList>, Error>> + Send + 'static,
    ) -> Either<Self, String> {
        let kept: Arc<OnceLock<Arc<ModelList>>> = Arc::default();
        let place = kept.clone();
        let work = async move {
            let models = models.await?;
            Ok(place.get_or_init(|| models).version.to_string())
        };
        match Call::single(hub, work) {
            Ok(call) => Either::A(Self { call, models: kept }),
            Err(error) => Either::B(error.to_json()),
        }
    }
}

#[napi]
impl NativeCall {
    /// The number by which its results are known.
    #[napi(catch_unwind)]
    pub fn id(&self) -> u32 {
        self.call.mailbox().id()
    }

    /// What is there, as `[id,flag,item,…]`; `null` means that the hub will wake.
    #[napi(catch_unwind)]
    pub fn pull<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        self.call
            .mailbox()
            .pull()
            .map(|text| js_string(env, &text))
            .transpose()
    }

    /// Fills `target` with the bytes that the last batch told of; its length is what the batch said.
    #[napi(catch_unwind)]
    pub fn take_bytes(&self, mut target: Uint8Array) {
        // Safety: JavaScript made the array for this call and touches it only after.
        let mut rest: &mut [u8] = unsafe { target.as_mut() };
        for bytes in self.call.mailbox().take_bytes() {
            let Some((place, after)) = std::mem::take(&mut rest).split_at_mut_checked(bytes.len()) else {
                return;
            };
            place.copy_from_slice(&bytes);
            rest = after;
        }
    }

    /// Lets the stream flow: `chunks`, `text`, `deltas`, `bytes` or `events`, with events for content and reasoning.
    #[napi(catch_unwind)]
    pub fn flow(&self, mode: String, content_events: bool, reasoning_events: bool) {
        let mode = match mode.as_str() {
            "text" => Mode::Text,
            "deltas" => Mode::Deltas,
            "bytes" => Mode::Bytes,
            "events" => Mode::Events,
            _ => Mode::Chunks,
        };
        self.call.flow(Flow {
            mode,
            content_events,
            reasoning_events,
        });
    }

    /// The stream's properties as JSON text.
    #[napi(catch_unwind)]
    pub fn properties(&self) -> Option<String> {
        self.call.progress().map(Progress::properties_json)
    }

    /// What the client keeps of the stream, as JSON text.
    #[napi(catch_unwind)]
    pub fn outcome(&self) -> Option<String> {
        self.call.progress().map(Progress::outcome_json)
    }

    /// The completion so far as JSON text.
    #[napi(catch_unwind)]
    pub fn partial<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        let progress = self.call.progress();
        let json = progress.map(|progress| progress.completion().to_json());
        json.map(|json| js_string(env, &json)).transpose()
    }

    /// The whole completion with `_metadata`, as JSON text.
    #[napi(catch_unwind)]
    pub fn completion<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        let json = self.call.progress().map(Progress::final_json);
        json.map(|json| js_string(env, &json)).transpose()
    }

    /// The error of an aborted stream with what it had brought, as JSON text.
    #[napi(catch_unwind)]
    pub fn abort_error<'env>(&self, env: &'env Env) -> Result<JsString<'env>> {
        js_string(env, &self.call.abort_error().to_json())
    }

    /// The models that a call for them brought, as JSON text.
    #[napi(catch_unwind)]
    pub fn models_text<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        self.models
            .get()
            .map(|models| js_string(env, &models.text))
            .transpose()
    }

    /// Ends it; what has come is still delivered, then the abort.
    #[napi(catch_unwind)]
    pub fn abort(&self) {
        self.call.abort();
    }
}
