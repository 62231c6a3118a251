//! What a bug in this package leaves behind: a rejected promise, and a line on stderr that says where it is. The message of the
//! panic is not printed, because it may hold a user's text.

use std::io::{self, Write};
use std::panic;
use std::sync::Once;

/// Prints the place of a panic instead of its message. Other addons have panic hooks of their own.
pub(super) fn hide_messages() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            // Without a stderr there is nobody to tell, so the result is ignored.
            let _ = writeln!(
                io::stderr(),
                "[OpenRouter] A fault of openrouter-native at {place}. The call was rejected; please report this."
            );
        }));
    });
}
