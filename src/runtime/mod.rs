//! The one runtime of the process: a single network thread, started by the first request and never stopped, because
//! stopping it while a Node worker unloads is what crashes other addons (I6).

pub mod read_coalescer;
pub mod token_bucket;

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, ErrorKind};

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// A handle to the runtime, which this starts when it is the first to ask.
pub fn handle() -> Result<&'static Handle, Error> {
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(1)
                .max_blocking_threads(4)
                .thread_name("openrouter")
                .enable_all()
                .on_thread_park(read_coalescer::before_park)
                .build()
                .ok()
        })
        .as_ref()
        .map(Runtime::handle)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::ConnectionFailed,
                "The network thread could not be started: the system gives this process no more threads.",
            )
        })
}
