//! The process-wide tokio runtime: a single network thread, which the first request starts. It is never stopped, because
//! stopping a runtime while a Node worker unloads is what crashes other addons.

pub mod read_coalescer;
pub mod token_bucket;

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, ErrorKind};

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// Returns the handle of the runtime. The first call starts the runtime.
///
/// # Errors
/// `connection_failed` if the operating system could not start the thread.
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
                "The network thread could not be started: the system gives this process no more threads. Raise its limit \
                 (ulimit -u, or that of the container).",
            )
        })
}

/// How large a text may be that is read on the network thread. All calls of the process share it, so that none may hold it for
/// more than a few milliseconds.
const LARGE: usize = 256 << 10;

/// Does work that takes time in proportion to `bytes`: a small amount at once, a large one on another thread.
///
/// # Errors
/// If the work panics.
pub async fn off_thread_if_large<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    match bytes < LARGE {
        true => Ok(work()),
        false => tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Error::internal()),
    }
}
