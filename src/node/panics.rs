//! The panic hook. A panic is a bug in this package: the promise of the call is rejected, and a line on stderr names the
//! source location. The message of the panic is not printed, because it may contain text of a prompt or an answer.

use std::io::{self, Write};
use std::panic;
use std::sync::Once;

/// Sets a panic hook that prints the location of a panic instead of its message. Other addons are not affected, because they
/// have panic hooks of their own.
pub(super) fn hide_messages() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            // The result is ignored, because a failure to write to stderr cannot be reported anywhere.
            let _ = writeln!(
                io::stderr(),
                "[OpenRouter] A fault of openrouter-native at {place}. The call was rejected; please report this."
            );
        }));
    });
}
