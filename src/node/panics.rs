//! What a fault of ours leaves behind: a rejected promise, and a line on stderr that tells where it was, never what was
//! at hand: a panic's own words may hold somebody's text.

use std::io::{self, Write};
use std::panic;
use std::sync::Once;

/// Has panics of this addon told without their words. Other addons have their own.
pub(super) fn tell_where_only() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            // A process without a stderr has nobody to tell.
            let _ = writeln!(
                io::stderr(),
                "[OpenRouter] A fault of openrouter-native at {place}. The call was rejected; please report this."
            );
        }));
    });
}

/// Panics at will, for the tests; no build that ships has it.
#[cfg(feature = "panic-trigger")]
#[allow(clippy::panic)]
mod trigger {
    use napi::bindgen_prelude::Either;
    use napi_derive::napi;

    use super::super::call::NativeCall;
    use super::super::hub::NativeHub;
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
}
