//! The hub of a JavaScript thread: one thread-safe function, which is woken for all calls. It keeps the process alive only
//! while JavaScript says that it waits for something.

use std::sync::Arc;

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, JsString, Result, Status, sys};
use napi_derive::napi;

use super::panics::hide_messages;
use super::strings::js_string;
use crate::delivery::Hub;

type Wake = ThreadsafeFunction<(), (), (), Status, false, true>;

/// See `delivery::Hub`.
#[napi]
pub struct NativeHub {
    pub(super) hub: Arc<Hub>,
    wake: Arc<Wake>,
}

/// Makes the hub of this JavaScript thread; `wake` is called when there is something to drain.
#[napi(catch_unwind)]
pub fn connect(wake: Function<'_, (), ()>) -> Result<NativeHub> {
    hide_messages();
    let wake: Arc<Wake> = Arc::new(
        wake.build_threadsafe_function()
            .callee_handled::<false>()
            .weak::<true>()
            .build()?,
    );
    let caller = wake.clone();
    let hub = Hub::new(Box::new(move || {
        caller.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }));
    Ok(NativeHub { hub, wake })
}

#[napi]
impl NativeHub {
    /// All that is ready, as JSON text.
    #[napi(catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env) -> Result<JsString<'env>> {
        js_string(env, &self.hub.drain())
    }

    /// What there is for the calls `ids`, as JSON text; those with nothing will wake.
    #[napi(catch_unwind)]
    pub fn pull<'env>(&self, env: &'env Env, ids: Vec<u32>) -> Result<Option<JsString<'env>>> {
        self.hub.pull(&ids).map(|text| js_string(env, &text)).transpose()
    }

    /// JavaScript does not wait for the calls `ids` any more.
    #[napi(catch_unwind)]
    pub fn rest(&self, ids: Vec<u32>) {
        self.hub.rest(&ids);
    }

    /// Keeps the process alive from here on (`true`), or no longer.
    #[napi(catch_unwind)]
    pub fn hold(&self, env: &Env, on: bool) {
        let raw = self.wake.raw();
        // Safety: the function lives as long as `self.wake`, and this runs on the thread that made it. What these
        // calls can report is that the environment is going away, when there is nothing left to hold.
        unsafe {
            match on {
                true => sys::napi_ref_threadsafe_function(env.raw(), raw),
                false => sys::napi_unref_threadsafe_function(env.raw(), raw),
            };
        }
    }
}

impl Drop for NativeHub {
    fn drop(&mut self) {
        // The JavaScript thread ends: nothing of its calls can be delivered any more.
        self.hub.closed.cancel();
    }
}
