//! The process-wide tokio runtimes: a single network thread, which the first request starts, unless the option `networkThreads`
//! allows more.

pub mod read_coalescer;
pub mod threads;
pub mod token_bucket;

pub use threads::handle;

use tokio::runtime::Handle;

use crate::error::Error;

/// Returns the handle of this network thread; on another thread, that of the first one.
///
/// # Errors
/// As [`handle`].
pub fn current() -> Result<Handle, Error> {
    Handle::try_current().or_else(|_| handle().cloned())
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
