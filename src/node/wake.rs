//! The function that wakes a JavaScript thread from any thread.
//!
//! napi-rs has such functions too, but theirs has no async resource. Tools such as Jest's `--detectOpenHandles` ask the
//! resource whether it keeps the process alive (`hasRef`), and report a function without one as a leak.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::{Function, Object, retain_current_module_for_unload_safety};
use napi::{Env, Error, JsValue, Result, Status, sys};

/// The type of the async resource.
const NAME: &str = "OpenRouterHub";

/// A thread-safe function of Node-API, without arguments and without a limit of calls.
#[derive(Clone)]
pub(super) struct Wake(Arc<Mutex<Raw>>);

/// Null once the JavaScript thread has ended.
struct Raw(sys::napi_threadsafe_function);

// Safety: Node-API allows calls of a thread-safe function from any thread. The pointer is used only under the lock of
// `Wake`, and the finalizer removes it under the same lock before Node frees the function.
unsafe impl Send for Raw {}

impl Wake {
    /// Creates a function that calls `wake`, and does not keep the process alive. `resource` is its async resource.
    pub(super) fn new(env: &Env, wake: &Function<'_, (), ()>, resource: &Object<'_>) -> Result<Self> {
        // The threads of the network outlive a worker, so the code of this addon must stay in memory.
        retain_current_module_for_unload_safety();
        let name = env.create_string(NAME)?;
        let this = Self(Arc::new(Mutex::new(Raw(ptr::null_mut()))));
        let mut raw = ptr::null_mut();
        let finalized = Arc::into_raw(this.0.clone()).cast_mut().cast::<c_void>();
        // Safety: all values belong to `env`, and `finalize` takes back the reference that `finalized` is.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                wake.raw(),
                resource.raw(),
                name.raw(),
                0,
                1,
                finalized,
                Some(finalize),
                ptr::null_mut(),
                None,
                &raw mut raw,
            )
        };
        if status != sys::Status::napi_ok {
            // Safety: the function was not created, so `finalize` will not take the reference back.
            drop(unsafe { Arc::from_raw(finalized.cast_const().cast::<Mutex<Raw>>()) });
            return Err(Error::new(
                Status::from(status),
                "The function that wakes JavaScript was not created.",
            ));
        }
        this.lock(|held| *held = Raw(raw));
        this.hold(env, false);
        Ok(this)
    }

    /// Wakes JavaScript. Does nothing once its thread has ended.
    pub(super) fn call(&self) {
        self.lock(|held| {
            if held.0.is_null() {
                return;
            }
            // Safety: the function exists, because `finalize` has not removed the pointer. A null call-back makes Node call the
            // JavaScript function without arguments, so that no data is needed.
            let status = unsafe {
                sys::napi_call_threadsafe_function(
                    held.0,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
            if status == sys::Status::napi_closing {
                // Node may free the function from here on.
                held.0 = ptr::null_mut();
            }
        });
    }

    /// Makes further calls do nothing, because the JavaScript thread ends.
    pub(super) fn forget(&self) {
        self.lock(|held| held.0 = ptr::null_mut());
    }

    /// Keeps the process alive if `on` is true; else lets it end.
    pub(super) fn hold(&self, env: &Env, on: bool) {
        self.lock(|held| {
            if held.0.is_null() {
                return;
            }
            // Safety: the function exists, and this runs on the thread that created it. The status is ignored, because both
            // functions fail only while the environment shuts down, when there is nothing to keep alive.
            unsafe {
                match on {
                    true => sys::napi_ref_threadsafe_function(env.raw(), held.0),
                    false => sys::napi_unref_threadsafe_function(env.raw(), held.0),
                };
            }
        });
    }

    fn lock(&self, work: impl FnOnce(&mut Raw)) {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Called by Node on the JavaScript thread when that thread ends, before the function is freed.
unsafe extern "C" fn finalize(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // Safety: `data` is the reference that `Wake::new` has handed over, and Node calls this once.
    let shared = unsafe { Arc::from_raw(data.cast_const().cast::<Mutex<Raw>>()) };
    shared.lock().unwrap_or_else(PoisonError::into_inner).0 = ptr::null_mut();
}
