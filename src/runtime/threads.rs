//! The network threads of the process. Each has a runtime of its own, so that it drives the connections that it opened, and a
//! call stays on one thread. The pools of connections are per thread, see `transport::shared`; everything else is shared.
//!
//! A further thread is used only when the ones before it are full, because each thread needs connections of its own: with as many
//! calls on a thread as there are on one HTTP/2 connection, more threads do not open more connections.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle, Runtime};

use super::read_coalescer;
use crate::error::{Error, ErrorKind};

/// The largest number of network threads.
pub const MOST: usize = 16;
/// How many calls a thread has before the next thread gets calls.
pub const FULL: usize = 64;

static THREADS: [Thread; MOST] = [const { Thread::new() }; MOST];
/// How many threads there may be.
static WANTED: AtomicUsize = AtomicUsize::new(1);

thread_local! {
    /// The number of this network thread; 0 on any other thread.
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// A network thread. It is never stopped, because stopping a runtime while a Node worker unloads is what crashes other addons.
struct Thread {
    /// Empty until a call needs the thread; `None` if the operating system did not start it.
    runtime: OnceLock<Option<Runtime>>,
    /// How many calls it has.
    calls: AtomicUsize,
}

impl Thread {
    const fn new() -> Self {
        Self {
            runtime: OnceLock::new(),
            calls: AtomicUsize::new(0),
        }
    }

    /// Returns the handle of the thread `number`, which is started if it was not; `None` if it cannot be started.
    fn handle(&self, number: usize) -> Option<&Handle> {
        self.runtime
            .get_or_init(|| start(number))
            .as_ref()
            .map(Runtime::handle)
    }
}

fn start(number: usize) -> Option<Runtime> {
    let name = match number {
        0 => "openrouter".to_owned(),
        _ => format!("openrouter-{}", number + 1),
    };
    Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(4)
        .thread_name(name)
        .enable_all()
        .on_thread_start(move || NUMBER.set(number))
        .on_thread_park(read_coalescer::before_park)
        .build()
        .ok()
}

/// A place of a call on a network thread. It is released when it is dropped.
#[derive(Debug)]
pub struct Place {
    number: usize,
    /// The runtime of the thread.
    pub handle: &'static Handle,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(thread) = THREADS.get(self.number) {
            thread.calls.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Allows `count` network threads. Threads are not taken away again: the largest number that was ever allowed counts.
pub fn allow(count: usize) {
    WANTED.fetch_max(count.clamp(1, MOST), Ordering::Relaxed);
}

/// Returns a place for a call, on a thread that is started if necessary.
///
/// # Errors
/// `connection_failed` if the operating system could not start the first thread. If it does not start another one, the call gets
/// a place on the first.
pub fn place() -> Result<Place, Error> {
    let allowed = WANTED.load(Ordering::Relaxed);
    let calls = THREADS.iter().take(allowed);
    let number = choose(calls.map(|thread| thread.calls.load(Ordering::Relaxed)));
    let other = THREADS
        .get(number)
        .and_then(|thread| Some((number, thread.handle(number)?)));
    let (number, handle) = match other {
        Some(found) => found,
        None => (0, handle()?),
    };
    if let Some(thread) = THREADS.get(number) {
        thread.calls.fetch_add(1, Ordering::Relaxed);
    }
    Ok(Place { number, handle })
}

/// Returns the handle of the first thread, which is started if it was not.
///
/// # Errors
/// `connection_failed` if the operating system could not start the thread.
pub fn handle() -> Result<&'static Handle, Error> {
    let [first, ..] = &THREADS;
    first.handle(0).ok_or_else(|| {
        Error::new(
            ErrorKind::ConnectionFailed,
            "The network thread could not be started: the system gives this process no more threads. Raise its limit \
             (ulimit -u, or that of the container).",
        )
    })
}

/// Returns the number of this network thread, below [`MOST`]; 0 on any other thread.
pub fn number() -> usize {
    NUMBER.get()
}

/// Returns the number of the thread for the next call, given how many calls each thread has: the first one that is not full, else
/// the one with the fewest.
fn choose(calls: impl Iterator<Item = usize>) -> usize {
    let mut best = (0, usize::MAX);
    for (number, calls) in calls.enumerate() {
        if calls < FULL {
            return number;
        }
        if calls < best.1 {
            best = (number, calls);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_filled_one_after_another_and_then_evenly() {
        let mut calls = [0; 3];
        let mut order = Vec::new();
        for _ in 0..3 * FULL + 4 {
            let number = choose(calls.iter().copied());
            calls[number] += 1;
            order.push(number);
        }
        let expected = [0, 1, 2].map(|number| [number; FULL]).concat();
        assert_eq!(order[..3 * FULL], expected);
        assert_eq!(order[3 * FULL..], [0, 1, 2, 0]);
        calls[1] = 5;
        assert_eq!(choose(calls.iter().copied()), 1);
    }
}
