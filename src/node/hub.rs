//! The hub of a JavaScript thread. One thread-safe function wakes the thread for all calls. It keeps the process alive only
//! while JavaScript waits for a result.

use std::sync::Arc;

use napi::bindgen_prelude::{Function, Object};
use napi::{Env, JsString, Result};
use napi_derive::napi;

use super::panics::hide_messages;
use super::strings::js_string;
use super::wake::Wake;
use crate::delivery::Hub;

/// A `delivery::Hub` for JavaScript.
#[napi]
pub struct NativeHub {
    pub(super) hub: Arc<Hub>,
    wake: Wake,
}

/// Creates the hub of this JavaScript thread. `wake` is called when batches are ready to be drained; `resource` is the async
/// resource of these calls.
#[napi(catch_unwind)]
pub fn connect(env: &Env, wake: Function<'_, (), ()>, resource: Object<'_>) -> Result<NativeHub> {
    hide_messages();
    let wake = Wake::new(env, &wake, &resource)?;
    let caller = wake.clone();
    let hub = Hub::new(Box::new(move || caller.call()));
    // Deno runs no finalizer when a worker is terminated, but this hook: without it the calls of the worker went on.
    let (ended, closed) = (wake.clone(), hub.closed.clone());
    env.add_env_cleanup_hook((), move |()| {
        ended.forget();
        closed.cancel();
    })?;
    Ok(NativeHub { hub, wake })
}

#[napi]
impl NativeHub {
    /// Returns all batches that are ready, as JSON text.
    #[napi(catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env) -> Result<JsString<'env>> {
        js_string(env, &self.hub.drain())
    }

    /// Returns the batches of the calls `ids` as JSON text; `null` if there are none. The hub wakes JavaScript for their
    /// next batches.
    #[napi(catch_unwind)]
    pub fn pull<'env>(&self, env: &'env Env, ids: Vec<u32>) -> Result<Option<JsString<'env>>> {
        self.hub.pull(&ids).map(|text| js_string(env, &text)).transpose()
    }

    /// Stops waking JavaScript for the calls `ids`.
    #[napi(catch_unwind)]
    pub fn rest(&self, ids: Vec<u32>) {
        self.hub.rest(&ids);
    }

    /// Keeps the process alive if `on` is true; else lets it end.
    #[napi(catch_unwind)]
    pub fn hold(&self, env: &Env, on: bool) {
        self.wake.hold(env, on);
    }
}

impl Drop for NativeHub {
    fn drop(&mut self) {
        // The JavaScript thread ends, so nothing more can be delivered to it: cancel its calls.
        self.hub.closed.cancel();
    }
}
