//! The native half of a call. When JavaScript garbage-collects it, the call is cancelled and its connection closed.

use std::sync::{Arc, OnceLock};

use napi::bindgen_prelude::{Either, Uint8Array};
use napi::{Env, JsString, Result};
use napi_derive::napi;

use super::strings::js_string;
use crate::account::ModelList;
use crate::call::Call;
use crate::delivery::{Flow, Hub, Mode};
use crate::error::Error;
use crate::transport::LastHead;

/// A `call::Call` for JavaScript.
#[napi]
pub struct NativeCall {
    call: Call,
    /// The list that a call for models has read. Kept here, because the cache may have removed it since.
    models: Arc<OnceLock<Arc<ModelList>>>,
    head: LastHead,
}

impl NativeCall {
    /// Returns the call, or the error as JSON text if the call could not be started.
    pub(super) fn from(call: std::result::Result<Call, Error>) -> Either<Self, String> {
        Self::answered(call, LastHead::default())
    }

    /// Like [`NativeCall::from`], for a call whose head JavaScript may ask for.
    pub(super) fn answered(call: std::result::Result<Call, Error>, head: LastHead) -> Either<Self, String> {
        match call {
            Ok(call) => Either::A(Self {
                call,
                models: Arc::default(),
                head,
            }),
            Err(error) => Either::B(error.to_json()),
        }
    }

    /// Starts a call for a list of models. The result is the version of the list; the call keeps the list itself.
    pub(super) fn of_models(
        hub: &Arc<Hub>,
        models: impl Future<Output = std::result::Result<Arc<ModelList>, Error>> + Send + 'static,
        head: LastHead,
    ) -> Either<Self, String> {
        let kept: Arc<OnceLock<Arc<ModelList>>> = Arc::default();
        let place = kept.clone();
        let work = async move {
            let models = models.await?;
            Ok(place.get_or_init(|| models).version.to_string())
        };
        match Call::single(hub, work) {
            Ok(call) => Either::A(Self {
                call,
                models: kept,
                head,
            }),
            Err(error) => Either::B(error.to_json()),
        }
    }
}

#[napi]
impl NativeCall {
    /// Returns the id of the call, with which each of its batches begins.
    #[napi(catch_unwind)]
    pub fn id(&self) -> u32 {
        self.call.mailbox().id()
    }

    /// Returns the batch that is ready, as `[id,flag,item,…]`. `null` means that the hub will wake JavaScript for the next
    /// one.
    #[napi(catch_unwind)]
    pub fn pull<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        self.call
            .mailbox()
            .pull()
            .map(|text| js_string(env, &text))
            .transpose()
    }

    /// Fills `target` with the bytes that the last batch announced. The length of `target` must be the number in the batch.
    #[napi(catch_unwind)]
    pub fn take_bytes(&self, mut target: Uint8Array) {
        // Safety: JavaScript created the array for this function call, and does not use it until the function returns.
        let mut rest: &mut [u8] = unsafe { target.as_mut() };
        for bytes in self.call.mailbox().take_bytes() {
            let Some((place, after)) = std::mem::take(&mut rest).split_at_mut_checked(bytes.len()) else {
                return;
            };
            place.copy_from_slice(&bytes);
            rest = after;
        }
    }

    /// Sets how the stream is read. `mode` is `chunks`, `named`, `text`, `deltas`, `bytes` or `events`; the flags add events for
    /// content and reasoning.
    #[napi(catch_unwind)]
    pub fn flow(&self, mode: String, content_events: bool, reasoning_events: bool) {
        let mode = match mode.as_str() {
            "text" => Mode::Text,
            "deltas" => Mode::Deltas,
            "bytes" => Mode::Bytes,
            "events" => Mode::Events,
            "named" => Mode::Named,
            _ => Mode::Chunks,
        };
        self.call.flow(Flow {
            mode,
            content_events,
            reasoning_events,
        });
    }

    /// Returns the properties of the stream as JSON text; `null` before the stream is open.
    #[napi(catch_unwind)]
    pub fn properties(&self) -> Option<String> {
        self.call.progress().map(|answer| answer.properties_json())
    }

    /// Returns what the client keeps of an ended stream, `{usage, model}`, as JSON text.
    #[napi(catch_unwind)]
    pub fn outcome(&self) -> Option<String> {
        self.call.progress().map(|answer| answer.outcome_json())
    }

    /// Returns the completion so far, as JSON text.
    #[napi(catch_unwind)]
    pub fn partial<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        let json = self.call.progress().map(|answer| answer.partial_json());
        json.map(|json| js_string(env, &json)).transpose()
    }

    /// Returns the whole completion with `_metadata`, as JSON text.
    #[napi(catch_unwind)]
    pub fn completion<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        let json = self.call.progress().map(|answer| answer.final_json());
        json.map(|json| js_string(env, &json)).transpose()
    }

    /// Returns the error of an aborted call, with what its stream had received, as JSON text.
    #[napi(catch_unwind)]
    pub fn abort_error<'env>(&self, env: &'env Env) -> Result<JsString<'env>> {
        js_string(env, &self.call.abort_error().to_json())
    }

    /// Returns the list that a call for models has read, as JSON text.
    #[napi(catch_unwind)]
    pub fn models_text<'env>(&self, env: &'env Env) -> Result<Option<JsString<'env>>> {
        self.models
            .get()
            .map(|models| js_string(env, &models.text))
            .transpose()
    }

    /// Returns the head of the last response as JSON text, see `transport::Head`; `null` if no request was needed.
    #[napi(catch_unwind)]
    pub fn head(&self) -> Option<String> {
        self.head.to_json()
    }

    /// Aborts the call. What has arrived is still delivered, then the error.
    #[napi(catch_unwind)]
    pub fn abort(&self) {
        self.call.abort();
    }
}
