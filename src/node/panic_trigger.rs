//! Functions that panic, for the tests of panics. Released builds do not contain them.

#![allow(clippy::panic)]

use napi::bindgen_prelude::Either;
use napi_derive::napi;

use super::call::NativeCall;
use super::hub::NativeHub;
use crate::call::Call;

/// Panics in a function that JavaScript calls.
#[napi(catch_unwind)]
pub fn panic_here(words: String) {
    panic!("{words}");
}

/// Panics in a task on the network thread.
#[napi(catch_unwind)]
pub fn panic_in_call(hub: &NativeHub, words: String) -> Either<NativeCall, String> {
    NativeCall::from(Call::single(&hub.hub, async move { panic!("{words}") }))
}
